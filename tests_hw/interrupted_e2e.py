# SPDX-License-Identifier: Apache-2.0
"""Runs that end early: a signal, kill -9 and resume, a disk that is full."""
import os
import resource
import signal
import time
import unittest

from command_line import CommandLine

RACK = "rack nodes=1 devices=4 memory=64MiB cores=4 bandwidth=400GB/s fp32=20TFLOP/s\n"


class Interrupted(CommandLine):
    def begin(self, until):
        process = self.start("run", "tiny-synthetic", "--synthetic", RACK, "--out", "bundle")
        self.wait_for_line(process, until)
        return process

    def test_sigint_leaves_a_sealed_bundle_that_is_incomplete(self):
        process = self.begin("quick/01")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 3)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=3)

    def test_sigterm_before_the_first_step_runs_nothing_or_leaves_an_incomplete_bundle(self):
        for wait_s in (0.02, 0.1, 0.3):
            with self.subTest(wait_s=wait_s):
                process = self.start("run", "tiny-synthetic", "--synthetic", RACK, "--out", f"bundle-{wait_s}")
                time.sleep(wait_s)
                process.send_signal(signal.SIGTERM)
                self.assertIn(process.wait(timeout=60), (-signal.SIGTERM, 3, 64))

    def test_a_parent_that_ignores_dead_children_does_not_make_workers_hang(self):
        ignore = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self.rackproof("run", "tiny-synthetic", "--synthetic", RACK, "--out", "bundle", code=0, preexec_fn=ignore)

    def test_nobody_who_reads_does_not_end_a_run(self):
        close = lambda: os.close(1)
        self.rackproof("run", "tiny-synthetic", "--synthetic", RACK, "--out", "closed", code=0, preexec_fn=close)
        full = lambda: os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
        self.rackproof("run", "tiny-synthetic", "--synthetic", RACK, "--out", "full", code=0, preexec_fn=full)
        self.rackproof("verify", "closed", "--trust", self.trust(), code=0)

    def test_two_runs_do_not_share_a_folder(self):
        process = self.begin("drill-start/01")
        done = self.rackproof("run", "tiny-synthetic", "--synthetic", RACK, "--out", "bundle", code=64)
        self.assertIn(f"another run is using this folder (process {process.pid})", done.stderr)
        self.assertIn("another run", self.rackproof("run", "--resume", "bundle", code=64).stderr)
        self.assertEqual(process.wait(timeout=120), 0)

    def test_two_runs_do_not_share_a_host(self):
        process = self.start("run", "tiny-host", "--out", "first")
        self.wait_for_line(process, "[ 1/")
        done = self.rackproof("run", "tiny-host", "--out", "second", code=64)
        self.assertIn(f"another run is measuring on this host; wait for its end (process {process.pid})", done.stderr)
        self.rackproof("run", "tiny-synthetic", "--synthetic", RACK, "--out", "described", code=0)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 3)

    def test_resume_asks_only_the_back_ends_that_were_asked(self):
        process = self.start("run", "tiny-synthetic", "--synthetic", RACK, "--backend", "synthetic", "--out", "bundle")
        self.wait_for_line(process, "quick/01")
        process.kill()
        process.wait()
        self.rackproof("run", "--resume", "bundle", code=0)

    def test_kill_then_resume_ends_as_if_nothing_had_happened_but_says_so(self):
        process = self.begin("quick/01")
        process.kill()
        process.wait()
        self.assertFalse((self.folder / "bundle/SHA256SUMS").exists())
        done = self.rackproof("run", "--resume", "bundle", code=0)
        self.assertNotIn("drill-start/01", done.stdout)
        self.assertIn("resumed", done.stdout)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=0)
        done = self.rackproof("run", "--resume", "bundle", code=64)
        self.assertIn("sealed", done.stderr)

    def test_resume_refuses_another_profile_plan_or_rack(self):
        process = self.begin("drill-start/01")
        process.kill()
        process.wait()
        for name, message in (("profile.yaml", "profile has changed"), ("plan.json", "plan")):
            path = self.folder / "bundle" / name
            before = path.read_text()
            path.write_text(before.replace("Four synthetic", "Five synthetic").replace('"duration_s": 2.0', '"duration_s": 1.0'))
            self.assertNotEqual(before, path.read_text(), name)
            done = self.rackproof("run", "--resume", "bundle", code=64)
            self.assertIn(message, done.stderr)
            path.write_text(before)
        path = self.folder / "bundle/request.json"
        path.write_text(path.read_text().replace("memory=64MiB", "memory=32MiB"))
        done = self.rackproof("run", "--resume", "bundle", code=64)
        self.assertIn("hardware has changed", done.stderr)

    def test_a_torn_journal_is_recovered_and_a_broken_one_refused(self):
        process = self.begin("quick/01")
        process.kill()
        process.wait()
        journal = self.folder / "bundle/journal"
        whole = journal.read_bytes()
        broken = bytearray(whole)
        broken[len(whole) // 2] ^= 1
        journal.write_bytes(broken)
        self.assertIn("journal broken", self.rackproof("run", "--resume", "bundle", code=64).stderr)
        journal.write_bytes(whole[:-5])
        self.assertIn("recovered", self.rackproof("run", "--resume", "bundle", code=0).stdout)

    def test_a_record_that_cannot_be_stored_ends_the_run_as_error(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))
        done = self.rackproof("run", "tiny-synthetic", "--synthetic", RACK, "--out", "bundle", "--quiet", code=5, preexec_fn=limit)
        self.assertIn("could not be stored", done.stderr)
        self.assertFalse((self.folder / "bundle/SHA256SUMS").exists())

    def test_killing_the_supervisor_leaves_no_worker(self):
        process = self.begin("quick/01")
        marker = str(self.folder)
        process.kill()
        process.wait()
        for _ in range(50):
            left = [pid for pid in os.listdir("/proc") if pid.isdigit() and self.runs_in(pid, marker)]
            if not left:
                return
            os.sched_yield()
            signal.sigtimedwait([], 0.1)
        self.fail(f"still running: {left}")

    def runs_in(self, pid, folder):
        try:
            return os.readlink(f"/proc/{pid}/cwd") == folder and pid != str(os.getpid())
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main()
