# SPDX-License-Identifier: Apache-2.0
"""What the box says while it is tested: sensors, counters and the kernel's own log, from reading to verdict."""
import csv
import io
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time
import unittest

from command_line import CommandLine

KMSG = "/dev/kmsg"
RACK = "rack nodes=1 devices=4 memory=64MiB cores=4 bandwidth=400GB/s fp32=20TFLOP/s\n"

PROFILE = """
schema: rackproof/profile/1
name: watched
revision: 1
confidence: derived
sensor_rate: 4 Hz
hardware: {{node: {{accelerators: [{{kind: synthetic, count: 4}}]}}}}
limits:
  sensors:
    - {{sensor: "edac.*.ue", rise: {{equals: 0}}, required: false}}
    - {{sensor: "hwmon*.temp*", ceiling: 95 degC, required: false, source: a test}}
coverage: {{kernel_log: {kernel_log}}}
stages:
  - stage: quick
    steps:
      - {{run: compute.gemm, on: synthetic, with: {{dtype: fp32, size: 256}}, for: {seconds} s, together: all}}
"""


def why_no_kernel_log():
    """Empty: it can be read, and lines can be written to it."""
    if not os.access(KMSG, os.R_OK | os.W_OK):
        return f"{KMSG} is not there, or may not be read and written"
    marker = f"rackproof test {secrets.token_hex(8)}"
    try:
        log = os.open(KMSG, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as problem:
        return f"{KMSG}: {problem}"
    os.lseek(log, 0, os.SEEK_END)
    try:
        with open(KMSG, "w") as device:
            device.write(marker + "\n")  # without it the kernel waits for more of the line
        time.sleep(0.1)
        while True:
            if marker in os.read(log, 8192).decode(errors="replace"):
                return ""
    except OSError as problem:
        return f"a line written to {KMSG} does not come back: {problem}"
    finally:
        os.close(log)


class Telemetry(CommandLine):
    def profile(self, seconds=3, kernel_log="if readable"):
        path = self.folder / "watched.yaml"
        path.write_text(PROFILE.format(seconds=seconds, kernel_log=kernel_log))
        return path

    def fixture(self, uncorrected="0"):
        root = self.folder / "root"
        self.dimm = root / "sys/devices/system/edac/mc/mc0/dimm3"
        self.dimm.mkdir(parents=True, exist_ok=True)
        for name, value in {"dimm_ce_count": "7", "dimm_ue_count": uncorrected, "dimm_label": "DIMM_A1", "dimm_mem_type": "DDR5", "size": "32768"}.items():
            (self.dimm / name).write_text(value + "\n")
        for name in ("ce_count", "ue_count", "ce_noinfo_count", "ue_noinfo_count"):
            (self.dimm.parent / name).write_text("0\n")
        chip = root / "sys/class/hwmon/hwmon0"
        chip.mkdir(parents=True, exist_ok=True)
        (chip / "name").write_text("coretemp\n")
        (chip / "temp1_input").write_text("45000\n")
        return root

    def watched(self, *words, **profile):
        return self.start("run", self.profile(**profile), "--synthetic", RACK, "--backend", "synthetic", "--out", "bundle", *words)

    def ended(self, process, code):
        text = process.stdout.read()
        self.assertEqual(process.wait(timeout=120), code, text[-4000:])
        return text

    def segments(self, ending, folder="bundle"):
        texts = []
        for segment in self.report(folder)["segments"]:
            if segment["file"].endswith(ending):
                done = subprocess.run(["zstdcat", self.folder / folder / segment["file"]], capture_output=True, text=True, check=True)
                self.assertEqual(done.stdout.count("\n"), segment["rows"] + (ending == ".csv.zst"))
                texts.append(done.stdout)
        return texts

    def test_lines_of_the_kernel_become_events_of_the_running_step(self):
        why = why_no_kernel_log()
        if why:
            self.skipTest(why)
        process = self.watched(kernel_log="no gap", seconds=4)
        self.wait_for_line(process, "quick/01")
        time.sleep(0.7)
        with open(KMSG, "w") as device:  # a look-alike: a program says it, not the kernel
            device.write("NVRM: Xid (PCI:0000:1b:00): 79, pid=1, GPU has fallen off the bus.\n")
        crash = subprocess.run([sys.executable, "-c", "import ctypes; ctypes.string_at(0)"], capture_output=True)
        self.assertEqual(crash.returncode, -signal.SIGSEGV)
        self.ended(process, 0)
        report = self.report("bundle")
        self.assertEqual(report["verdict"], "PASS")
        self.assertTrue(report["kernel_log"]["proven"])
        self.assertEqual(report["kernel_log"]["lost"], 0)
        events = {e["cause"]: e for e in report["events"] if e["kind"] == "kernel_log"}
        forged = next(e for e in events.values() if "Xid" in e["text"])
        self.assertEqual(forged["severity"], "warning")
        self.assertIn("quick/01", forged["step"])
        if pathlib.Path("/proc/sys/debug/exception-trace").read_text().strip() == "1":
            segfault = next(e for e in events.values() if "segfault" in e["text"] or "traps:" in e["text"])
            self.assertEqual(segfault["severity"], "info")
            self.assertIn("quick/01", segfault["step"])
        row = next(r for r in report["coverage"] if r["name"] == "kernel_log")
        self.assertEqual((row["verdict"], row["share"]), ("PASS", 1.0))
        self.assertTrue(any("Xid (PCI:0000:1b:00): 79" in text for text in self.segments(".log.zst")))
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=0)

    def test_an_uncorrected_memory_error_fails_the_host_and_names_the_part(self):
        process = self.watched("--root", self.fixture())
        self.wait_for_line(process, "quick/01")
        time.sleep(0.7)
        (self.dimm / "dimm_ue_count").write_text("2\n")
        self.ended(process, 1)
        report = self.report("bundle")
        event = next(e for e in report["events"] if e["kind"] == "counter")
        self.assertEqual((event["severity"], event["part"], event["count"]), ("fatal", "mc0 dimm3", 2))
        self.assertIn("quick/01", event["step"])
        self.assertIn("DIMM_A1", event["text"])
        problem = next(p for p in report["problems"] if p["part"] == "mc0 dimm3")
        self.assertEqual(problem["verdict"], "FAIL")
        self.assertIn("DIMM", problem["next_step"])
        row = next(r for r in report["criteria"] if r["metric"] == "sensor edac.*.ue")
        self.assertEqual((row["verdict"], row["value"]), ("FAIL", 2))
        self.assertTrue(any(e["kind"] == "sensor_root" for e in report["events"]))
        self.assertIn("mc0 dimm3", (self.folder / "bundle/report.txt").read_text())
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=1)
        self.assertEqual(self.verify_sh(self.folder / "bundle").returncode, 1)

    def test_every_tick_is_in_the_bundle_at_the_rate_asked_for(self):
        self.ended(self.watched("--root", self.fixture(), "--sensor-rate", "10 Hz", seconds=2), 0)
        rows = [row for text in self.segments(".csv.zst") for row in csv.DictReader(io.StringIO(text))]
        self.assertGreater(len(rows), 20)
        self.assertEqual(rows[0]["hwmon0.temp1 [celsius]"], "45")
        self.assertEqual(rows[-1]["edac.mc0.dimm3.ce [count]"], "7")
        times = [float(row["at_s"]) for row in rows]
        self.assertEqual(times, sorted(times))
        self.assertEqual(json.loads((self.folder / "bundle/request.json").read_text())["sensor_interval_s"], 0.1)

    def test_a_hot_sensor_breaks_its_limit(self):
        root = self.fixture()
        (root / "sys/class/hwmon/hwmon0/temp1_input").write_text("96000\n")
        self.ended(self.watched("--root", root, seconds=2), 1)
        problem = self.report("bundle")["problems"][0]
        self.assertEqual(problem["part"], "hwmon0.temp1")
        self.assertIn("96 degC", problem["evidence"])

    def test_a_kernel_log_that_cannot_be_read_is_incomplete_where_it_is_demanded(self):
        self.ended(self.watched("--root", self.fixture(), seconds=1, kernel_log="no gap"), 3)
        row = next(r for r in self.report("bundle")["coverage"] if r["name"] == "kernel_log")
        self.assertEqual(row["verdict"], "INCOMPLETE")
        self.assertIn("kmsg", row["reason"])

    def test_kill_and_resume_keep_what_was_read(self):
        process = self.watched("--root", self.fixture(), "--sensor-rate", "10 Hz", seconds=20)
        self.wait_for_line(process, "quick/01")
        time.sleep(7)
        process.kill()
        process.wait()
        self.assertTrue((self.folder / "bundle/telemetry/0001.csv.zst").exists())
        done = self.rackproof("run", "--resume", "bundle", code=0)
        self.assertIn("lines are kept", done.stdout)
        rows = self.segments(".csv.zst")
        self.assertGreater(rows[0].count("\n"), 20)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=0)

    def test_a_segment_that_someone_touched_is_refused(self):
        self.ended(self.watched("--root", self.fixture(), seconds=1), 0)
        segment = self.folder / "bundle/telemetry/0001.csv.zst"
        good = segment.read_bytes()
        segment.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        self.assertIn("0001.csv.zst", self.rackproof("verify", "bundle", "--trust", self.trust(), code=12).stdout)
        self.assertEqual(self.verify_sh(self.folder / "bundle").returncode, 12)
        segment.unlink()
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=12)
        segment.write_bytes(good)
        (self.folder / "bundle/telemetry/0002.csv.zst").write_bytes(good)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=12)
        self.assertEqual(self.verify_sh(self.folder / "bundle").returncode, 12)

    def test_rates_and_roots_that_cannot_be_are_refused(self):
        for rate, why in (("20 Hz", "0.1 Hz to 10 Hz"), ("2 s", "expected hertz"), ("fast", "not a number")):
            done = self.rackproof("run", self.profile(), "--synthetic", RACK, "--sensor-rate", rate, "--out", "bundle", code=64)
            self.assertIn(why, done.stderr)
        self.assertFalse((self.folder / "bundle").exists())
        self.rackproof("run", self.profile(), "--synthetic", RACK, "--root", "/nonexistent", code=64)


if __name__ == "__main__":
    unittest.main()
