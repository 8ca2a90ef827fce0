// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
using testing::HasSubstr;

TEST(Cpufreq, ReadsEachCpuInNumericOrder) {
  const TestFolder tree;
  tree.file("sys/devices/system/cpu/cpu10/cpufreq/scaling_cur_freq", "2500000\n");
  tree.file("sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq", "3000000\n");
  tree.file("sys/devices/system/cpu/cpufreq/boost", "1\n");
  const auto readings = source("cpufreq", tree.path())->read();
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(readings[0].sensor, "cpu2.frequency");
  expect_value(readings, "cpu2.frequency", Unit::hertz, 3e9);
  expect_value(readings, "cpu10.frequency", Unit::hertz, 2.5e9);
}

TEST(Cpufreq, ZeroAndUnknownAreErrorsAndAMissingFileIsNot) {
  const TestFolder tree;
  const std::string cpu = "sys/devices/system/cpu/cpu";
  tree.file(cpu + "0/cpufreq/scaling_cur_freq", "0\n");
  tree.file(cpu + "1/cpufreq/scaling_cur_freq", "<unknown>\n");
  tree.file(cpu + "2/online", "1\n");
  const auto readings = source("cpufreq", tree.path())->read();
  expect_no_value(readings, "cpu0.frequency", State::error, "'0' is physically impossible");
  expect_no_value(readings, "cpu1.frequency", State::error, "'<unknown>' is not a whole number");
  expect_no_value(readings, "cpu2.frequency", State::unsupported, "No such file");
}

}  // namespace
}  // namespace rackproof
