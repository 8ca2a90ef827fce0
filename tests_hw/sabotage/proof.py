# SPDX-License-Identifier: Apache-2.0
"""Runs sabotages one after the other, and tells which test each of them turned red."""
import json
import time

from catalogue import Wrong
from scratch import covers

SLOWER = 5          # a broken build may take so many times what the good one took
LEAST_LIMIT = 20    # seconds
LONGEST_RUN = 600   # seconds for all named tests of one program
MOST_NAMES = 3      # of the red tests in a record

HEAD = """# Sabotage: our own code, broken on purpose

A test suite that never goes red proves nothing. `scripts/sabotage` breaks the program in the ways below, one at a
time and in a scratch copy, and requires each time that a test goes red; a sabotage that stays green is a hole in
the tests, and ends with exit code 1. `scripts/test` runs three of them a day in turn, `scripts/nightly` all.
They stand in `tests_hw/sabotage/*.toml`: a text of one file, what it becomes, and the test that must see it. A text
that no longer stands in its file exactly once is told by `scripts/sabotage --check`, which the tests run. After a
new one, or a changed one: `scripts/sabotage --only NAME --record`, which also writes this page.
"""


class Proof:
    """Results are plain dictionaries: name, file, test, red (names of tests), how, seconds, problem."""

    def __init__(self, scratch):
        self.scratch = scratch

    def run(self, sabotages):
        """Yields each result as it comes."""
        usual = self.good(sabotages)
        for number, one in enumerate(sabotages, 1):
            start = time.monotonic()
            result = {"name": one.name, "file": one.file, "test": one.test, **self.broken(one, usual[one.test])}
            result["seconds"] = round(time.monotonic() - start, 1)
            state = f"red    {result['how']}" if result["red"] else f"GREEN  {result['problem']}"
            print(f"{number:3}/{len(sabotages)} {result['seconds']:6.1f} s  {one.name}\n{'':16}{state}", flush=True)
            yield result

    def good(self, sabotages):
        """Seconds that each program's named tests take on good code. Throws Wrong unless all of them pass."""
        seconds = {}
        for test in dict.fromkeys(one.test for one in sabotages):
            mine = [one for one in sabotages if one.test == test]
            if problem := self.scratch.compile(test):
                raise Wrong(f"{test} does not build before anything is broken:\n{problem[-4000:]}")
            seconds[test] = sum(self.green(test, some) for some in runs_of(mine))
            print(f"    unbroken: {test}, {seconds[test]:.1f} s", flush=True)
        return seconds

    def green(self, test, sabotages):
        outcome = self.scratch.test(test, ":".join(dict.fromkeys(one.filter for one in sabotages)), LONGEST_RUN)
        if outcome.end != "passed":
            raise Wrong(f"{test} is not green before anything is broken ({outcome.end}): {outcome.red}\n{outcome.text[-4000:]}")
        for one in sabotages:
            if not covers(outcome, one):
                raise Wrong(f"'{one.name}': no test of {test} that matches {one.filter} was run; one that is skipped proves nothing")
        return outcome.seconds

    def broken(self, one, usual):
        path = self.scratch.source / one.file
        good = path.read_text()
        try:
            path.write_text(one.applied_to(good))
            return self.red(one, usual)
        finally:
            path.write_text(good)

    def red(self, one, usual):
        problem = self.scratch.compile(one.test)
        if bool(problem) != one.build:
            return unproven("it was to be refused by the compiler, but builds" if one.build else f"does not build:\n{problem[-2000:]}")
        if one.build:
            return {"red": ["the build"], "how": "the build", "problem": ""}
        limit = LEAST_LIMIT + SLOWER * usual
        for filter_text in [one.filter] + ([] if one.is_script else ["*"]):
            outcome = self.scratch.test(one.test, filter_text, limit if filter_text != "*" else LONGEST_RUN)
            if outcome.end != "passed":
                return told(one, outcome)
        return unproven("no test goes red")


def runs_of(sabotages):
    """A script takes one filter at a time, a program all of them."""
    return [[one] for one in sabotages] if sabotages[0].is_script else [sabotages]


def unproven(problem):
    return {"red": [], "how": "", "problem": problem}


def told(one, outcome):
    if (outcome.end == "hung") != one.hang:
        return unproven("was to hang, but ended" if one.hang else f"does not end, which was not expected ({', '.join(outcome.red)})")
    if not outcome.red:
        return unproven(f"ended without naming a test:\n{outcome.text[-2000:]}")
    more = f" and {len(outcome.red) - MOST_NAMES} more" if len(outcome.red) > MOST_NAMES else ""
    kind = {"failed": "", "crashed": " (crash)", "hung": " (never ends)"}[outcome.end]
    return {"red": outcome.red, "how": ", ".join(outcome.red[:MOST_NAMES]) + more + kind, "problem": ""}


def recorded(folder):
    """What each sabotage turned red when it was last recorded."""
    path = folder / "seen.json"
    return json.loads(path.read_text()) if path.exists() else {}


def page(sabotages, seen):
    """docs/reference/sabotage.md."""
    lines = [HEAD, f"{len(sabotages)} sabotages, of which {sum(one.name in seen for one in sabotages)} were seen red.", ""]
    for folder in dict.fromkeys(one.file.rpartition("/")[0] or "." for one in sorted(sabotages, key=lambda one: one.file)):
        lines += [f"## {folder}", "", "| what is broken | file | what goes red |", "|---|---|---|"]
        for one in sabotages:
            if (one.file.rpartition("/")[0] or ".") != folder:
                continue
            lines.append(f"| {one.name} | {one.file.rpartition('/')[2]} | {seen.get(one.name, 'not recorded yet')} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"
