# SPDX-License-Identifier: Apache-2.0
"""`rackproof prove`: faults on this machine's CPU are all found, on a device that hides its mistakes none is, and both are said."""
import json
import resource
import unittest

from command_line import CommandLine

SMALL = "rack memory=64MiB cores=4 fp32=1TFLOP/s spread=0%"
QUICK = ("--stressor", "compute.gemm", "--stressor", "memory.march", "--stressor", "interconnect.host_copy")


class Prove(CommandLine):
    def table(self, *words, code):
        return json.loads(self.rackproof("prove", *words, "--json", code=code).stdout)

    def test_every_fault_on_the_cpu_is_found_at_its_place(self):
        table = self.table("--device", "cpu:0", "--backend", "cpu", "--faults", 400, code=0)
        for name, least in (("single", 400), ("structured", 400), ("deterministic", 40)):
            total = table["totals"][name]
            self.assertGreaterEqual(total["activated"], least)
            self.assertEqual(total["missed"], 0)
            self.assertEqual(total["localised"], total["activated"])
        sites = {row["site"] for row in table["rows"] if row["activated"]}
        self.assertEqual(sites, {"result", "operand", "memory", "transfer"})
        self.assertEqual(table["unexplained_findings"], 0)
        self.assertGreater(table["clean_bursts"], 800)

    def test_a_record_that_cannot_be_stored_proves_nothing(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))
        done = self.rackproof("prove", "--backend", "synthetic", "--synthetic", SMALL, "--faults", 30, "--stressor", "memory.march",
                              code=5, preexec_fn=limit)
        self.assertIn("could not be stored", done.stderr)
        self.assertEqual(done.stdout.count("faults"), 0)

    def test_a_device_that_hides_its_mistakes_fails(self):
        done = self.rackproof("prove", "--backend", "synthetic", "--synthetic", SMALL + "; n0-d0 silent", "--faults", 20, *QUICK, code=1)
        self.assertIn("missed: n0-d0 compute.gemm", done.stdout)
        self.assertIn("FAIL: 0 of", done.stdout)

    def test_a_wrong_device_fails_although_every_fault_is_found(self):
        done = self.rackproof("prove", "--backend", "synthetic", "--synthetic", SMALL + "; n0-d0 wrong=result", "--faults", 20,
                              "--stressor", "compute.gemm", "--quiet", code=1)
        self.assertRegex(done.stdout, r"FAIL: .* [1-9]\d* findings without a fault")

    def test_a_device_that_crashes_proves_nothing(self):
        done = self.rackproof("prove", "--backend", "synthetic", "--synthetic", SMALL + "; n0-d0 crash=SEGV", "--faults", 20, *QUICK, code=3)
        self.assertIn("not whole: n0-d0 compute.gemm", done.stdout)
        self.assertIn("SIGSEGV", done.stdout)
        self.assertIn("INCOMPLETE", done.stdout)

    def test_other_comparators_miss_what_lasts(self):
        table = self.table("--backend", "synthetic", "--synthetic", SMALL, "--faults", 200, "--stressor", "compute.gemm", "--versus", code=0)
        lasting = [row for row in table["versus"] if row["class"] == "deterministic" and row["comparator"].startswith("own first")]
        self.assertTrue(lasting)
        for row in lasting:
            self.assertEqual(row["missed"], row["faults"])

    def test_a_kept_bundle_holds_every_fault(self):
        self.rackproof("prove", "--backend", "synthetic", "--synthetic", SMALL, "--faults", 30, "--stressor", "memory.march",
                       "--out", "bundle", "--quiet", code=0)
        drill = self.report("bundle")["drill"]
        self.assertGreaterEqual(sum(row["detected"] for row in drill), 60)
        done = self.rackproof("verify", "bundle", code=17)  # whole, and nobody's
        self.assertIn("follows again from the recorded measurements", done.stdout)

    def test_nonsense(self):
        for words, says in ((("--faults", "0"), "1 to 10000000"), (("--faults", "-3"), "not -3"), (("--faults", "many"), "many"),
                            (("--device", "gpu9"), "no device or kind is named 'gpu9'"),
                            (("--stressor", "memory.tirad"), "did you mean 'memory.triad'?")):
            done = self.rackproof("prove", "--backend", "cpu", *words, code=64)
            self.assertIn(says, done.stderr)


class Unannounced(CommandLine):
    def test_a_load_suffers_faults_that_nobody_announced(self):
        self.rackproof("stress", "compute.gemm", "--backend", "cpu", "--on", "cpu:0", "--for", "5 s", "--out", "bundle", code=0)
        row, = self.report("bundle")["drill"]
        self.assertGreaterEqual(row["unannounced"], 1)
        self.assertEqual(row["detected"], row["activated"])
        self.assertEqual(self.report("bundle")["miscompares"], [])

    def test_a_miscompare_beside_them_is_still_one(self):
        done = self.rackproof("stress", "compute.gemm", "--backend", "synthetic", "--synthetic", SMALL + "; n0-d0 wrong=result",
                              "--for", "4 s", "--out", "bundle", code=1)
        self.assertIn("n0-d0", done.stdout)
        self.assertGreaterEqual(self.report("bundle")["miscompares"][0]["count"], 1)


if __name__ == "__main__":
    unittest.main()
