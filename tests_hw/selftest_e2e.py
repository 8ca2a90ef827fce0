# SPDX-License-Identifier: Apache-2.0
"""Workers that misbehave on purpose, as a field engineer meets them: verdict, exit code and the one line that says which
part, why and what next. No way passes, and the device beside the culprit is never blamed."""
import concurrent.futures
import subprocess
import unittest

from command_line import RACKPROOF, CommandLine

RACK = "rack nodes=1 devices=2 memory=1MiB cores=2 bandwidth=400GB/s"
PASS, FAIL, INCOMPLETE, INVALID, ERROR = 0, 1, 3, 4, 5
NAMES = {PASS: "PASS", FAIL: "FAIL", INCOMPLETE: "INCOMPLETE", INVALID: "INVALID", ERROR: "ERROR"}
HUNG = "silent for"

# stressor, parameters, exit code, words of the line
WAYS = [
    ("signal", "signal=11", FAIL, "SIGSEGV"),
    ("signal", "signal=9 moment=later", FAIL, "SIGKILL"),
    ("signal", "signal=6 moment=preparing", FAIL, "SIGABRT"),
    ("signal", "signal=15 moment=leaving", FAIL, "after its last word"),
    ("signal", "signal=40 moment=later", FAIL, "SIGRTMIN"),
    ("exit", "code=0 way=_exit moment=later", FAIL, "exit code 0"),
    ("exit", "code=3 way=exit moment=preparing", FAIL, "exit code 3"),
    ("exit", "code=255 way=_exit moment=leaving", FAIL, "exit code 255 after its last word"),
    ("memory", "way=null", FAIL, "SIGSEGV|exit code"),
    ("memory", "way=truncated moment=later", FAIL, "SIGBUS|exit code"),
    ("memory", "way=double_free", FAIL, "SIGABRT|exit code"),
    ("throw", "way=device_error", ERROR, "the device is lost"),
    ("throw", "way=number moment=later", ERROR, "no exception"),
    ("throw", "way=long_text", ERROR, "cut off"),
    ("throw", "way=no_memory moment=preparing", ERROR, "out of host memory"),
    ("throw", "way=unsupported moment=preparing", INCOMPLETE, "not on this device"),
    ("throw", "way=in_a_thread", FAIL, "SIGABRT"),
    ("fd", "way=close_socket", FAIL, "exit code 75"),
    ("fd", "way=replace moment=later", FAIL, "exit code 75"),
    ("lie", "way=digest", FAIL, "digest differs"),
    ("lie", "way=unsampled", FAIL, "miscompares"),
    ("lie", "way=no_digest", ERROR, "no digest"),
    ("lie", "way=nothing_done", ERROR, "did no work"),
    ("lie", "way=foreign_core", ERROR, "core 1000000 of 2"),
    ("lie", "way=ten_fold", ERROR, "bytes in"),
    ("lie", "way=early", ERROR, "done after"),
    ("lie", "way=an_hour", ERROR, "a burst late by 3"),
    ("lie", "way=nan_figure", INVALID, "NaN"),
    ("lie", "way=absurd_figure", INVALID, "ceiling"),
    ("lie", "way=no_figure", INCOMPLETE, "figure"),
    ("lie", "way=blind", INCOMPLETE, "blind detector"),
    ("lie", "way=phantom_fault", INCOMPLETE, "blind detector"),
    ("hang", "way=ignore_signals", FAIL, HUNG),
    ("hang", "way=stop moment=later", FAIL, HUNG),
]
HARMLESS = [("signal", "signal=18"), ("fd", "way=flood_errors moment=later"), ("hang", "way=child"), ("exit", "code=0 way=_exit moment=leaving")]


class Selftest(CommandLine):
    def stress(self, stressor, params, bundle):
        """Runs on a machine have a lock; these share nothing but time, so each has a lock folder of its own."""
        words = [word for param in params.split() for word in ("--with", param)]
        locks = self.folder / f"locks-{bundle}"
        locks.mkdir()
        command = [RACKPROOF, "stress", f"selftest.{stressor}", *words, "--for", "600 ms", "--backend", "synthetic", "--synthetic", RACK,
                   "--out", bundle]
        return subprocess.run(command, env=dict(self.environment, RACKPROOF_LOCK_DIR=str(locks)), cwd=self.folder, text=True,
                              capture_output=True, timeout=300)

    def run_all(self, ways):
        """Most of their time they wait, so four at a time."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda i: self.stress(ways[i][0], ways[i][1], f"bundle{i}"), range(len(ways))))

    def verdict_of(self, report, device):
        return next(row["verdict"] for row in report["devices"] if row["device"] == device)

    def check(self, done, report, code, words):
        self.assertEqual(done.returncode, code, done.stdout[-3000:])
        self.assertEqual(report["verdict"], NAMES[code])
        self.assertEqual(self.verdict_of(report, "n0-d0"), NAMES[code])
        self.assertEqual(self.verdict_of(report, "n0-d1"), "PASS", done.stdout[-3000:])
        problems = [p for p in report["problems"] if p["part"] == "n0-d0"]
        self.assertRegex(" ".join(p["evidence"] for p in problems), words)
        self.assertEqual(len(problems), len(report["problems"]), "a line that names another part")
        for problem in problems:
            self.assertTrue(problem["next_step"])
        self.assertIn("n0-d0", done.stdout)

    def test_no_way_passes_and_each_is_put_on_its_device_with_what_to_do_next(self):
        for i, done in enumerate(self.run_all(WAYS)):
            stressor, params, code, words = WAYS[i]
            with self.subTest(f"selftest.{stressor} {params}"):
                self.check(done, self.report(f"bundle{i}"), code, words)

    def test_what_does_no_harm_passes(self):
        for i, done in enumerate(self.run_all(HARMLESS)):
            with self.subTest(str(HARMLESS[i])):
                self.assertEqual(done.returncode, PASS, done.stdout[-3000:])

    def test_another_device_can_be_the_culprit(self):
        done = self.stress("exit", "code=7 culprit=1", "bundle")
        self.assertEqual(done.returncode, FAIL)
        self.assertEqual(self.verdict_of(self.report("bundle"), "n0-d1"), "FAIL")
        self.assertEqual(self.verdict_of(self.report("bundle"), "n0-d0"), "PASS")

    def test_they_are_hidden_from_every_list_and_explained_by_name(self):
        for words in (["stressors"], ["stressors", "--json"], ["__complete", "stressors"], ["man"], ["--help"], ["stress", "--help"],
                      ["completion", "bash"], ["completion", "zsh"], ["completion", "fish"]):
            self.assertNotIn("selftest.", self.rackproof(*words, code=0).stdout, words)
        shown = self.rackproof("stressors", "selftest.signal", code=0).stdout
        self.assertIn("the number of the signal", shown)
        self.assertNotIn("did you mean", self.rackproof("stress", "selftest.signl", code=64).stderr)


if __name__ == "__main__":
    unittest.main()
