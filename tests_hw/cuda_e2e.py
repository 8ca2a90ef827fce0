# SPDX-License-Identifier: Apache-2.0
"""NVIDIA GPUs on the command line: drivers are fakes that say and do what a text file tells them to."""
import os
import unittest

from command_line import CommandLine


class Cuda(CommandLine):
    def setUp(self):
        super().setUp()
        if "RACKPROOF_FAKE_CUDA_FOLDER" not in os.environ:
            self.skipTest("built without the CUDA back end or without OpenCL, which the fake driver runs on")

    def with_driver(self, script):
        path = self.folder / "driver.txt"
        path.write_text(script)
        self.environment.update(RACKPROOF_FAKE_CUDA=str(path), LD_LIBRARY_PATH=os.environ["RACKPROOF_FAKE_CUDA_FOLDER"])

    def stress(self, *words, code):
        return self.rackproof("stress", *words, "--on", "gpu", "--for", "2 s", code=code).stdout

    def test_a_machine_without_driver_has_no_gpu_and_says_why(self):
        said = self.rackproof("devices", code=0).stdout
        if "cuda:0" in said:
            self.skipTest("this machine has a GPU")
        self.assertIn("not here: cuda: no NVIDIA driver: libcuda.so.1: cannot open", said)
        self.assertNotIn("problem", said)

    def test_a_gpu_is_listed_with_its_name_memory_and_multiprocessors(self):
        self.with_driver("gpus 2\nname NVIDIA H200 of tests\nmemory_mib 1024\nmultiprocessors 8\n")
        said = self.rackproof("devices", code=0).stdout
        self.assertRegex(said, r"cuda:1 +gpu +NVIDIA H200 of tests +1 GiB +8")

    def test_a_driver_that_is_too_old_is_a_problem_of_its_back_end_alone(self):
        self.with_driver("driver 12040\n")
        said = self.rackproof("devices", code=0).stdout
        self.assertIn("problem: cuda: the driver is for CUDA 12.4, and this program was built for CUDA 13", said)
        self.assertIn("cpu:0", said)

    def test_a_driver_that_hangs_is_a_problem_of_its_back_end_alone(self):
        self.with_driver("hang cuDeviceGetCount 0\n")
        said = self.rackproof("devices", code=0).stdout
        self.assertIn("problem: cuda: discovery gave no answer within", said)
        self.assertIn("cpu:0", said)

    def test_a_healthy_gpu_passes_with_every_detector_proven(self):
        self.with_driver("memory_mib 1024\nmultiprocessors 8\n")
        self.rackproof("run", "tiny-cuda", "--backend", "cuda", "--out", "bundle", code=0)
        report = self.report("bundle")
        self.assertEqual(report["verdict"], "PASS")
        self.assertGreater(len(report["drill"]), 4)
        for row in report["drill"]:
            self.assertEqual(row["detected"], row["activated"], row)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=0)

    def test_a_library_that_multiplies_wrong_fails_the_gpu(self):
        self.with_driver("memory_mib 1024\n")
        self.environment["RACKPROOF_FAKE_CUBLASLT"] = "wrong"
        said = self.stress("compute.gemm", "--with", "dtype=fp32", "--with", "size=64", code=1)
        self.assertIn("cuda:0", said)
        self.assertIn("element 5", said)

    def test_a_gpu_that_falls_off_the_bus_is_named(self):
        self.with_driver("memory_mib 1024\nfail cuLaunchKernel 40 999\n")
        said = self.stress("memory.march", "--with", "memory=1 %", code=5)
        self.assertIn("CUDA_ERROR_UNKNOWN", said)
        self.assertIn("cuda:0", said)

    def test_a_kernel_that_never_ends_is_a_hang_of_the_gpu(self):
        self.with_driver("memory_mib 1024\nhang cuLaunchKernel 40\n")
        said = self.stress("memory.triad", "--with", "array_bytes=1 MiB", code=1)
        self.assertIn("hung", said)

    def test_two_gpus_copy_to_each_other_and_the_detector_is_proven(self):
        self.with_driver("gpus 2\nmemory_mib 1024\n")
        said = self.stress("interconnect.peer_copy", "--with", "size=4MiB", code=0)
        self.assertIn("2 of 2 devices proven", said)

    def test_a_collective_that_sums_wrong_fails_the_rank_that_got_it(self):
        self.with_driver("gpus 2\nmemory_mib 1024\n")
        words = ("interconnect.collective", "--with", "kind=all_reduce", "--with", "size=1MiB")
        self.assertIn("2 of 2 devices proven", self.stress(*words, code=0))
        self.environment["RACKPROOF_FAKE_NCCL"] = "wrong"
        self.assertIn("FAIL: 1 of 2 devices: cuda:1 wrong results", self.stress(*words, code=1))

    def test_memory_that_others_took_is_told_in_bytes(self):
        self.with_driver("memory_mib 1024\nfail cuMemAlloc 0 2\n")
        said = self.rackproof("stress", "memory.triad", "--on", "gpu", "--for", "2 s", code=None).stdout
        self.assertIn("CUDA_ERROR_OUT_OF_MEMORY", said)
        self.assertNotIn("PASS:", said)


if __name__ == "__main__":
    unittest.main()
