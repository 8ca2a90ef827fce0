# SPDX-License-Identifier: Apache-2.0
"""The main job on this host's CPU: qualify, sign, verify; and a bundle that someone touched."""
import hashlib
import json
import shutil
import stat
import subprocess
import unittest

from command_line import CommandLine


class Host(CommandLine):
    def test_qualifies_signs_and_verifies(self):
        done = self.rackproof("run", "tiny-host", "--out", "bundle", code=0)
        self.assertIn("PASS", done.stdout)
        report = self.report("bundle")
        self.assertEqual(report["verdict"], "PASS")
        families = {row["stressor"] for row in report["drill"]}
        self.assertEqual(families, {"compute.gemm", "memory.march", "memory.triad", "interconnect.host_copy", "power.hold"})
        for row in report["drill"]:
            self.assertGreater(row["activated"], 4, row)
            self.assertEqual(row["detected"], row["activated"], row)
        self.assertEqual(stat.S_IMODE((self.folder / "config/rackproof/station.pem").stat().st_mode), 0o600)
        self.rackproof("verify", "bundle", code=10)
        self.rackproof("verify", "bundle", "--trust", self.trust(), code=0)
        shell = self.verify_sh(self.folder / "bundle")
        self.assertEqual(shell.returncode, 0, shell.stdout + shell.stderr)
        self.assertIn("PASS", shell.stdout)
        self.refuses_every_touched_file()

    def refuses_every_touched_file(self):
        trust = self.trust()
        bundle = self.folder / "bundle"
        names = sorted(str(p.relative_to(bundle)) for p in bundle.rglob("*") if p.is_file())
        self.assertIn("telemetry/0001.csv.zst", names)
        for name in names:
            touched = self.folder / "touched"
            shutil.rmtree(touched, ignore_errors=True)
            shutil.copytree(self.folder / "bundle", touched)
            path = touched / name
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.chmod(0o755)
            path.write_bytes(data)
            with self.subTest(flipped_byte_in=name):
                done = self.rackproof("verify", touched, "--trust", trust)
                self.assertIn(done.returncode, (11, 12, 13, 16), f"{name}: {done.stdout}{done.stderr}")
                if name != "verify.sh":
                    self.assertNotEqual(self.verify_sh(touched).returncode, 0, name)
        (touched / "VERIFY.md").unlink()
        self.rackproof("verify", touched, "--trust", trust, code=12)

    def test_a_report_of_another_build_is_refused_and_says_whose_it_is(self):
        self.rackproof("run", "one-step-host", "--out", "bundle", "--unsigned", "--quiet", code=0)
        text = self.folder / "bundle/report.json"
        digest = json.loads(text.read_text())["digests"]["tool_sha256"]
        for name, says in ((digest.translate(str.maketrans("0123456789abcdef", "123456789abcdef0")), True), ("\\u001b[2J", False)):
            text.write_text(text.read_text().replace(digest, name))
            digest = name
            sums = self.folder / "bundle/SHA256SUMS"
            fresh = hashlib.sha256(text.read_bytes()).hexdigest()
            sums.write_text("".join(f"{fresh}  report.json\n" if line.endswith("  report.json\n") else line
                                    for line in sums.read_text().splitlines(keepends=True)))
            done = self.rackproof("verify", "bundle")
            self.assertEqual("another build made this bundle" in done.stdout, says, done.stdout + done.stderr)

    def test_a_bundle_with_an_extra_file_is_refused(self):
        self.rackproof("run", "one-step-host", "--out", "bundle", "--quiet", code=0)
        (self.folder / "bundle/extra").write_text("x")
        done = self.rackproof("verify", "bundle", "--trust", self.trust(), code=12)
        self.assertIn("extra", done.stdout + done.stderr)
        self.assertNotEqual(self.verify_sh(self.folder / "bundle").returncode, 0)

    def test_the_customers_nonce_and_profile_are_held_against_the_trust_file(self):
        nonce = "00112233445566778899aabbccddeeff"
        self.rackproof("run", "one-step-host", "--nonce", nonce, "--out", "bundle", "--quiet", code=0)
        self.rackproof("verify", "bundle", "--trust", self.trust(nonce=nonce), code=0)
        done = self.rackproof("verify", "bundle", "--trust", self.trust(nonce="ff" * 16), code=15)
        self.assertIn("nonce", done.stdout + done.stderr)
        self.rackproof("verify", "bundle", "--trust", self.trust(profiles=["0" * 64]), code=15)

    def test_unsigned_says_so(self):
        done = self.rackproof("run", "one-step-host", "--unsigned", "--out", "bundle", code=0)
        self.assertIn("UNSIGNED", done.stdout)
        self.rackproof("verify", "bundle", code=17)

    def test_json_is_the_report_and_nothing_else(self):
        done = self.rackproof("stress", "compute.gemm", "--for", "1 s", "--with", "size=128", "--json", code=0)
        self.assertEqual(json.loads(done.stdout)["verdict"], "PASS")

    def test_inventory_and_devices_tell_of_this_host(self):
        inventory = json.loads(self.rackproof("inventory", "--json", code=0).stdout)
        self.assertGreater(inventory["memory_bytes"], 1 << 28)
        devices = json.loads(self.rackproof("devices", "--json", code=0).stdout)["devices"]
        self.assertTrue(any(d["kind"] == "cpu" and d["cores"] > 0 for d in devices))

    def test_every_stressor_is_in_the_program(self):
        names = [s["name"] for s in json.loads(self.rackproof("stressors", "--json", code=0).stdout)]
        self.assertEqual(names, ["compute.gemm", "compute.mix", "interconnect.collective", "interconnect.device_copy", "interconnect.host_copy",
                                 "interconnect.peer_copy", "memory.address", "memory.march", "memory.modulo20", "memory.random", "memory.retention", "memory.triad", "power.hold"])

    def test_a_closed_pipe_is_no_crash(self):
        done = subprocess.run(f"{self.program()} stressors compute.gemm | true", shell=True, env=self.environment, timeout=30)
        self.assertEqual(done.returncode, 0)

    def program(self):
        from command_line import RACKPROOF
        return RACKPROOF


if __name__ == "__main__":
    unittest.main()
