# SPDX-License-Identifier: Apache-2.0
"""The environment gate: a condition that would spoil the measurement ends the run before its load, in the signed bundle too."""
import unittest

from command_line import CommandLine

PROFILE = """
schema: rackproof/profile/1
name: gated
revision: 1
extends: one-step-host
environment:
  host.swap: {{on: cpu, required: {required}}}
"""
SWAP_IN_USE = "SwapTotal: 2048 kB\nSwapFree: 1024 kB\n"
NO_SWAP = "SwapTotal: 0 kB\nSwapFree: 0 kB\n"


class Environment(CommandLine):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "root"
        (self.root / "proc").mkdir(parents=True)
        self.profile()

    def profile(self, required="true"):
        (self.folder / "gated.yaml").write_text(PROFILE.format(required=required))

    def meminfo(self, text):
        (self.root / "proc/meminfo").write_text(text)

    def run_gated(self, *words, code):
        return self.rackproof("run", "./gated.yaml", "--root", self.root, "--out", "bundle", *words, code=code)

    def test_a_bad_condition_is_invalid_before_any_load(self):
        self.meminfo(SWAP_IN_USE)
        done = self.run_gated(code=4)
        self.assertIn("host host.swap: 1 MiB of 2 MiB swap in use, wanted at most 0 B; to do: swapoff -a", done.stdout)
        self.assertNotIn("[ 1/", done.stdout)  # no step began
        report = self.report("bundle")
        self.assertEqual(report["verdict"], "INVALID")
        self.assertEqual({row["outcome"] for row in report["tasks"]}, {"never ran"})
        self.assertEqual(report["environment"][0]["looks"][0]["state"], "bad")
        self.assertEqual(report["problems"][0]["next_step"], "swapoff -a; then run again")
        self.assertIn("host.swap", (self.folder / "bundle/report.html").read_text())
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=4)
        shell = self.verify_sh(self.folder / "bundle")
        self.assertEqual(shell.returncode, 4, shell.stdout + shell.stderr)

    def test_a_gate_that_passes_passes(self):
        self.meminfo(NO_SWAP)
        done = self.run_gated(code=0)
        self.assertIn("Environment: 1 of 1 conditions hold", done.stdout)
        looks = self.report("bundle")["environment"][0]["looks"]
        self.assertEqual([look["when"] for look in looks], ["before load", "after load"])
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=0)

    def test_what_cannot_be_read_is_incomplete(self):
        self.run_gated(code=3)
        row = self.report("bundle")["environment"][0]
        self.assertEqual(row["looks"][0]["state"], "unknown")
        self.assertIn("meminfo", row["reason"])

    def test_a_condition_that_is_not_required_is_only_told(self):
        self.meminfo(SWAP_IN_USE)
        self.profile(required="false")
        done = self.run_gated(code=0)
        self.assertIn("(not required)", done.stdout)

    def test_keep_going_loads_and_stays_invalid(self):
        self.meminfo(SWAP_IN_USE)
        done = self.run_gated("--keep-going", code=4)
        self.assertIn("[ 1/", done.stdout)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=4)

    def test_a_dry_run_shows_it_as_it_is_now(self):
        self.meminfo(SWAP_IN_USE)
        done = self.run_gated("--dry-run", code=0)
        self.assertIn("BAD  host host.swap: 1 MiB of 2 MiB swap in use", done.stdout)
        self.assertFalse((self.folder / "bundle").exists())

    def test_a_resume_in_a_bad_environment_leaves_the_run_to_be_resumed(self):
        self.meminfo(NO_SWAP)
        process = self.start("run", "./gated.yaml", "--root", self.root, "--out", "bundle")
        self.wait_for_line(process, "[ 2/")
        process.kill()
        process.wait()
        self.meminfo(SWAP_IN_USE)
        refused = self.rackproof("run", "--resume", "bundle", code=4)
        self.assertIn("swapoff -a", refused.stderr)
        self.meminfo(NO_SWAP)
        self.rackproof("run", "--resume", "bundle", code=0)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=0)


if __name__ == "__main__":
    unittest.main()
