# SPDX-License-Identifier: Apache-2.0
"""Completion as the shells do it, and the manual as man(1) shows it. A shell that is not installed is skipped."""
import os
import shutil
import subprocess
import unittest

from command_line import RACKPROOF, CommandLine

BASH = r"""
set -u
source <("$1" completion bash)
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
_rackproof
printf '%s\n' "${COMPREPLY[@]-}"
"""


class Completion(CommandLine):
    def bash(self, *words):
        done = subprocess.run(["bash", "-c", BASH, "bash", os.path.abspath(RACKPROOF), os.path.abspath(RACKPROOF), *words], env=self.environment,
                              cwd=self.folder, text=True, capture_output=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return [line for line in done.stdout.split("\n") if line]

    def test_bash_completes_subcommands(self):
        self.assertEqual(self.bash("ver"), ["verify", "version"])
        self.assertEqual(self.bash("profile", "ch"), ["check"])
        self.assertIn("run", self.bash(""))

    def test_bash_completes_options_of_the_subcommand(self):
        self.assertEqual(self.bash("run", "--keep"), ["--keep-going"])
        self.assertEqual(self.bash("verify", "--keep"), [])

    def test_bash_completes_values(self):
        self.assertEqual(self.bash("run", "tiny-h"), ["tiny-host"])
        self.assertEqual(self.bash("stress", "compute.g"), ["compute.gemm"])
        self.assertEqual(self.bash("run", "tiny-host", "--stage", "q"), ["quick"])
        self.assertEqual(self.bash("run", "--color", "a"), ["auto", "always"])
        self.assertEqual(self.bash("devices", "--backend", "s"), ["synthetic"])

    def test_bash_completes_parameters_across_its_word_breaks(self):
        self.assertIn("dtype=int8", self.bash("stress", "compute.gemm", "--with", "dt"))
        self.assertEqual(self.bash("stress", "compute.gemm", "--with", "dtype", "=", "int"), ["int8"])
        self.assertEqual(self.bash("run", "--color", "=", "ne"), ["never"])

    def test_bash_completes_folders_and_files(self):
        (self.folder / "a folder").mkdir()
        (self.folder / "a file").touch()
        self.assertEqual(self.bash("verify", "a"), ["a folder"])
        self.assertEqual(self.bash("run", "--key", "a f"), ["a file", "a folder"])

    def test_every_shell_reads_its_script(self):
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell=shell):
                if shutil.which(shell) is None:
                    self.skipTest(f"{shell} is not installed")
                script = self.folder / f"script.{shell}"
                script.write_text(self.rackproof("completion", shell, code=0).stdout)
                done = subprocess.run([shell, "-n", script], text=True, capture_output=True, timeout=60)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_fish_completes_values(self):
        if shutil.which("fish") is None:
            self.skipTest("fish is not installed")
        script = self.folder / "rackproof.fish"
        script.write_text(self.rackproof("completion", "fish", code=0).stdout)
        environment = {**self.environment, "HOME": str(self.folder), "PATH": os.path.dirname(os.path.abspath(RACKPROOF)) + ":" + os.environ["PATH"]}

        def fish(line):
            done = subprocess.run(["fish", "-c", f"source {script}; complete -C '{line}'"], env=environment, cwd=self.folder, text=True,
                                  capture_output=True, timeout=60)
            self.assertEqual(done.stderr, "")
            return [word.split("\t")[0] for word in done.stdout.splitlines()]
        self.assertIn("verify", fish("rackproof ver"))
        self.assertEqual(fish("rackproof stress compute.g"), ["compute.gemm"])
        self.assertEqual(fish("rackproof run --keep"), ["--keep-going"])
        self.assertIn("dtype=int8", fish("rackproof stress compute.gemm --with dt"))
        self.assertEqual(fish("rackproof profile ch"), ["check"])


class Manual(CommandLine):
    def test_man_page_renders_without_a_warning(self):
        if shutil.which("groff") is None:
            self.skipTest("groff is not installed")
        page = self.rackproof("man", code=0).stdout
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page, text=True, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
