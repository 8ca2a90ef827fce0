# SPDX-License-Identifier: Apache-2.0
"""Nonsense on the command line: one clear message, exit code 64, nothing run, nothing left."""
import pathlib
import subprocess
import unittest

from command_line import RACKPROOF, CommandLine

RACK = "rack nodes=1 devices=4 memory=64MiB cores=4 bandwidth=400GB/s fp32=20TFLOP/s\n"


class BadInput(CommandLine):
    def refused(self, *words, says):
        done = self.rackproof(*words, code=64)
        self.assertIn(says, done.stderr + done.stdout)
        self.assertFalse((self.folder / "bundle/journal").exists())

    def test_words(self):
        self.refused(says="subcommand")
        self.refused("runn", says="did you mean 'run'?")
        self.refused("run", "--stagee", "x", says="did you mean '--stage'?")
        self.refused("profile", "chek", says="did you mean 'check'?")
        self.refused("stress", "compute.gemm", "--for", "1e20 s", says="at most 366 d")
        self.refused("stress", "compute.gem", says="did you mean 'compute.gemm'?")
        self.refused("stress", "compute.gemm", "--with", "dtyp=fp32", says="did you mean 'dtype'?")
        self.refused("stress", "compute.gemm", "--with", "dtype=fp23", says="did you mean 'fp32'?")
        self.refused("stress", "compute.gemm", "--with", "size=1", says="out of range")
        self.refused("stress", "compute.gemm", "--for", "10", says="lacks its unit")
        self.refused("stress", "compute.gemm", "--for", "one pass", says="does not run by passes; give a time")
        self.refused("stress", "compute.gemm", "--on", "gpu", says="no device or kind is named 'gpu'")
        self.refused("stressors", "nope", says="unknown stressor 'nope'")
        self.refused("verify", "nowhere", says="nowhere")
        self.refused("run", "tiny-host", "--nonce", "XYZ", "--out", "bundle", says="hex digits")
        self.refused("run", "tiny-host", "--sensor-rate", "fast", "--dry-run", says="--sensor-rate: 'fast' is not a number")
        self.refused("run", "tiny-host", "--stage", "quik", "--out", "bundle", says="did you mean 'quick'?")
        self.refused("run", "tiny-hots", "--out", "bundle", says="tiny-hots")
        self.refused("run", "tiny-synthetic", "--synthetic", RACK + "n0-d9 slow=20%\n", "--out", "bundle", says="n0-d9")
        self.refused("run", "tiny-synthetic", "--synthetic", "rack nodez=1", "--out", "bundle", says="did you mean 'nodes'?")
        self.refused("devices", "--backend", "cuda9", says="cuda9")

    def test_values_of_variables_that_are_not_set(self):
        for words in (["--nonce", ""], ["--key", ""], ["--out", ""], ["--synthetic", ""], ["--stage", ""]):
            self.refused("run", "tiny-host", *words, says=f"{words[0]}: is empty")
        self.refused("stress", "compute.gemm", "--with", "", says="--with: is empty")
        self.refused("run", "--out=", "tiny-host", says="--out: is empty")

    def test_a_standard_output_that_takes_nothing(self):
        with open("/dev/full", "w") as full:
            for words in (["profile", "show", "tiny-host"], ["--help"]):
                done = subprocess.run([RACKPROOF, *words], env=self.environment, cwd=self.folder, text=True, stdout=full, stderr=subprocess.PIPE)
                self.assertEqual(done.returncode, 5)
                self.assertIn("the standard output took not all", done.stderr)

    def test_words_that_a_resumed_run_would_pass_over(self):
        (self.folder / "bundle").mkdir()
        for words in (["tiny-host"], ["--dry-run"], ["--stage", "quick"], ["--keep-going"], ["--synthetic", RACK], ["--nonce", "0" * 16]):
            self.refused("run", "--resume", "bundle", *words, says="excludes")
        self.refused("run", "tiny-host", "--operator", b"\xff".decode(errors="surrogateescape"), "--out", "bundle", says="UTF-8")

    def test_a_bundle_that_is_no_folder(self):
        (self.folder / "file").write_text("x")
        self.refused("verify", "file", says="file")
        self.refused("run", "--resume", "file", says="file")

    def test_no_place_for_a_key(self):
        (self.folder / "file").write_text("x")
        self.environment["XDG_CONFIG_HOME"] = str(self.folder / "file")
        self.refused("run", "tiny-host", "--out", "bundle", says=str(self.folder / "file"))
        del self.environment["XDG_CONFIG_HOME"]
        self.environment.pop("HOME", None)
        self.refused("run", "tiny-host", "--out", "bundle", says="neither XDG_CONFIG_HOME nor HOME is set")

    def test_json_of_an_error_is_nothing_on_stdout(self):
        done = self.rackproof("run", "tiny-hots", "--json", "--out", "bundle", code=64)
        self.assertEqual(done.stdout, "")
        self.assertIn("tiny-hots", done.stderr)

    def test_output_folders(self):
        (self.folder / "file").write_text("x")
        self.refused("run", "tiny-host", "--out", "file/bundle", says="cannot create the output folder")
        self.refused("run", "tiny-host", "--out", "/proc/bundle", says="cannot create the output folder")
        (self.folder / "full").mkdir()
        (self.folder / "full/x").write_text("x")
        self.refused("run", "tiny-host", "--out", "full", says="not empty")

    def test_keys(self):
        self.refused("run", "tiny-host", "--key", "nokey.pem", "--out", "bundle", says="nokey.pem")
        (self.folder / "junk.pem").write_text("junk")
        (self.folder / "junk.pem").chmod(0o600)
        self.refused("run", "tiny-host", "--key", "junk.pem", "--out", "bundle", says="junk.pem")
        self.rackproof("keygen", "k.pem", code=0)
        self.refused("keygen", "k.pem", says="a key is not overwritten")
        (self.folder / "k.pem").chmod(0o644)
        self.refused("run", "tiny-host", "--key", "k.pem", "--out", "bundle", says="chmod 600")

    def test_profiles(self):
        good = "schema: rackproof/profile/1\nname: p\nrevision: 1\ntitle: t\nconfidence: derived\n"
        hardware = "hardware: {node: {accelerators: [{kind: cpu, count: 1}]}}\n"
        stages = "stages:\n  - stage: quick\n    purpose: x\n    steps:\n      - {run: compute.gemm, on: cpu, for: 2 s}\n"
        cases = {
            good + hardware + stages.replace("for: 2 s", "durration: 2 s"): "durration",
            good + hardware + stages.replace("compute.gemm", "compute.gem"): "did you mean 'compute.gemm'?",
            good + hardware + stages.replace("for: 2 s", "for: 2"): "lacks its unit",
            good + hardware + hardware + stages: "hardware",
            good.replace("name: p", "name: p\nextends: p") + hardware + stages: "extends",
            good + hardware + stages.replace("for: 2 s", "for: 2 s, with: {sizze: 5}"): "did you mean 'size'?",
            "\x00\x01": "p.yaml",
            "": "p.yaml",
        }
        for text, says in cases.items():
            with self.subTest(says=says):
                (self.folder / "p.yaml").write_text(text)
                self.refused("profile", "check", "p.yaml", says=says)
        (self.folder / "p.yaml").write_text(good + hardware + stages)
        self.assertIn("good", self.rackproof("profile", "check", "p.yaml", code=0).stdout)

    def test_the_profile_in_the_documentation_is_good(self):
        page = (pathlib.Path(__file__).parent.parent / "docs/how-to/add-a-rack.md").read_text()
        (self.folder / "my-rack.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
        self.assertIn("good", self.rackproof("profile", "check", "my-rack.yaml", code=0).stdout)

    def test_both_shipped_profiles_are_good(self):
        for name in ("generic-host", "synthetic-rack"):
            self.assertIn("good", self.rackproof("profile", "check", name, code=0).stdout)


if __name__ == "__main__":
    unittest.main()
