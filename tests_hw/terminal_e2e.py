# SPDX-License-Identifier: Apache-2.0
"""The live view on terminals of several sizes, and plain lines where there is no terminal."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from command_line import RACKPROOF, CommandLine
from screen import Screen

RACK = "rack nodes=1 devices=4 memory=64MiB cores=4 bandwidth=400GB/s fp32=20TFLOP/s\n"
RUN = ["run", "tiny-synthetic", "--synthetic", RACK, "--out", "bundle"]


class Session:
    """A program on a terminal of its own, what it wrote, and the screen as it is now."""

    def __init__(self, test, words, columns, rows, **environment):
        self.primary, secondary = pty.openpty()
        self.screen, self.raw, self.ended = Screen(columns, rows), b"", False
        self.resize(columns, rows)
        inherited = {k: v for k, v in test.environment.items() if k not in ("NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG")}
        self.process = subprocess.Popen(
            [RACKPROOF, *words], cwd=test.folder, stdin=secondary, stdout=secondary, stderr=secondary, start_new_session=True,
            env={**inherited, "TERM": "xterm", "LANG": "C.UTF-8", **environment},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(secondary)
        test.addCleanup(self.close)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.primary is not None:
            os.close(self.primary)
            self.primary = None

    def hang_up(self):
        os.close(self.primary)
        self.primary = None

    def resize(self, columns, rows):
        fcntl.ioctl(self.primary, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(columns, rows)

    def read(self, until, timeout=120):
        """Feeds the screen until `until(session)` holds or the program's last word was read."""
        deadline = time.monotonic() + timeout
        while not until(self) and not self.ended:
            if time.monotonic() > deadline:
                raise AssertionError(f"not seen within {timeout} s:\n" + self.screen.everything())
            if not select.select([self.primary], [], [], 0.2)[0]:
                continue
            try:
                chunk = os.read(self.primary, 65536)
            except OSError:
                chunk = b""
            self.ended = not chunk
            self.raw += chunk
            self.screen.feed(chunk.decode("utf-8", "strict") if len(chunk) < 65536 else chunk.decode("utf-8", "ignore"))
        return self

    def finish(self):
        self.read(lambda s: False)
        return self.process.wait(timeout=60)


