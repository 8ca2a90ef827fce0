# SPDX-License-Identifier: Apache-2.0
"""The shipped profile of one NVIDIA H200 on a synthetic device that is as fast: nothing is shortened but times and sizes."""
import os
import pathlib
import re
import unittest

from command_line import CommandLine

RACKS = pathlib.Path(__file__).resolve().parent.parent / "profiles/racks"
H200 = ("rack devices=1 kind=gpu name=NVIDIA_H200 memory=1024MiB cores=132 bandwidth=4.3TB/s host_link=55GB/s int8=1400TOP/s "
        "fp8_e4m3=1300TFLOP/s fp16=780TFLOP/s bf16=780TFLOP/s tf32=370TFLOP/s fp32=50TFLOP/s fp64=55TFLOP/s\n")
SENSORS = r"(?m)^  sensors:( \[.*\])?\n(    .*\n)*"  # limits on sensors and the demand that they answer
SHORTER = ((r"(?m)^environment:\n(  .*\n)*", ""), (r"for: [\d.]+ (s|min|h)\b", "for: 1 s"), (r"size: (8192|4096)", "size: 128"), (r"(size|array_bytes): \d GiB", r"\1: 64 MiB"),
           (r"size: 143771 MiB", "size: 1024 MiB"), (r"\n +pci: .*", ""), (r"\[int8, fp8_e4m3, fp16, bf16, tf32, fp32, fp64\]", "[int8, bf16]"),
           (r"\[(fp8_e4m3, )?fp16, bf16, tf32, fp32, fp64\]", "[bf16]"))
NO_SENSORS = ((SENSORS, ""), (r"(?m)^limits:\n(?=\n|#)", ""))
# Some steps, and no limits but those on sensors that are left: what tests need that are not about the figures.
FEW_STEPS = ((r"(?m)^      - \{run: (compute.gemm.*(error_free|random)|compute.mix|memory.triad|interconnect).*\n", ""),
             (r"(?s)\nlimits:\n  compute.gemm:.*", "\n"), (r"(?m)^    - .*during: interconnect.*\n", ""))


class Nvidia(CommandLine):
    def shortened(self, *more):
        """Both files of the profile in a folder that is looked in first; limits on what no longer runs would be a mistake."""
        for name in ("nvidia-hopper", "nvidia-h200"):
            text = (RACKS / f"{name}.yaml").read_text()
            for pattern, instead in (*SHORTER, *more):
                text = re.sub(pattern, instead, text)
            text = re.sub(r"    - metric: throughput\n      where: \{dtype: (fp16|fp8_e4m3|tf32|fp32|fp64),(.*\n){4}", "", text)
            (self.folder / f"{name}.yaml").write_text(text)
        self.environment["RACKPROOF_PROFILES"] = str(self.folder) + os.pathsep + self.environment["RACKPROOF_PROFILES"]

    def qualify(self, quirks, code):
        return self.rackproof("run", "nvidia-h200", "--backend", "synthetic", "--synthetic", H200 + quirks, "--out", "bundle", code=code)

    def test_a_gpu_as_good_as_the_published_ones_passes(self):
        self.shortened(*NO_SENSORS)
        self.qualify("", 0)
        self.assertEqual(self.report("bundle")["verdict"], "PASS")
        measured = {row["metric"] for row in self.report("bundle")["criteria"] if row["rule"] == "floor"}
        self.assertEqual(measured, {"throughput", "bandwidth"})

    def test_one_wrong_result_fails_it(self):
        self.shortened(*FEW_STEPS, *NO_SENSORS)
        self.qualify("n0-d0 wrong=result after=20\n", 1)
        self.assertIn("miscompare", " ".join(p["evidence"] for p in self.report("bundle")["problems"]))

    def test_sensors_that_say_nothing_are_no_pass(self):
        self.shortened(*FEW_STEPS)
        self.qualify("", 3)
        self.assertIn("nvml.*.power", " ".join(p["evidence"] for p in self.report("bundle")["problems"]))

    def test_a_board_of_eight_is_planned_whole_in_every_stage(self):
        for name in ("nvidia-hopper", "nvidia-h200", "nvidia-hgx-h200"):
            text = re.sub(r"\n +pc(i|ie): .*", "", (RACKS / f"{name}.yaml").read_text())  # a synthetic device has no PCI address
            (self.folder / f"{name}.yaml").write_text(text)
        self.environment["RACKPROOF_PROFILES"] = str(self.folder)
        for stage in ("quick", "standard", "soak"):
            said = self.rackproof("run", "nvidia-hgx-h200", "--stage", stage, "--dry-run", "--backend", "synthetic",
                                  "--synthetic", RACKS.parent.parent / "tests_hw/racks/hgx-h200.rack", code=0).stdout
            self.assertNotIn("MISS", said)
            self.assertRegex(said, rf"{stage}/01 .* 8 devices")

    def test_the_wrong_part_is_refused_before_any_load(self):
        self.shortened()
        done = self.rackproof("run", "nvidia-h200", "--backend", "synthetic", "--synthetic", H200.replace("NVIDIA_H200", "NVIDIA_H100"),
                              "--out", "bundle", code=1)
        self.assertNotIn("[ 1/", done.stdout)
        self.assertIn("is a 'NVIDIA H100'", done.stdout)


if __name__ == "__main__":
    unittest.main()
