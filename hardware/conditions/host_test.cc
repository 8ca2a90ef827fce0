// SPDX-License-Identifier: Apache-2.0
// The host's conditions, below a folder that stands for a machine's root.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/folder_for_test.h"
#include "hardware/condition.h"
#include "hardware/conditions/host_idle.h"

namespace rackproof {
namespace {

using testing::HasSubstr;

ConditionRecord look(const TestFolder& tree, const std::string& name,
                     const std::string& wanted = "") {
  return look_at(name, {tree.path(), {}, wanted});
}

constexpr const char* kMeminfo = "MemTotal: 100 kB\nSwapTotal:  2048 kB\nSwapFree:   1024 kB\n";

TEST(HostSwap, InUseIsBad) {
  const TestFolder tree;
  tree.file("proc/meminfo", kMeminfo);
  const auto record = look(tree, "host.swap");
  EXPECT_EQ(record.state, ConditionState::bad);
  EXPECT_EQ(record.found, "1 MiB of 2 MiB swap in use");
  EXPECT_EQ(record.wanted, "at most 0 B");
  EXPECT_EQ(record.remedy, "swapoff -a");
}

TEST(HostSwap, AsMuchAsTheProfileAllowsIsGood) {
  const TestFolder tree;
  tree.file("proc/meminfo", kMeminfo);
  EXPECT_EQ(look(tree, "host.swap", "1 MiB").state, ConditionState::good);
  EXPECT_EQ(look(tree, "host.swap", "1023 KiB").state, ConditionState::bad);
}

TEST(HostSwap, NoneAtAllIsGood) {
  const TestFolder tree;
  tree.file("proc/meminfo", "SwapTotal:  0 kB\nSwapFree:   0 kB\n");
  const auto record = look(tree, "host.swap");
  EXPECT_EQ(record.state, ConditionState::good);
  EXPECT_EQ(record.found, "no swap");
}

TEST(HostSwap, NonsenseAndSilenceAreUnknown) {
  const TestFolder tree;
  EXPECT_EQ(look(tree, "host.swap").state, ConditionState::unknown);
  for (const char* text : {"", "SwapTotal: 1 kB\n", "SwapTotal: 1 kB\nSwapFree: 2 kB\n",
                           "SwapTotal: x kB\nSwapFree: 0 kB\n", "SwapTotal: 1\nSwapFree: 1\n"}) {
    tree.file("proc/meminfo", text);
    const auto record = look(tree, "host.swap");
    EXPECT_EQ(record.state, ConditionState::unknown) << text;
    EXPECT_THAT(record.detail, HasSubstr("no sound SwapTotal and SwapFree")) << text;
  }
}

// Processor 0 is as it should be; 1 has what is given.
void two_policies(const TestFolder& tree, const std::string& limit, const std::string& governor,
                  const std::string& driver = "intel_cpufreq") {
  const std::string folder = "sys/devices/system/cpu/cpufreq/policy";
  for (const char* number : {"0", "1"}) {
    const bool first = *number == '0';
    tree.file(folder + number + "/cpuinfo_max_freq", "3000000\n");
    tree.file(folder + number + "/scaling_max_freq", (first ? "3000000" : limit) + "\n");
    tree.file(folder + number + "/scaling_governor", (first ? "performance" : governor) + "\n");
    tree.file(folder + number + "/scaling_driver", driver + "\n");
  }
}

TEST(HostCpuClocks, ALoweredLimitIsBadAndNamed) {
  const TestFolder tree;
  two_policies(tree, "2000000", "performance");
  const auto record = look(tree, "host.cpu_clocks");
  EXPECT_EQ(record.state, ConditionState::bad);
  EXPECT_EQ(record.found, "2 GHz of 3 GHz at policy 1");
  EXPECT_EQ(record.remedy, "cpupower frequency-set -u 3000000kHz");
}

TEST(HostCpuClocks, AtTheirMaximumAreGood) {
  const TestFolder tree;
  two_policies(tree, "3000000", "performance");
  EXPECT_EQ(look(tree, "host.cpu_clocks").state, ConditionState::good);
}

TEST(HostCpuClocks, BoostTurnedOffIsBad) {
  const TestFolder tree;
  two_policies(tree, "3000000", "performance");
  tree.file("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
  const auto record = look(tree, "host.cpu_clocks");
  EXPECT_EQ(record.state, ConditionState::bad);
  EXPECT_EQ(record.found, "boost is off");
}

TEST(HostCpuClocks, AnUnreadableLimitIsUnknownAndNoDriverUnsupported) {
  const TestFolder tree;
  EXPECT_EQ(look(tree, "host.cpu_clocks").state, ConditionState::unsupported);
  two_policies(tree, "fast", "performance");
  const auto record = look(tree, "host.cpu_clocks");
  EXPECT_EQ(record.state, ConditionState::unknown);
  EXPECT_THAT(record.detail, HasSubstr("'fast' is no frequency"));
}

TEST(HostCpuGovernor, PowersaveIsBadUnlessItsDriverChoosesTheClock) {
  const TestFolder tree;
  two_policies(tree, "3000000", "powersave");
  const auto record = look(tree, "host.cpu_governor");
  EXPECT_EQ(record.state, ConditionState::bad);
  EXPECT_EQ(record.found, "governor powersave at policy 1");
  EXPECT_EQ(record.remedy, "cpupower frequency-set -g performance");
  two_policies(tree, "3000000", "powersave", "intel_pstate");
  EXPECT_EQ(look(tree, "host.cpu_governor").state, ConditionState::good);
}

TEST(HostCpuGovernor, UserspaceIsBadAndOndemandGood) {
  const TestFolder tree;
  two_policies(tree, "3000000", "userspace");
  EXPECT_EQ(look(tree, "host.cpu_governor").state, ConditionState::bad);
  two_policies(tree, "3000000", "ondemand");
  EXPECT_EQ(look(tree, "host.cpu_governor").state, ConditionState::good);
}

TEST(HostIdle, CountsBusyTimeBetweenTwoLooks) {
  const auto before = parse_cpu_ticks("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1\n");
  const auto after = parse_cpu_ticks("cpu  160 0 120 710 110 0 0 0 0 0\ncpu0 1\n");
  ASSERT_TRUE(before && after);
  EXPECT_DOUBLE_EQ(*busy_share(*before, *after), 0.8);
  EXPECT_FALSE(busy_share(*after, *before));
  EXPECT_FALSE(parse_cpu_ticks("cpu  1 2 3\n"));
  EXPECT_FALSE(parse_cpu_ticks("intr 5"));
}

TEST(HostIdle, AClockThatStandsStillIsUnknown) {
  const TestFolder tree;
  tree.file("proc/stat", "cpu  100 0 100 700 100 0 0 0 0 0\n");
  const auto record = look(tree, "host.idle");
  EXPECT_EQ(record.state, ConditionState::unknown);
  EXPECT_THAT(record.detail, HasSubstr("stood still"));
}

TEST(GpuMps, ADaemonAmongTheHostsProcessesIsBad) {
  const TestFolder tree;
  tree.file("proc/1/comm", "init\n");
  EXPECT_EQ(look(tree, "gpu.mps").state, ConditionState::good);
  tree.file("proc/4711/comm", "nvidia-cuda-mps\n");
  const auto record = look(tree, "gpu.mps");
  EXPECT_EQ(record.state, ConditionState::bad);
  EXPECT_EQ(record.found, "MPS runs (process 4711)");
}

TEST(GpuMps, AHostWhoseProcessesCannotBeListedIsUnknown) {
  const TestFolder tree;
  EXPECT_EQ(look(tree, "gpu.mps").state, ConditionState::unknown);
}

}  // namespace
}  // namespace rackproof
