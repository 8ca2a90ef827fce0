# SPDX-License-Identifier: Apache-2.0
"""Racks with bad devices: each is named with its reason, and nothing bad passes."""
import unittest

from command_line import CommandLine

RACK = "rack nodes=1 devices=4 memory=64MiB cores=4 bandwidth=400GB/s fp32=20TFLOP/s\n"


class Rack(CommandLine):
    def run_rack(self, quirks, code, **options):
        return self.rackproof("run", "tiny-synthetic", "--synthetic", RACK + quirks, "--out", "bundle", code=code, **options)

    def problem_of(self, part):
        problems = [p for p in self.report("bundle")["problems"] if part in p["part"]]
        self.assertTrue(problems, self.report("bundle")["problems"])
        return problems[0]

    def only_bad(self, device):
        bad = [d["device"] for d in self.report("bundle")["devices"] if d["verdict"] == "FAIL"]
        self.assertEqual(bad, [device])

    def test_a_healthy_rack_passes(self):
        self.run_rack("", 0)

    def test_a_wrong_device_fails_and_only_it(self):
        self.run_rack("n0-d2 wrong=result\n", 1)
        self.only_bad("n0-d2")
        self.assertIn("miscompare", self.problem_of("n0-d2")["evidence"])

    def test_the_same_wrong_answer_every_time_fails(self):
        self.run_rack("n0-d1 wrong=stuck\n", 1)
        self.only_bad("n0-d1")

    def test_a_device_that_hides_its_miscompares_fails_by_its_digest(self):
        self.run_rack("n0-d1 lies=count\n", 1)
        self.only_bad("n0-d1")
        self.assertIn("digest", self.problem_of("n0-d1")["evidence"])

    def test_a_slow_device_fails_its_floor(self):
        self.run_rack("n0-d3 slow=20%\n", 1)
        self.only_bad("n0-d3")
        self.assertIn("throughput", self.problem_of("n0-d3")["evidence"])

    def test_a_device_that_claims_more_than_physics_allows_is_invalid(self):
        self.run_rack("n0-d0 lies=rate\n", 4)

    def test_a_device_with_less_memory_than_it_claims_fails(self):
        self.run_rack("n0-d0 lies=size\n", 1)

    def test_a_hanging_device_fails_twice_fails_and_its_siblings_go_on(self):
        self.run_rack("n0-d1 hang=memory.march\n", 1)
        self.only_bad("n0-d1")
        self.assertRegex(self.problem_of("n0-d1")["evidence"], "hung|silent")

    def test_a_missing_device_stops_the_run_before_load(self):
        done = self.run_rack("n0-d2 absent\n", 1)
        self.assertNotIn("[ 1/", done.stdout)
        self.assertIn("n0-d2", done.stdout)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=1)

    def test_keep_going_tests_what_is_there_and_stays_fail(self):
        self.rackproof("run", "tiny-synthetic", "--synthetic", RACK + "n0-d2 absent\nn0-d1 wrong=result\n", "--keep-going", "--out", "bundle", code=1)
        self.only_bad("n0-d1")
        self.assertIn("n0-d2", " ".join(p["evidence"] for p in self.report("bundle")["problems"]))

    def test_an_extra_device_fails_too(self):
        self.rackproof("run", "tiny-synthetic", "--synthetic", RACK.replace("devices=4", "devices=5"), "--out", "bundle", code=1)

    def test_a_device_that_cannot_is_incomplete_never_pass(self):
        self.run_rack("n0-d2 unsupported=fp32\n", 3)

    def test_a_driver_error_is_error(self):
        self.run_rack("n0-d2 error=gemm\n", 5)

    def test_a_device_that_crashes_its_worker_twice_fails(self):
        self.run_rack("n0-d2 crash=SIGSEGV\n", 1)
        self.only_bad("n0-d2")

    def test_a_device_that_says_nothing_never_passes(self):
        done = self.run_rack("n0-d2 silent\n", None)
        self.assertNotIn(done.returncode, (0, 2))


PEERS = "rack nodes=1 devices=8 memory=64MiB cores=4 bandwidth=400GB/s peer_link=10GB/s\n"


class Peers(CommandLine):
    def run_peers(self, quirks, code):
        return self.rackproof("run", "tiny-peers", "--synthetic", PEERS + quirks, "--out", "bundle", code=code)

    def only_bad(self, device, pair):
        report = self.report("bundle")
        self.assertEqual([d["device"] for d in report["devices"] if d["verdict"] == "FAIL"], [device])
        self.assertIn(pair, report["headline"])
        self.assertTrue(any(pair in p["evidence"] for p in report["problems"]), report["problems"])

    def test_a_healthy_node_passes(self):
        self.run_peers("", 0)

    def test_a_link_that_is_wrong_fails_with_both_ends_named(self):
        self.run_peers("n0-d5 link_wrong=d3\n", 1)
        self.only_bad("n0-d5", "n0-d3 -> n0-d5")

    def test_a_link_that_is_slow_fails_with_both_ends_named(self):
        self.run_peers("n0-d5 link_slow=d3:50%\n", 1)
        report = self.report("bundle")
        self.assertEqual([d["device"] for d in report["devices"] if d["verdict"] == "FAIL"], ["n0-d5"])
        self.assertTrue(any(c.get("reason", "").startswith("n0-d3 -> n0-d5: bandwidth") for c in report["criteria"]))

    def test_a_link_that_hangs_never_passes(self):
        done = self.run_peers("n0-d5 link_hang=d3\n", None)
        self.assertIn(done.returncode, (1, 3, 5))
        self.assertTrue(any("n0-d5" in p["evidence"] + p["part"] for p in self.report("bundle")["problems"]))

    def test_a_device_alone_has_no_peer_and_does_not_pass(self):
        done = self.rackproof("stress", "interconnect.peer_copy", "--on", "n0-d0", "--for", "1 s", "--synthetic", PEERS, code=3)
        self.assertIn("n0-d0 has no peer in this step", done.stdout)


if __name__ == "__main__":
    unittest.main()
