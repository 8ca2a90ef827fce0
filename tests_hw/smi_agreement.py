#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `nvidia-smi -q -x` says of the GPUs, held against what rackproof read of them in the same seconds.

    smi_agreement.py BUNDLE XML [--at EPOCH]

prints one line a reading that disagrees and ends with 1; 0: all agree; 3: the bundle cannot be read here. The XML's moment is when
its file was written. Names of the XML's tags: nvidia-smi(1) and its nvsmi_device_v12.dtd; drivers 550 to 580.
"""
import argparse
import csv
import dataclasses
import datetime
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

AROUND_S = 5  # nvidia-smi takes a second or two, and the bundle's clock is known to a second
NOT_THERE = {"n/a", "[n/a]", "not supported", "[not supported]"}


class Unreadable(Exception):
    """The XML is none of nvidia-smi's, with the reason."""


class NoTool(Exception):
    """The bundle cannot be read on this machine."""


@dataclasses.dataclass(frozen=True)
class Failed:
    """In place of a value: an error, in the words of who had it."""
    words: str


@dataclasses.dataclass(frozen=True)
class Question:
    """A sensor of ours (`nvml.BDF.NAME`) and where the XML has it: the first path that is there, `a+b` for a sum."""
    name: str
    paths: tuple
    unit: str = ""
    scale: float = 1.0  # of nvidia-smi's unit in ours
    tolerance: float = 0.0  # in our unit, beyond the least and the greatest that we read around that moment
    share: float = 0.0  # the same as a share of nvidia-smi's value
    always: bool = False  # every driver tells it, so that a missing tag is a disagreement


VOLATILE, LIFE = "ecc_errors/volatile", "ecc_errors/aggregate"
RETIRED = "retired_pages"


def ecc(name, span):
    return tuple(Question(f"{name}.{kind}.{place}", paths) for kind, place, paths in (
        ("corrected", "dram", (f"{span}/dram_correctable",)),
        ("uncorrected", "dram", (f"{span}/dram_uncorrectable",)),
        ("corrected", "sram", (f"{span}/sram_correctable",)),
        ("uncorrected", "sram", (f"{span}/sram_uncorrectable", f"{span}/sram_uncorrectable_parity+{span}/sram_uncorrectable_secded"))))


