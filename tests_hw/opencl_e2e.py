# SPDX-License-Identifier: Apache-2.0
"""OpenCL on the command line: drivers that fail cost that back end alone, a CPU's device is tested when asked for."""
import os
import unittest

from command_line import CommandLine


class OpenCl(CommandLine):
    def devices_with(self, driver, misbehaviour, *words):
        self.environment.update(OCL_ICD_VENDORS=driver, RACKPROOF_FAKE_ICD=misbehaviour)
        return self.rackproof("devices", *words, code=0).stdout

    def test_a_machine_without_drivers_has_no_devices_and_no_problem(self):
        said = self.devices_with("/proc/nope", "", "--backend", "opencl")
        self.assertIn("no devices", said)
        self.assertNotIn("problem", said)

    def test_a_driver_that_crashes_costs_its_back_end_alone(self):
        for where in ("platforms", "devices"):
            said = self.devices_with(os.environ["RACKPROOF_FAKE_ICD_FILE"], f"crash_in_{where}")
            self.assertIn("problem: opencl: discovery ended by signal 11 (SIGSEGV)", said)
            self.assertIn("cpu:0", said)

    def test_a_driver_that_hangs_costs_its_back_end_alone(self):
        said = self.devices_with(os.environ["RACKPROOF_FAKE_ICD_FILE"], "hang_in_devices")
        self.assertIn("problem: opencl: discovery gave no answer within", said)
        self.assertIn("cpu:0", said)

    def test_a_driver_that_fails_is_named(self):
        said = self.devices_with(os.environ["RACKPROOF_FAKE_ICD_FILE"], "fail_in_devices")
        self.assertIn("problem: opencl: clGetDeviceIDs on platform 'a platform of tests': CL_OUT_OF_HOST_MEMORY", said)

    def test_a_cpu_is_an_opencl_device_only_when_asked_for(self):
        self.assertNotIn("opencl:", self.rackproof("devices", code=0).stdout)
        if "opencl:0.0" not in self.rackproof("devices", "--backend", "opencl", code=0).stdout:
            self.skipTest("no OpenCL device (pocl-opencl-icd is one)")
        self.rackproof("run", "tiny-opencl", "--backend", "opencl", "--out", "bundle", code=0)
        report = self.report("bundle")
        self.assertEqual(report["verdict"], "PASS")
        for row in report["drill"]:
            self.assertEqual(row["detected"], row["activated"], row)


if __name__ == "__main__":
    unittest.main()
