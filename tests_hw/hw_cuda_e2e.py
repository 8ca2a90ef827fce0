# SPDX-License-Identifier: Apache-2.0
"""scripts/hw-cuda: says that there is no GPU, runs every part with stand-ins, and never calls a failed part good."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

import smi_agreement_e2e
from command_line import CommandLine

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "scripts/hw-cuda"
SMI = 'case "$*" in *-q\\ -x*) cat "$SMI_XML" ;; *query-gpu=name*) echo "NVIDIA H200" ;; *) echo "0, NVIDIA H200" ;; esac'


class HwCuda(CommandLine):
    def setUp(self):
        super().setUp()
        self.bin = self.folder / "path"
        self.root = self.folder / "root"
        for tool in ("bash", "env", "realpath", "dirname", "basename", "timeout", "sort", "uniq", "paste", "sed", "head", "tail", "date",
                     "mkdir", "rm", "cat", "tee", "find", "stat", "tar", "gzip", "uname", "grep", "wc", "kill", "sh", "mv", "cp", "zstd"):
            self.bin.mkdir(exist_ok=True)
            found = subprocess.run(["which", tool], capture_output=True, text=True).stdout.strip()
            (self.bin / tool).symlink_to(found)
        (self.bin / "python3").symlink_to(os.path.realpath(sys.executable))
        sleep = shutil.which("sleep")
        self.stand_in("path/sleep", f'[ "$1" != 30 ] || exec {sleep} 0.1; exec {sleep} "$@"')
        self.stand_in("root/bin/rackproof", 'echo "PASS: nvidia-h200, all well"; echo "$@" >> "$(dirname "$0")/called"\n'
                      f'for word; do [ "$last" != --out ] || {{ cp -r {self.folder}/made "$word"; {sleep} 1; }}; last=$word; done')
        self.make_bundle()
        self.stand_in("root/libexec/rackproof/hw/backend_cuda_test", "echo tested")
        self.stand_in("root/libexec/rackproof/hw/cuda_bench", "echo measured")

    def stand_in(self, path, words):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{words}\n")
        path.chmod(0o755)

    def make_bundle(self):
        """What a run leaves that is compared with nvidia-smi, of ten minutes around now."""
        gpu, made = smi_agreement_e2e.our_gpu(), self.folder / "made"
        (made / "telemetry").mkdir(parents=True)
        device = {"id": "cuda:0", "backend": "cuda", "bdf": smi_agreement_e2e.BDF, "driver": "580.65.06, CUDA 13.0"}
        (made / "inventory.json").write_text(json.dumps({"devices": [dict(device, **{key: gpu[key] for key in ("uuid", "serial", "name")})]}))
        begun = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 300))
        (made / "report.json").write_text(json.dumps({"run": {"started": begun}, "environment": []}))
        names, values = zip(*gpu["sensors"].items())
        head = ",".join(["at_s", *(f"nvml.{smi_agreement_e2e.BDF}.{name} [unit]" for name in names)])
        fields = ",".join("" if value[0] is None else f"{value[0]:g}" for value in values)
        rows = "".join(f"{second},{fields}\n" for second in range(600))
        subprocess.run(["zstd", "-q", "-o", made / "telemetry/0001.csv.zst"], input=f"{head}\n{rows}".encode(), check=True)
        self.xml = self.folder / "smi.xml"
        self.xml.write_text(smi_agreement_e2e.xml(smi_agreement_e2e.GPU))

    def hw_cuda(self, *words, code):
        environment = dict(os.environ, PATH=str(self.bin), TMPDIR=str(self.folder), SMI_XML=str(self.xml))
        done = subprocess.run([str(SCRIPT), "--archive", str(self.root), "--work", str(self.folder / "work"), *words], env=environment,
                              cwd=self.folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def with_a_gpu(self):
        self.stand_in("path/nvidia-smi", SMI)

    def names(self):
        packed = self.folder / "work/hw-cuda.tar.zst"
        return subprocess.run(["tar", "-tf", packed], capture_output=True, text=True, check=True).stdout.split()

    def test_without_a_gpu_says_so_and_is_skipped(self):
        self.assertIn("no NVIDIA GPU here: nvidia-smi is not there", self.hw_cuda(code=77))
        self.stand_in("path/nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9")
        self.assertIn("no NVIDIA GPU here: nvidia-smi says: NVIDIA-SMI has failed", self.hw_cuda(code=77))

    def test_runs_every_part_and_leaves_one_file(self):
        self.with_a_gpu()
        said = self.hw_cuda(code=3)  # the sanitizer is not there
        for line in ("tests      ok", "bench      ok", "prove      ok", "run        ok", "smi        ok", "sanitizer  skipped"):
            self.assertIn(line, said)
        self.assertIn("nvidia-h200: PASS: nvidia-h200, all well", said)
        for name in ("tests/backend_cuda_test.log", "bench/cuda_bench.log", "prove/prove.json", "run/before.xml", "run/after.xml", "versions", "summary"):
            self.assertIn(f"results/{name}", self.names())
        called = (self.root / "bin/called").read_text()
        self.assertIn("prove --backend cuda --device gpu --faults 30000 --json", called)
        self.assertIn("run nvidia-h200 --stage quick --backend cuda --backend cpu", called)

    def test_one_failed_part_fails_the_whole_and_the_others_run(self):
        self.with_a_gpu()
        self.stand_in("root/libexec/rackproof/hw/backend_cuda_test", "exit 1")
        said = self.hw_cuda(code=1)
        self.assertRegex(said, "tests +FAILED .*backend_cuda_test ended with 1")
        self.assertRegex(said, "run +ok")

    def test_tests_that_found_no_gpu_are_not_good_ones(self):
        self.with_a_gpu()
        self.stand_in("root/libexec/rackproof/hw/backend_cuda_test", "echo 'no NVIDIA GPU: the driver has no GPU'")
        self.assertRegex(self.hw_cuda("--part", "tests", code=1), "tests +FAILED .*CUDA found no GPU")

    def test_no_tests_at_all_are_not_good_ones(self):
        self.with_a_gpu()
        (self.root / "libexec/rackproof/hw/backend_cuda_test").unlink()
        self.assertIn("pack them with scripts/package --with-tests", self.hw_cuda("--part", "tests", code=1))

    def test_a_part_that_hangs_ends_with_its_time(self):
        self.with_a_gpu()
        self.stand_in("root/libexec/rackproof/hw/backend_cuda_test", "exec sleep 60")
        self.assertRegex(self.hw_cuda("--part", "tests", "--budget", "2", code=1), "backend_cuda_test ended with 124")

    def test_a_reading_that_nvidia_smi_does_not_confirm_fails(self):
        self.with_a_gpu()
        self.xml.write_text(self.xml.read_text().replace("<gpu_temp>55 C", "<gpu_temp>75 C"))
        said = self.hw_cuda("--part", "run", "--part", "smi", code=1)
        self.assertRegex(said, "run +ok")
        self.assertIn("0000:1b:00.0 temp: rackproof has 54 C, nvidia-smi 75 C\n", said)
        self.assertRegex(said, "smi +FAILED .*1 disagreements, 31 readings of 1 GPUs agree")

    def test_nothing_to_compare_with_nvidia_smi_is_no_agreement(self):
        self.with_a_gpu()
        self.assertRegex(self.hw_cuda("--part", "smi", code=1), "smi +FAILED .*nothing to compare: no during.xml beside a bundle")
        self.xml.write_text("<xml/>")
        said = self.hw_cuda("--part", "run", "--part", "smi", code=1)
        self.assertRegex(said, "smi +FAILED .*no log of nvidia-smi but <xml>")

    def test_a_machine_without_the_tools_to_compare_leaves_it_out(self):
        self.with_a_gpu()
        (self.bin / "zstd").unlink()
        self.assertRegex(self.hw_cuda("--part", "run", "--part", "smi", code=3), "smi +skipped .*zstd is not there")
        (self.bin / "python3").unlink()
        self.assertRegex(self.hw_cuda("--part", "smi", code=3), "smi +skipped .*python3 is not there")

    def test_parts_of_separate_calls_lie_in_one_file(self):
        self.with_a_gpu()
        self.hw_cuda("--part", "tests", code=0)
        self.hw_cuda("--part", "run", "--full", "--profile", "mine", code=0)
        self.assertIn("results/tests/line", self.names())
        self.assertIn("run mine --stage quick --stage standard --stage soak", (self.root / "bin/called").read_text())

    def test_wrong_words_run_nothing(self):
        self.assertIn("unknown part 'test'; one of tests, bench", self.hw_cuda("--part", "test", code=64))
        self.assertIn("--budget takes whole seconds, not '5m'", self.hw_cuda("--budget", "5m", code=64))


if __name__ == "__main__":
    unittest.main()