# Tolerances: temperatures are whole degrees that a card renews about once a second, so that two looks may be a step apart on either
# side; clocks move in steps of 15 MHz, two of which lie between two looks; power is a mean over a second and moves by some per cent
# within it at a constant load; fans are regulated to a few points. All else stands still or is what was read in one of the looks.
# Reasons for lowered clocks come and go within milliseconds: nothing can be said of two looks.
QUESTIONS = (
    Question("power", ("gpu_power_readings/power_draw", "gpu_power_readings/average_power_draw", "power_readings/power_draw"), "W",
             tolerance=5, share=0.05, always=True),
    Question("power.instant", ("gpu_power_readings/instant_power_draw",), "W", tolerance=15, share=0.10),
    Question("power.limit", ("gpu_power_readings/current_power_limit", "power_readings/enforced_power_limit"), "W", tolerance=0.01, always=True),
    Question("temp", ("temperature/gpu_temp",), "C", tolerance=2, always=True),
    Question("temp.memory", ("temperature/memory_temp",), "C", tolerance=2),
    Question("temp.margin", ("temperature/gpu_temp_tlimit",), "C", tolerance=2),
    Question("clock.sm", ("clocks/sm_clock",), "MHz", scale=1e6, tolerance=30e6, always=True),
    Question("clock.memory", ("clocks/mem_clock",), "MHz", scale=1e6, tolerance=30e6, always=True),
    Question("pstate", ("performance_state",), "P", always=True),
    Question("fan0", ("fan_speed",), "%", scale=0.01, tolerance=0.05),
    Question("pcie.generation", ("pci/pci_gpu_link_info/pcie_gen/current_link_gen",), always=True),
    Question("pcie.width", ("pci/pci_gpu_link_info/link_widths/current_link_width",), "x", always=True),
    Question("pcie.replays", ("pci/replay_counter",)),
    Question("pcie.replay_rollovers", ("pci/replay_rollover_counter",)),
    Question("ecc.enabled", ("ecc_mode/current_ecc",), always=True),
    *ecc("ecc", VOLATILE),
    *ecc("ecc.lifetime", LIFE),
    Question("ecc.sram_threshold", (f"{LIFE}/sram_threshold_exceeded",)),
    Question("rows.corrected", ("remapped_rows/remapped_row_corr",)),
    Question("rows.uncorrected", ("remapped_rows/remapped_row_unc",)),
    Question("rows.pending", ("remapped_rows/remapped_row_pending",)),
    Question("rows.failed", ("remapped_rows/remapped_row_failure",)),
    Question("pages.corrected", (f"{RETIRED}/multiple_single_bit_retirement/retired_count",)),
    Question("pages.uncorrected", (f"{RETIRED}/double_bit_retirement/retired_count",)),
    Question("pages.pending", (f"{RETIRED}/pending_retirement",)),
    Question("recovery_needed", ("gpu_recovery_action",)),
)
# What a condition of ours (gpu.NAME) found, in the XML's words.
MODES = {"persistence": ("persistence_mode", {"persistence on": "Enabled", "persistence off": "Disabled"}),
         "mig": ("mig_mode/current_mig", {"MIG on": "Enabled", "MIG off": "Disabled", "has no MIG": "N/A"}),
         "compute_mode": ("compute_mode", {"compute mode default": "Default", "compute mode prohibited": "Prohibited",
                                           "compute mode exclusive process": "Exclusive_Process", "compute mode exclusive thread": "Exclusive_Thread"})}
IDENTITY = (("uuid", "uuid"), ("serial", "serial"), ("name", "product_name"))
WORDS = {"yes": 1.0, "no": 0.0, "enabled": 1.0, "disabled": 0.0, "none": 0.0}


def address(text):
    """`00000000:1B:00.0` as the kernel writes it: `0000:1b:00.0`."""
    domain, _, rest = text.strip().lower().partition(":")
    return f"{domain[-4:].rjust(4, '0')}:{rest}"


def text_at(gpu, path):
    """What a path holds; N/A where a group of tags is N/A as a whole, None where there is no such tag."""
    node = gpu
    for tag in path.split("/"):
        below = node.find(tag)
        if below is None:
            return node.text.strip() if node is not gpu and (node.text or "").strip().lower() in NOT_THERE else None
        node = below
    return (node.text or "").strip()


def number(text, question):
    """A number in our unit, None for N/A, or why it is none."""
    if text.lower() in NOT_THERE:
        return None
    if question.name == "recovery_needed" and text and not text.startswith("["):
        return 0.0 if text.lower() == "none" else 1.0
    bare = text.lower()
    if question.unit and bare.startswith(question.unit.lower()):
        bare = bare[len(question.unit):]
    elif question.unit and bare.endswith(question.unit.lower()):
        bare = bare[:-len(question.unit)].strip()
    elif question.unit:
        return Failed(text or "nothing")
    try:
        value = WORDS[bare] if bare in WORDS else float(bare)
    except ValueError:
        return Failed(text or "nothing")
    return value * question.scale if abs(value) != float("inf") and value == value else Failed(text)


def theirs_of(gpu, question):
    """None and False where the XML has no such tag."""
    for path in question.paths:
        texts = [text_at(gpu, part) for part in path.split("+")]
        if None in texts:
            continue
        values = [number(text, question) for text in texts]
        failed = next((value for value in values if isinstance(value, Failed)), None)
        if failed is not None:
            return failed, True
        return (None if None in values else sum(values)), True
    return None, False


