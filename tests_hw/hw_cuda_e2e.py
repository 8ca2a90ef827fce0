# SPDX-License-Identifier: Apache-2.0
"""scripts/hw-cuda: says that there is no GPU, runs every part with stand-ins, and never calls a failed part good."""
import os
import pathlib
import subprocess
import tarfile
import unittest

from command_line import CommandLine

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "scripts/hw-cuda"
SMI = 'case "$*" in *-q\\ -x*) echo "<xml/>" ;; *query-gpu=name*) echo "NVIDIA H200" ;; *) echo "0, NVIDIA H200" ;; esac'


class HwCuda(CommandLine):
    def setUp(self):
        super().setUp()
        self.bin = self.folder / "path"
        self.root = self.folder / "root"
        for tool in ("bash", "env", "realpath", "dirname", "basename", "timeout", "sort", "uniq", "paste", "sed", "head", "tail", "date",
                     "mkdir", "rm", "cat", "tee", "find", "stat", "tar", "gzip", "uname", "grep", "wc", "sleep", "kill", "sh", "mv"):
            self.bin.mkdir(exist_ok=True)
            found = subprocess.run(["which", tool], capture_output=True, text=True).stdout.strip()
            (self.bin / tool).symlink_to(found)
        self.stand_in("root/bin/rackproof", 'echo "PASS: nvidia-h200, all well"; echo "$@" >> "$(dirname "$0")/called"')
        self.stand_in("root/libexec/rackproof/hw/backend_cuda_test", "echo tested")
        self.stand_in("root/libexec/rackproof/hw/cuda_bench", "echo measured")

    def stand_in(self, path, words):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{words}\n")
        path.chmod(0o755)

    def hw_cuda(self, *words, code):
        environment = dict(os.environ, PATH=str(self.bin), TMPDIR=str(self.folder))
        done = subprocess.run([str(SCRIPT), "--archive", str(self.root), "--work", str(self.folder / "work"), *words], env=environment,
                              cwd=self.folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def with_a_gpu(self):
        self.stand_in("path/nvidia-smi", SMI)

    def names(self):
        with tarfile.open(self.folder / "work/hw-cuda.tar.gz") as packed:
            return packed.getnames()

    def test_without_a_gpu_says_so_and_is_skipped(self):
        self.assertIn("no NVIDIA GPU here: nvidia-smi is not there", self.hw_cuda(code=77))
        self.stand_in("path/nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9")
        self.assertIn("no NVIDIA GPU here: nvidia-smi says: NVIDIA-SMI has failed", self.hw_cuda(code=77))

    def test_runs_every_part_and_leaves_one_file(self):
        self.with_a_gpu()
        said = self.hw_cuda(code=3)  # the sanitizer is not there
        for line in ("tests      ok", "bench      ok", "prove      ok", "run        ok", "sanitizer  skipped"):
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
