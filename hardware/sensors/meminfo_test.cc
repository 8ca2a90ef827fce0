// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
using testing::HasSubstr;

TEST(Meminfo, ReadsKilobytesAsBytes) {
  const TestFolder tree;
  tree.file("proc/meminfo",
            "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    300 kB\n"
            "SwapTotal:        50 kB\nSwapFree:         20 kB\nHardwareCorrupted:     4 kB\n");
  const auto readings = source("memory", tree.path())->read();
  expect_value(readings, "memory.available", Unit::byte, 300 * 1024);
  expect_value(readings, "memory.free", Unit::byte, 100 * 1024);
  expect_value(readings, "memory.swap_used", Unit::byte, 30 * 1024);
  expect_value(readings, "memory.hardware_corrupted", Unit::byte, 4 * 1024);
  EXPECT_TRUE(find(readings, "memory.hardware_corrupted").value_or(Reading{}).counter);
}

TEST(Meminfo, TellsAMissingFieldFromABrokenOne) {
  const TestFolder tree;
  tree.file("proc/meminfo",
            "MemFree:  lots kB\nMemAvailable: -3 kB\nSwapTotal: 10 kB\nSwapFree: 20 kB\n");
  const auto readings = source("memory", tree.path())->read();
  expect_no_value(readings, "memory.free", State::error, "MemFree");
  expect_no_value(readings, "memory.available", State::error, "MemAvailable");
  expect_no_value(readings, "memory.swap_used", State::error, "SwapFree");
  expect_no_value(readings, "memory.hardware_corrupted", State::unsupported,
                  "no HardwareCorrupted");
}

TEST(Meminfo, CountsProcessesKilledForLackOfMemory) {
  const TestFolder tree;
  tree.file("proc/meminfo", "MemFree:  1 kB\n");
  const auto memory = source("memory", tree.path());
  expect_no_value(memory->read(), "memory.oom_kills", State::unsupported, "No such file");
  tree.file("proc/vmstat", "nr_oom_kill 9\nallocstall 2\n");
  expect_no_value(memory->read(), "memory.oom_kills", State::unsupported, "has no oom_kill");
  tree.file("proc/vmstat", "nr_free_pages 5\noom_kill 3\nswap_ra 1\n");
  expect_counter(memory->read(), "memory.oom_kills", 3);
  tree.file("proc/vmstat", "oom_kill many\n");
  expect_no_value(memory->read(), "memory.oom_kills", State::error, "not a non-negative");
}

}  // namespace
}  // namespace rackproof