def shown(value, question):
    if value is None:
        return "N/A"
    if isinstance(value, Failed):
        return f"'{value.words}'"
    return f"{value / question.scale:g} {question.unit}".strip()


def ours_shown(values, question):
    texts = list(dict.fromkeys(shown(value, question) for value in values))
    return texts[0] if len(texts) == 1 else f"{texts[0]} ... {texts[-1]}"


def agrees(values, theirs, question):
    """`values`: all that we read around that moment."""
    if theirs is None or isinstance(theirs, Failed):
        return any((value is None) == (theirs is None) and isinstance(value, Failed) == isinstance(theirs, Failed) for value in values)
    numbers = [value for value in values if isinstance(value, float)]
    slack = question.tolerance + question.share * abs(theirs)
    return bool(numbers) and min(numbers) - slack - 1e-9 <= theirs <= max(numbers) + slack + 1e-9


@dataclasses.dataclass
class Comparison:
    lines: list = dataclasses.field(default_factory=list)  # one a disagreement
    compared: int = 0  # numbers and words that both sides have
    gpus: int = 0

    def hold(self, part, name, ours, theirs, agree, both=True):
        if not agree:
            self.lines.append(f"{part} {name}: rackproof has {ours}, nvidia-smi {theirs}")
        elif both:
            self.compared += 1


def compare_words(result, part, name, ours, theirs):
    if theirs is None:
        result.lines.append(f"{part} {name}: rackproof has {ours or 'N/A'}, nvidia-smi has no such tag")
        return
    known = theirs if theirs.lower() not in NOT_THERE else ""
    result.hold(part, name, ours or "N/A", theirs or "nothing", ours == known, both=bool(known))


def compare_gpu(result, part, gpu, ours):
    for name, tag in IDENTITY:
        compare_words(result, part, name, ours.get(name, ""), text_at(gpu, tag))
    for name, (path, words) in MODES.items():
        found, text = ours.get("modes", {}).get(name), text_at(gpu, path)
        if found is not None and text is not None:
            result.hold(part, name, found, text, words.get(found) == text)
    for question in QUESTIONS:
        values = ours["sensors"].get(question.name)
        theirs, told = theirs_of(gpu, question)
        if not told and question.always:
            result.lines.append(f"{part} {question.name}: nvidia-smi has no such tag")
        elif not told:
            continue
        elif not values:
            if theirs is not None:
                result.lines.append(f"{part} {question.name}: rackproof has nothing, nvidia-smi {shown(theirs, question)}")
        else:
            result.hold(part, question.name, ours_shown(values, question), shown(theirs, question), agrees(values, theirs, question),
                        both=isinstance(theirs, float))


def compare(xml_text, ours):
    """All that disagrees. `ours`: {"driver", "cuda", "gpus": {address: {"uuid", "serial", "name", "modes": {}, "sensors": {name: values}}}},
    where values are floats, None (unsupported) and Failed. Raises Unreadable."""
    try:
        log = ElementTree.fromstring(xml_text)
    except ElementTree.ParseError as problem:
        raise Unreadable(f"no XML: {problem}") from None
    if log.tag != "nvidia_smi_log":
        raise Unreadable(f"no log of nvidia-smi but <{log.tag}>")
    result = Comparison()
    for name, tag in (("driver", "driver_version"), ("cuda", "cuda_version")):
        if ours.get(name) or ours["gpus"]:
            compare_words(result, "host", name, ours.get(name, ""), text_at(log, tag))
    theirs = {address(gpu.get("id") or text_at(gpu, "pci/pci_bus_id") or ""): gpu for gpu in log.findall("gpu")}
    for part in sorted(theirs.keys() | ours["gpus"].keys()):
        if part not in theirs or part not in ours["gpus"]:
            result.lines.append(f"{part}: only {'nvidia-smi' if part in theirs else 'rackproof'} has this GPU")
            continue
        result.gpus += 1
        before = result.compared
        compare_gpu(result, part, theirs[part], ours["gpus"][part])
        if result.compared == before:
            result.lines.append(f"{part}: nothing could be compared")
    if result.gpus == 0:
        result.lines.append("nothing was compared: no GPU that both sides have")
    return result


