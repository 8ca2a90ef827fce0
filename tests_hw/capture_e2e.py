# SPDX-License-Identifier: Apache-2.0
"""Captures this machine, looks at the capture with every command that reads, and breaks it."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from command_line import RACKPROOF, CommandLine

# What changes by itself, or says where it was read.
VOLATILE = ("notes", "attention")


class Capture(CommandLine):
    @classmethod
    def setUpClass(cls):
        cls.kept = pathlib.Path(tempfile.mkdtemp(prefix="rackproof-capture-"))
        cls.addClassCleanup(shutil.rmtree, cls.kept, ignore_errors=True)
        subprocess.run([RACKPROOF, "capture", cls.kept / "node"], check=True, capture_output=True, timeout=120)

    def setUp(self):
        super().setUp()
        self.node = self.folder / "node"
        shutil.copytree(self.kept / "node", self.node)

    def refused(self, *words, says):
        done = self.rackproof(*words, code=64)
        self.assertIn(says, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertEqual(done.stdout, "")

    def change_manifest(self, **changes):
        path = self.node / "capture.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    def test_the_inventory_is_that_of_the_live_machine(self):
        live = json.loads(self.rackproof("inventory", "--json", code=0).stdout)
        again = json.loads(self.rackproof("inventory", "--from", "node", "--json", code=0).stdout)
        for key in VOLATILE:
            del live[key], again[key]
        # A virtual machine may be given memory at any time.
        for node in live["numa_nodes"] + again["numa_nodes"]:
            del node["memory_bytes"]
        self.assertEqual(again, live)

    def test_every_reading_command_reads_it(self):
        self.assertIn("attention", self.rackproof("inventory", "--from", "node", code=0).stdout)
        self.assertIn("cpu:0", self.rackproof("devices", "--from", "node", code=0).stdout)
        self.assertIn("steps", self.rackproof("plan", "--from", "node", "generic-host", code=0).stdout)
        self.assertIn("-> ", self.rackproof("profile", "fit", "--from", "node", code=0).stdout)

    def test_devices_say_what_nobody_measured(self):
        devices = json.loads(self.rackproof("devices", "--from", "node", "--json", code=0).stdout)["devices"]
        live = json.loads(self.rackproof("devices", "--backend", "cpu", "--json", code=0).stdout)["devices"]
        self.assertEqual([d["allocatable_bytes"] for d in devices], [None] * len(live))
        self.assertEqual([(d["id"], d["name"], d["cores"]) for d in devices], [(d["id"], d["name"], d["cores"]) for d in live])

    def test_a_plan_has_the_captured_memory(self):
        plan = json.loads(self.rackproof("plan", "--from", "node", "generic-host", "--json", code=0).stdout)
        inventory = json.loads(self.rackproof("inventory", "--from", "node", "--json", code=0).stdout)
        memory = sum(row["whole"] for row in plan["coverage"] if row["name"].startswith("memory."))
        self.assertEqual(memory, inventory["memory_bytes"])

    def test_nothing_can_be_run_on_it(self):
        self.refused("run", "--from", "node", says="run tests the machine that it runs on")
        self.refused("stress", "compute.gemm", "--from=node", says="stress tests the machine that it runs on")

    def test_lspci_reads_the_dump(self):
        if not shutil.which("lspci") or not (self.node / "pci.txt").exists():
            self.skipTest("no lspci, or no PCI here")
        listed = subprocess.run(["lspci", "-n", "-D", "-F", self.node / "pci.txt"], text=True, capture_output=True, check=True).stdout
        live = subprocess.run(["lspci", "-n", "-D"], text=True, capture_output=True, check=True).stdout
        self.assertEqual(listed, live)

    def test_the_text_of_lspci_shows_the_same_devices(self):
        if not shutil.which("lspci"):
            self.skipTest("no lspci")
        text = subprocess.run(["lspci", "-vvv", "-nn"], text=True, capture_output=True, check=True).stdout
        (self.folder / "mail.txt").write_text(text)
        from_text = json.loads(self.rackproof("inventory", "--from", "mail.txt", "--json", code=0).stdout)
        live = json.loads(self.rackproof("inventory", "--json", code=0).stdout)
        facts = ("bdf", "vendor_id", "device_id", "class_id", "driver")
        self.assertEqual([[d[f] for f in facts] for d in from_text["pci"]], [[d[f] for f in facts] for d in live["pci"]])

    def test_single_files_are_told_by_content(self):
        (self.node / "topology.xml").rename(self.folder / "a.txt")
        self.assertIn("numa", self.rackproof("inventory", "--from", "a.txt", code=0).stdout)
        self.assertIn("cpu:0", self.rackproof("devices", "--from", "a.txt", code=0).stdout)
        (self.folder / "b").write_text("[   12.500000] NVRM: Xid (PCI:0000:1b:00): 79, pid=1, GPU has fallen off the bus.\n")
        self.assertRegex(self.rackproof("inventory", "--from", "b", code=0).stdout, "attention.*Xid")
        self.refused("devices", "--from", "b", says="has no topology")

    def test_one_changed_byte_is_named(self):
        for file in ("topology.xml", "root/proc/meminfo", "readings.json"):
            with self.subTest(file=file):
                whole = (self.node / file).read_bytes()
                (self.node / file).write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
                for command in (["inventory"], ["devices"], ["plan"], ["profile", "fit"]):
                    self.refused(*command, "--from", "node", says=f"node/{file}: is not the file that was captured")
                (self.node / file).write_bytes(whole)
        self.rackproof("inventory", "--from", "node", code=0)

    def test_cut_files_are_named(self):
        for path in sorted(p for p in self.node.glob("*.*") if p.name != "capture.json"):
            with self.subTest(file=path.name):
                whole = path.read_bytes()
                path.write_bytes(whole[:len(whole) // 2])
                self.refused("inventory", "--from", "node", says="changed or cut")
                path.write_bytes(whole)
        manifest = (self.node / "capture.json").read_bytes()
        for length in (0, 1, len(manifest) // 2, len(manifest) - 3):
            (self.node / "capture.json").write_bytes(manifest[:length])
            self.refused("inventory", "--from", "node", says="capture.json")

    def test_a_capture_that_broke_off_is_told(self):
        (self.node / "capture.json").unlink()
        self.assertIn("no capture.json: nothing shows", self.rackproof("inventory", "--from", "node", code=0).stdout)

    def test_hostile_manifests_are_refused(self):
        file = {"sha256": hashlib.sha256(b"").hexdigest(), "size_bytes": 0}
        for path in ("../../etc/passwd", "/etc/passwd", "root/../../x", "a" * 300):
            self.change_manifest(files=[{"path": path, **file}])
            self.refused("inventory", "--from", "node", says="could lead out of the capture")
        self.change_manifest(files=[{"path": "pci.txt", "sha256": file["sha256"], "size_bytes": 10 ** 10}])
        self.refused("inventory", "--from", "node", says="claims 10000000000 bytes")
        self.change_manifest(schema="rackproof/capture/2", tool="rackproof 9.0")
        self.refused("inventory", "--from", "node", says="'rackproof/capture/2', written by 'rackproof 9.0'")

    def test_hostile_files_end_in_one_line(self):
        cases = {
            "bomb.xml": ('<?xml version="1.0"?>\n<!DOCTYPE t [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>\n<topology/>\n', "bomb.xml:2: declares entities"),
            "deep.xml": ("<topology>" + "<object>" * 200000, "nested more than 64 deep"),
            "huge.xml": ('<topology version="2.0"><object type="PU" os_index="4000000000"/></topology>', "os_index '4000000000'"),
            "cut.txt": ("01:00.0 3D controller: x\n\tNUMA node: 0\n", "is cut off"),
            "noise": ("\x01\x02\x03" * 1000, "nothing that can be read"),
            "empty": ("", "is empty"),
        }
        for name, (text, says) in cases.items():
            with self.subTest(file=name):
                (self.folder / name).write_text(text)
                self.refused("inventory", "--from", name, says=says)
        self.refused("inventory", "--from", "nowhere", says="nowhere: is not there")
        self.refused("inventory", "--from", "/dev/null", says="neither a file nor a folder")
        os.mkfifo(self.folder / "pipe")
        self.refused("inventory", "--from", "pipe", says="neither a file nor a folder")

    def test_a_million_devices_are_refused_in_time(self):
        rows = "".join(f"{row:02x}:" + " 00" * 16 + "\n" for row in range(0, 64, 16))
        with open(self.folder / "many", "w") as out:
            for i in range(70000):
                out.write(f"{i >> 16:04x}:{i >> 8 & 255:02x}:{i >> 3 & 31:02x}.{i & 7} x\n{rows}\n")
        self.refused("inventory", "--from", "many", says="more than 65536 devices")

    def test_another_architecture_is_read_and_said(self):
        xml = (self.node / "topology.xml").read_text()
        (self.folder / "arm.xml").write_text(re.sub(r'(name="Architecture" value=)"[^"]*"', r'\1"aarch64"', xml))
        self.assertIn("(aarch64)", self.rackproof("inventory", "--from", "arm.xml", code=0).stdout)
        self.assertIn("cpu:0", self.rackproof("devices", "--from", "arm.xml", code=0).stdout)

    def test_a_folder_in_use_is_refused(self):
        self.refused("capture", "node", says="is not empty")
        (self.folder / "file").write_text("x")
        self.refused("capture", "file", says="is no folder")
        self.refused("capture", "file/below", says="file/below")

    def test_anonymous_names_nobody(self):
        self.rackproof("capture", "hidden", "--anonymous", code=0)
        host = os.uname().nodename
        macs = {p.read_text().strip() for p in pathlib.Path("/sys/class/net").glob("*/address")} - {"00:00:00:00:00:00", ""}
        for path in (p for p in (self.folder / "hidden").rglob("*") if p.is_file()):
            text = path.read_text(errors="replace")
            if len(host) > 3:
                self.assertIsNone(re.search(rf"\b{re.escape(host)}\b", text), path)
            for mac in macs:
                self.assertNotIn(mac, text, path)
        self.rackproof("inventory", "--from", "hidden", code=0)

    def test_an_empty_environment_will_do(self):
        subprocess.run(["env", "-i", RACKPROOF, "capture", self.folder / "bare"], check=True, capture_output=True, timeout=120)
        subprocess.run(["env", "-i", RACKPROOF, "inventory", "--from", self.folder / "bare"], check=True, capture_output=True, timeout=120)

    def test_without_root_it_says_what_is_missing(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become somebody else")
        own = self.folder / "own"
        own.mkdir()
        program = shutil.copy(RACKPROOF, own / "rackproof")
        self.folder.chmod(0o755)
        os.chown(own, 65534, 65534)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program]
        subprocess.run([*as_nobody, "capture", own / "node"], check=True, capture_output=True, timeout=120, cwd=own)
        manifest = json.loads((own / "node/capture.json").read_text())
        if (own / "node/pci.txt").exists():
            self.assertTrue(any("64 bytes" in gap["why"] for gap in manifest["missing"]), manifest["missing"])
        shown = subprocess.run([*as_nobody, "inventory", "--from", own / "node"], check=True, text=True, capture_output=True, timeout=120)
        self.assertIn("not captured", shown.stdout)


if __name__ == "__main__":
    unittest.main()
