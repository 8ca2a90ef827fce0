# SPDX-License-Identifier: Apache-2.0
"""NVIDIA GPUs as a run watches them: the driver's library is a fake that says what a text file tells it to."""
import os
import unittest

from command_line import CommandLine

RACK = "rack nodes=1 devices=4 memory=64MiB cores=4 bandwidth=400GB/s fp32=20TFLOP/s\n"
PROFILE = """
schema: rackproof/profile/1
name: watched-gpus
revision: 1
confidence: derived
sensor_rate: 10 Hz
hardware: {node: {accelerators: [{kind: synthetic, count: 4}]}}
limits:
  sensors:
    - {sensor: "nvml.*.temp", ceiling: 90 degC, source: a test}
coverage: {kernel_log: if readable}
stages:
  - stage: quick
    steps:
      - {run: compute.gemm, on: synthetic, with: {dtype: fp32, size: 256}, for: 2 s, together: all}
"""


class Nvml(CommandLine):
    def setUp(self):
        super().setUp()
        self.environment["LD_LIBRARY_PATH"] = os.path.dirname(os.environ["RACKPROOF_FAKE_NVML_FILE"])

    def watch(self, script, code):
        path = self.folder / "nvml.txt"
        path.write_text(script)
        self.environment["RACKPROOF_FAKE_NVML"] = str(path)
        profile = self.folder / "watched.yaml"
        profile.write_text(PROFILE)
        self.rackproof("run", profile, "--synthetic", RACK, "--backend", "synthetic", "--out", "bundle", code=code)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=code)
        return self.report("bundle")

    def test_healthy_gpus_pass(self):
        report = self.watch("gpu 0000:1b:00.0\ngpu 0000:3b:00.0\n", 0)
        self.assertEqual(report["verdict"], "PASS")
        row = next(r for r in report["criteria"] if r["metric"] == "sensor nvml.*.temp")
        self.assertEqual((row["verdict"], row["value"]), ("PASS", 55))

    def test_an_uncorrectable_error_fails_the_gpu_by_its_address(self):
        report = self.watch("gpu 0000:1b:00.0\necc.volatile.uncorrected.dram 12*0 1\n", 1)
        event = next(e for e in report["events"] if e["cause"] == "gpu.memory.uncorrected")
        self.assertEqual((event["severity"], event["part"]), ("fatal", "0000:1b:00.0"))
        problem = next(p for p in report["problems"] if p["part"] == "0000:1b:00.0")
        self.assertIn("nvml.0000:1b:00.0.ecc.uncorrected.dram rose by 1 to 1", problem["evidence"])

    def test_a_gpu_that_stalls_neither_hangs_the_run_nor_hides_another(self):
        report = self.watch("gpu 0000:1b:00.0\nenergy 5*0 stall\ngpu 0000:3b:00.0\nxid 12*- 79 -\n", 1)
        event = next(e for e in report["events"] if e["cause"] == "gpu.xid.79")
        self.assertEqual(event["part"], "0000:3b:00.0")

    def test_a_driver_that_is_not_loaded_is_no_answer(self):
        report = self.watch("init DRIVER_NOT_LOADED\n", 3)
        row = next(r for r in report["criteria"] if r["metric"] == "sensor nvml.*.temp")
        self.assertEqual(row["verdict"], "INCOMPLETE")


if __name__ == "__main__":
    unittest.main()
