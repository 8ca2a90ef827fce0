# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: a scratch folder, a station of its own, and the built program."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

RACKPROOF = os.environ.get("RACKPROOF", "build/dev/rackproof")


class CommandLine(unittest.TestCase):
    """Each test has an empty folder, a key folder of its own, and ends the processes that it started."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rackproof-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = dict(os.environ, XDG_CONFIG_HOME=str(self.folder / "config"), USER="tester", RACKPROOF_LOCK_DIR=str(self.folder),
                                RACKPROOF_PROFILES=os.environ["RACKPROOF_TEST_PROFILES"])
        self.station_key = self.folder / "config/rackproof/station.pub.pem"

    def rackproof(self, *words, code=None, timeout=300, **options):
        """Runs the program; `code` is the exit code it must end with."""
        done = subprocess.run([RACKPROOF, *map(str, words)], env=self.environment, cwd=self.folder, text=True,
                              capture_output=True, timeout=timeout, **options)
        if code is not None:
            self.assertEqual(done.returncode, code,
                             f"{words}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}{self.last_report(words)}")
        return done

    def last_report(self, words):
        """What the bundle of this command says, which --quiet does not print."""
        texts = [self.folder / str(word) / "report.txt" for word in words if not str(word).startswith("/")]
        return "".join("\n" + text.read_text()[-6000:] for text in texts if text.is_file())

    def start(self, *words):
        process = subprocess.Popen([RACKPROOF, *map(str, words)], env=self.environment, cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        return process

    def wait_for_line(self, process, text):
        for line in process.stdout:
            if text in line:
                return
        self.fail(f"the program ended before it printed '{text}'")

    def trust(self, **more):
        """A trust file with this station's key; JSON is YAML."""
        path = self.folder / "trust.yaml"
        path.write_text(json.dumps({"keys": [{"role": "station", "key": str(self.station_key)}], **more}))
        return path

    def verify_sh(self, bundle):
        return subprocess.run(["bash", "verify.sh", str(self.station_key)], cwd=bundle, text=True, capture_output=True, timeout=120)

    def report(self, bundle):
        return json.loads((self.folder / bundle / "report.json").read_text())


if __name__ == "__main__":
    unittest.main()