class Terminal(CommandLine):
    def on_terminal(self, columns=80, rows=24, words=RUN, **environment):
        return Session(self, words, columns, rows, **environment)

    @staticmethod
    def shows(text):
        return lambda session: any(text in line for line in session.screen.lines())

    def last_words(self, session):
        """The last line, which the terminal may have wrapped."""
        return session.screen.everything().rstrip().split("\n\n")[-1].replace("\n", "")

    def test_shows_each_device_while_it_runs_and_the_verdict_last(self):
        session = self.on_terminal()
        session.read(lambda s: sum("TFLOP/s" in line and "running" in line for line in s.screen.lines()) == 4)
        self.assertRegex(session.screen.everything(), r"tiny-synthetic  quick  step 3/6  0:\d\d  (about|at least) 0:\d\d left")
        self.assertEqual(session.finish(), 0)
        self.assertTrue(self.last_words(session).startswith("PASS: tiny-synthetic"), session.screen.everything())
        self.assertEqual(session.screen.everything().count("PASS: tiny-synthetic"), 1)
        self.assertNotIn("running", session.screen.everything())
        self.assertTrue(session.screen.cursor_shown)

    def test_steps_that_are_over_stay_above(self):
        session = self.on_terminal()
        session.finish()
        text = session.screen.everything()
        for line in ("[ 1/6]", "[ 3/6] quick/01 compute.gemm", "[ 6/6]"):
            self.assertEqual(text.count(line), 1, f"{line}\n{text}")

    def test_a_small_terminal_is_never_overrun(self):
        session = self.on_terminal(20, 10)
        session.read(self.shows("running"))
        for line in session.screen.lines():
            self.assertLessEqual(len(line), 20)
        self.assertEqual(session.finish(), 0)
        self.assertIn("PASS: tiny-synthetic", session.screen.everything().replace("\n", ""))

    def test_resizing_in_mid_run_leaves_one_block(self):
        session = self.on_terminal()
        session.read(self.shows("running"))
        for columns, rows in ((30, 12), (120, 40), (20, 10), (80, 24)):
            session.resize(columns, rows)
            os.killpg(session.process.pid, signal.SIGWINCH)
            until = time.monotonic() + 0.7
            session.read(lambda s: time.monotonic() > until)
            heads = [line for line in session.screen.lines() if re.search(r"\d/6  (\d+:\d\d)", line)]
            self.assertEqual(len(heads), 1, f"{columns}x{rows}\n" + "\n".join(session.screen.lines()))
        self.assertEqual(session.finish(), 0)

    def test_many_devices_are_counted(self):
        rack = RACK.replace("devices=4", "devices=40")
        session = self.on_terminal(80, 24, ["stress", "compute.gemm", "--for", "2 s", "--on", "synthetic", "--synthetic", rack])
        session.read(self.shows("more"))
        self.assertTrue(any(re.fullmatch(r"and \d+ more", line) for line in session.screen.lines()))
        session.finish()

    def test_no_color_and_no_utf8_are_heeded(self):
        for variables, out in (({"NO_COLOR": "1"}, ["one"]), ({}, ["two", "--color", "never"])):
            session = self.on_terminal(words=RUN[:-1] + out, LANG="C", **variables)
            session.finish()
            self.assertEqual(session.screen.colors, set())
            self.assertTrue(session.raw.isascii())

    def test_a_pipe_a_file_and_a_dumb_terminal_get_plain_lines(self):
        done = self.rackproof(*RUN, "--color", "always", code=0)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertIn("[ 3/6] quick/01", done.stdout)
        session = self.on_terminal(words=RUN[:-1] + ["dumb"], TERM="dumb")
        self.assertEqual(session.finish(), 0)
        self.assertNotIn(b"\x1b", session.raw)

    def test_quiet_and_json_draw_nothing(self):
        session = self.on_terminal(words=RUN + ["--quiet"])
        session.finish()
        self.assertNotIn(b"\x1b", session.raw)

    def test_an_interrupt_ends_with_the_verdict_and_a_shown_cursor(self):
        session = self.on_terminal()
        session.read(self.shows("running"))
        os.write(session.primary, b"\x03")
        self.assertEqual(session.finish(), 3)
        self.assertTrue(self.last_words(session).startswith("INCOMPLETE: "), session.screen.everything())
        self.assertTrue(session.screen.cursor_shown)

    def test_even_a_kill_leaves_a_terminal_in_order(self):
        session = self.on_terminal()
        session.read(self.shows("running"))
        session.process.kill()
        session.finish()
        self.assertTrue(session.screen.cursor_shown)
        self.assertFalse(session.screen.styled)
        self.assertEqual(session.screen.column, 0)

    def test_a_terminal_that_vanishes_does_not_end_the_run(self):
        session = self.on_terminal()
        session.read(self.shows("running"))
        session.hang_up()
        self.assertEqual(session.process.wait(timeout=120), 0)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=0)

    def test_a_halted_terminal_does_not_hold_up_the_run(self):
        session = self.on_terminal()
        session.read(self.shows("[ 1/6]"))
        os.write(session.primary, b"\x13")  # Ctrl-S
        deadline = time.monotonic() + 90
        while not (self.folder / "bundle/SHA256SUMS").exists():
            self.assertLess(time.monotonic(), deadline, "the run stands still behind a terminal that is halted")
            time.sleep(0.1)
        os.write(session.primary, b"\x11")
        self.assertEqual(session.finish(), 0)

    def test_a_pipe_whose_reader_leaves_does_not_end_the_run(self):
        process = self.start(*RUN)
        self.wait_for_line(process, "quick/01")
        process.stdout.close()
        self.assertEqual(process.wait(timeout=120), 0)


if __name__ == "__main__":
    unittest.main()
