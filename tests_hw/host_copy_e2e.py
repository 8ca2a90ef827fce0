# SPDX-License-Identifier: Apache-2.0
"""Copies from near and far memory of the host: a device that is slow from the far socket alone is found, and no label is wrong."""
import json
import unittest

from command_line import CommandLine

TWO_SOCKETS = "rack devices=4 memory=64MiB cores=4 host_link=50GB/s numa_nodes=2 numa_node=0\nn0-d2 numa_node=1\nn0-d3 numa_node=1"
PROFILE = """
schema: rackproof/profile/1
name: both-sockets
revision: 1
confidence: derived
hardware: {node: {accelerators: [{kind: synthetic, count: 4}]}}
limits:
  interconnect.host_copy:
    - {metric: bandwidth, where: {numa: near}, floor: 45 GB/s, source: a test}
    - {metric: bandwidth, where: {numa: far}, floor: 30 GB/s, source: a test}
    - {metric: latency, where: {numa: near}, ceiling: 0.01 ms, source: a test}
stages:
  - stage: quick
    steps:
      - {run: interconnect.host_copy, on: synthetic, with: {numa: [near, far], direction: [h2d, d2h], size: 1 MiB}, for: 1 s}
"""


class HostCopy(CommandLine):
    def qualify(self, quirks, code):
        (self.folder / "both.yaml").write_text(PROFILE)
        self.rackproof("run", "both.yaml", "--backend", "synthetic", "--synthetic", TWO_SOCKETS + quirks, "--out", "bundle", code=code)
        return self.report("bundle")

    def stress(self, *words, code):
        return self.rackproof("stress", "interconnect.host_copy", "--with", "size=1 MiB", "--for", "2 s", *words, code=code).stdout

    def test_devices_of_both_sockets_pass_near_and_far(self):
        report = self.qualify("", 0)
        self.assertEqual(len([row for row in report["criteria"] if row["rule"] == "floor" and row["verdict"] == "PASS"]), 16)
        latencies = [row["value"] for row in report["criteria"] if row["metric"] == "latency"]
        self.assertTrue(latencies and all(1e-6 < value < 1e-5 for value in latencies), latencies)

    def test_a_device_that_is_slow_from_the_far_socket_alone_fails(self):
        report = self.qualify(" far_slow=60%", 1)
        bad = {(row["device"], row["step"].split("numa=")[-1].split()[0].rstrip(",")) for row in report["criteria"] if row["verdict"] == "FAIL"}
        self.assertEqual({device for device, _ in bad}, {"n0-d3"})
        self.assertEqual(len([row for row in report["criteria"] if row["verdict"] == "FAIL"]), 2)  # both ways from the far socket

    def test_what_may_not_be_near_or_far_is_not_measured_and_no_pass(self):
        one, hidden = "rack memory=64MiB cores=4", "rack memory=64MiB cores=4 numa_nodes=2"
        self.assertIn("n0-d0 does not support far memory with one NUMA node",
                      self.stress("--backend", "synthetic", "--synthetic", one, "--with", "numa=far", code=3))
        self.assertIn("n0-d0 does not support a choice of NUMA nodes: its own is not known",
                      self.stress("--backend", "synthetic", "--synthetic", hidden, "--with", "numa=near", code=3))

    def test_this_hosts_own_nodes_are_near_and_only_another_one_is_far(self):
        devices = json.loads(self.rackproof("devices", "--backend", "cpu", "--json", code=0).stdout)["devices"]
        self.stress("--backend", "cpu", "--on", devices[0]["id"], "--with", "numa=near", code=0)
        if len(devices) == 1:
            self.assertIn("one NUMA node: no memory is far", self.stress("--backend", "cpu", "--with", "numa=far", code=3))

    def test_devices_tell_their_node(self):
        said = self.rackproof("devices", "--backend", "synthetic", "--synthetic", TWO_SOCKETS, code=0).stdout
        self.assertRegex(said, r"(?m)^device .* numa  serial$")
        self.assertRegex(said, r"(?m)^n0-d3 .* 4 +1  SYN-0003$")
        unknown = self.rackproof("devices", "--backend", "synthetic", "--synthetic", "rack", code=0).stdout
        self.assertRegex(unknown, r"(?m)^n0-d0 .* -  SYN-0000$")


if __name__ == "__main__":
    unittest.main()
