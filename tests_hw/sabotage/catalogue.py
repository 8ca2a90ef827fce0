# SPDX-License-Identifier: Apache-2.0
"""The catalogue of sabotages (*.toml beside this file), and the check that each still fits the code."""
import dataclasses
import fnmatch
import pathlib
import re
import tomllib

KEYS = {"name", "file", "find", "replace", "test", "filter", "build", "hang"}
TEST = re.compile(r"^TEST(|_F|_P)\(\s*(\w+),\s*(\w+)\)", re.MULTILINE)


class Wrong(Exception):
    """The catalogue or the code beneath it is not what the suite needs; the text says what."""


@dataclasses.dataclass(frozen=True)
class Sabotage:
    """One text of one file that becomes another one; `test` and `filter` say what must go red."""
    name: str
    file: str
    find: str
    replace: str
    test: str            # a test program, or the name of an end-to-end script of tests_hw/
    filter: str          # gtest's, or what `unittest -k` takes
    build: bool = False  # the compiler already refuses it
    hang: bool = False   # red means that the test does not end

    @property
    def is_script(self):
        return self.test.endswith(".py")

    def applied_to(self, text):
        """The broken text. Throws Wrong unless `find` stands in it exactly once."""
        count = text.count(self.find)
        if count != 1:
            raise Wrong(f"'{self.name}': its find text stands {count} times in {self.file}; it must stand there exactly once")
        return text.replace(self.find, self.replace)


def entry(table, path):
    name = table.get("name", "?")
    if unknown := set(table) - KEYS:
        raise Wrong(f"'{name}' in {path.name}: unknown key {', '.join(sorted(unknown))}; known: {', '.join(sorted(KEYS))}")
    try:
        made = Sabotage(**table)
    except TypeError as error:
        raise Wrong(f"'{name}' in {path.name}: {error}") from error
    if made.find == made.replace:
        raise Wrong(f"'{name}' in {path.name}: replaces its text by the same")
    if "-" in made.filter and not made.is_script:
        raise Wrong(f"'{name}' in {path.name}: filters of one program are joined, so '-' cannot stand in one")
    return made


def read(folder):
    """All sabotages, those of one test program together, so that neighbours share a build."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(path.read_text())["sabotage"]
        except (tomllib.TOMLDecodeError, KeyError) as error:
            raise Wrong(f"{path.name}: {error}") from error
        found += [entry(table, path) for table in tables]
    names = [one.name for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Wrong(f"names that stand twice: {', '.join(sorted(twice))}")
    return sorted(found, key=lambda one: (one.is_script, one.test, one.file, one.name))


def tests_in(root, program):
    """Names of a program's tests as its filter sees them; a parameter's place is an x."""
    folder = root / re.sub(r"_test$", "", program).replace("backend_", "backends/")
    names = []
    for path in sorted(folder.rglob("*_test.cc")):
        for kind, suite, name in TEST.findall(path.read_text()):
            names.append(f"x/{suite}.{name}/x" if kind == "_P" else f"{suite}.{name}")
    return names


def chosen(filter_text, names):
    """Those of `names` that gtest's filter lets through."""
    return [name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in filter_text.split(":"))]


def misfits(sabotages, root):
    """What no longer fits the sources under `root`, one sentence each."""
    texts, tests, wrong = {}, {}, []
    for one in sabotages:
        try:
            if one.file not in texts:
                texts[one.file] = (root / one.file).read_text()
            one.applied_to(texts[one.file])
        except Wrong as error:
            wrong.append(str(error))
        except OSError as error:
            wrong.append(f"'{one.name}': {error}")
        if one.is_script:
            if not (root / "tests_hw" / one.test).is_file():
                wrong.append(f"'{one.name}': there is no tests_hw/{one.test}")
            continue
        if one.test not in tests:
            tests[one.test] = tests_in(root, one.test)
        if not chosen(one.filter, tests[one.test]):
            wrong.append(f"'{one.name}': no test of {one.test} matches {one.filter}")
    return wrong