# --- our side, from a bundle
def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def value_of(field):
    if field == "":
        return None
    try:
        return float(field)
    except ValueError:
        return Failed(field)


def unpacked(path):
    for tool in ("zstd", "zstdcat"):
        if shutil.which(tool):
            return subprocess.run([tool, "-dc", "-q", str(path)], capture_output=True, check=True, timeout=60).stdout.decode()
    raise NoTool("zstd is not there to read the bundle's telemetry")


def add_rows(text, least_s, most_s, gpus):
    """Readings `nvml.ADDRESS.NAME [unit]` of the lines between these times."""
    rows = csv.reader(io.StringIO(text))
    columns = []
    for index, name in enumerate(next(rows, [])):
        family, _, rest = name.partition(".")
        part = next((gpu for gpu in gpus if rest.startswith(gpu + ".")), None)
        if family == "nvml" and part:
            columns.append((index, part, rest[len(part) + 1:].split(" [")[0]))
    for row in rows:
        if row and least_s <= float(row[0]) <= most_s:
            for index, part, name in columns:
                gpus[part]["sensors"].setdefault(name, []).append(value_of(row[index]))


def add_modes(environment, addresses, gpus):
    for row in environment:
        part, name = addresses.get(row["part"]), row["name"].removeprefix("gpu.")
        looks = [look for look in row["looks"] if look.get("found")]
        if part in gpus and name in MODES and looks:
            gpus[part]["modes"][name] = looks[-1]["found"]


def readings_of(bundle, moment):
    """What a run's bundle has of the seconds around `moment` (since the epoch), as compare() takes it."""
    bundle = pathlib.Path(bundle)
    inventory = json.loads((bundle / "inventory.json").read_text())
    report = json.loads((bundle / "report.json").read_text())
    devices = [device for device in inventory["devices"] if device.get("backend") == "cuda"]
    gpus = {address(d["bdf"]): {"uuid": d.get("uuid", ""), "serial": d.get("serial", ""), "name": d.get("name", ""), "modes": {}, "sensors": {}}
            for d in devices if d.get("bdf")}
    add_modes(report.get("environment", []), {d["id"]: address(d.get("bdf", "")) for d in devices}, gpus)
    run = report["run"]
    begun = seconds(run["ended"]) - run["duration_s"] if run.get("ended") else seconds(run["started"])
    for path in sorted((bundle / "telemetry").glob("[0-9]*.csv.zst")):
        add_rows(unpacked(path), moment - begun - AROUND_S, moment - begun + AROUND_S, gpus)
    driver, _, cuda = ("" if not devices else devices[0].get("driver", "")).rpartition("CUDA ")
    driver = driver.removesuffix(", ")
    return {"driver": driver, "cuda": cuda, "gpus": gpus}


def main(words):
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("bundle")
    options.add_argument("xml")
    options.add_argument("--at", type=float, help="when nvidia-smi was asked, seconds since the epoch")
    given = options.parse_args(words)
    try:
        at = given.at if given.at is not None else os.path.getmtime(given.xml)
        result = compare(pathlib.Path(given.xml).read_text(errors="replace"), readings_of(given.bundle, at))
    except NoTool as problem:
        print(problem)
        return 3
    except (Unreadable, OSError, ValueError, KeyError, subprocess.SubprocessError) as problem:
        print(f"cannot compare {given.xml} with {given.bundle}: {problem}")
        return 1
    for line in result.lines:
        print(line)
    print(f"{len(result.lines)} disagreements, {result.compared} readings of {result.gpus} GPUs agree")
    return 1 if result.lines or result.compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
