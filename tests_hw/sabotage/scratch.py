# SPDX-License-Identifier: Apache-2.0
"""A copy of the sources with a build of its own, in which code is broken and mended again."""
import dataclasses
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from catalogue import Wrong, chosen

# The tests' own speed matters less than how long the compiler takes; a listing of tests is not needed.
CONFIGURE = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG", "-DCMAKE_CXX_FLAGS=-w",
             "-DRACKPROOF_BENCH=OFF", "-DCMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE=PRE_TEST"]


@dataclasses.dataclass
class Outcome:
    """How a run of tests ended: `ran` and `red` hold names of tests, `end` is passed, failed, crashed or hung."""
    end: str
    ran: list
    red: list
    seconds: float
    text: str = ""


class Scratch:
    """Used with `with`: the folder goes at the end, also when interrupted, unless it is to be kept."""

    def __init__(self, root, folder, jobs, keep):
        self.root, self.folder, self.jobs, self.keep = root, folder, jobs, keep
        self.source, self.build, self.temp = folder / "source", folder / "build", folder / "tmp"
        # One path for everything in the cache, wherever the checkout lies.
        self.environment = dict(os.environ, CCACHE_BASEDIR=str(folder), TMPDIR=str(self.temp))

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.folder.with_suffix(".lock"), "w", encoding="utf-8")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Wrong(f"another run of the suite uses {self.folder}") from error
        try:
            self.temp.mkdir(exist_ok=True)
            self.copy_sources()
            self.must(["cmake", "-S", str(self.source), "-B", str(self.build), *CONFIGURE])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.close()

    def copy_sources(self):
        """What git knows and what it would add; a kept folder gets only what differs."""
        listed = subprocess.run(["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                capture_output=True, check=False)
        if listed.returncode != 0:
            raise Wrong(f"needs a git checkout to know the sources: {listed.stderr.decode().strip()}")
        wanted = {name for name in listed.stdout.decode().split("\0") if name and (self.root / name).is_file()}
        for name in wanted:
            source, to = self.root / name, self.source / name
            if to.exists() and to.read_bytes() == source.read_bytes():
                continue
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, to)
        for path in list(self.source.rglob("*")):
            if path.is_file() and str(path.relative_to(self.source)) not in wanted:
                path.unlink()

    def must(self, command):
        done = self.run(command)
        if done.returncode != 0:
            raise Wrong(f"{' '.join(command[:3])} ... failed on unbroken code:\n{done.stdout[-4000:]}")

    def run(self, command, limit=None, **more):
        """The command's end; its whole process group is killed at `limit` seconds and on an interrupt."""
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", cwd=self.temp,
                              env=dict(self.environment, **more), start_new_session=True) as process:
            try:
                text, _ = process.communicate(timeout=limit)
            except BaseException:
                end_group(process)
                raise
        return subprocess.CompletedProcess(command, process.returncode, text)

    def compile(self, test):
        """Builds what `test` needs; the compiler's complaint, or nothing."""
        target = "rackproof" if test.endswith(".py") else test
        done = self.run(["ninja", "-C", str(self.build), "-j", str(self.jobs), target])
        return "" if done.returncode == 0 else done.stdout

    def test(self, test, filter_text, limit):
        start = time.monotonic()
        try:
            outcome = self.script(test, filter_text, limit) if test.endswith(".py") else self.program(test, filter_text, limit)
        except subprocess.TimeoutExpired as late:
            text = (late.output or b"").decode(errors="replace")
            outcome = Outcome("hung", [], last_begun(text), 0, text)
        outcome.seconds = time.monotonic() - start
        shutil.rmtree(self.temp, ignore_errors=True)
        self.temp.mkdir()
        return outcome

    def program(self, test, filter_text, limit):
        listing = self.folder / "tests.json"
        listing.unlink(missing_ok=True)
        done = self.run([str(self.build / test), f"--gtest_filter={filter_text}", f"--gtest_output=json:{listing}"], limit)
        if not listing.exists():
            return Outcome("crashed", [], last_begun(done.stdout), 0, done.stdout)
        cases = [case for suite in json.loads(listing.read_text())["testsuites"] for case in suite["testsuite"]]
        name = lambda case: f"{case['classname']}.{case['name']}"
        said = "".join(f"{name(c)}: {failure['failure']}\n" for c in cases for failure in c.get("failures", []))
        return Outcome("passed" if done.returncode == 0 else "failed", [name(c) for c in cases if c["result"] == "COMPLETED"],
                       [name(c) for c in cases if "failures" in c], 0, said or done.stdout)

    def script(self, test, filter_text, limit):
        profiles = f"{self.source}/tests_hw/profiles:{self.source}/profiles/racks"
        done = self.run([sys.executable, "-B", str(self.source / "tests_hw" / test), "-v", "-k", filter_text], limit,
                        RACKPROOF=str(self.build / "rackproof"), RACKPROOF_TEST_PROFILES=profiles)
        results = re.findall(r"^(test_\w+) .*\.\.\. (\w+)", done.stdout, re.MULTILINE)
        return Outcome("passed" if done.returncode == 0 else "failed", [name for name, end in results if end != "skipped"],
                       [name for name, end in results if end in ("FAIL", "ERROR")], 0, done.stdout)


def end_group(process):
    """First politely: ninja's compilers have groups of their own, which it ends itself."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def last_begun(text):
    """The test that was running when the program ended."""
    begun = re.findall(r"^\[ RUN      \] (\S+)", text, re.MULTILINE)
    return begun[-1:]


def covers(outcome, sabotage):
    """The tests of `outcome` that are meant to go red."""
    return outcome.ran if sabotage.is_script else chosen(sabotage.filter, outcome.ran)
