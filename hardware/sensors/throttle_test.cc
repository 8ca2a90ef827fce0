// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

struct Cpu {
  std::string package, threads;
  int core_throttles = 0, package_throttles = 0;
};

void add_cpu(const TestFolder& tree, int number, const Cpu& cpu) {
  const std::string folder = "sys/devices/system/cpu/cpu" + std::to_string(number);
  tree.file(folder + "/topology/core_cpus_list", cpu.threads + "\n");
  tree.file(folder + "/topology/physical_package_id", cpu.package + "\n");
  const std::string counters = folder + "/thermal_throttle/";
  tree.file(counters + "core_throttle_count", std::to_string(cpu.core_throttles) + "\n");
  tree.file(counters + "core_throttle_total_time_ms", "1500\n");
  tree.file(counters + "package_throttle_count", std::to_string(cpu.package_throttles) + "\n");
  tree.file(counters + "package_throttle_total_time_ms", "20\n");
}

TEST(Throttle, CountsACoreOnceThoughItHasTwoThreads) {
  const TestFolder tree;
  add_cpu(tree, 0, {"0", "0,2", 3, 5});
  add_cpu(tree, 1, {"0", "1,3", 4, 5});
  add_cpu(tree, 2, {"0", "0,2", 3, 5});
  add_cpu(tree, 3, {"0", "1,3", 4, 5});
  const auto readings = source("throttle", tree.path())->read();
  EXPECT_EQ(readings.size(), 6u);
  expect_counter(readings, "throttle.cpu0.count", 3);
  expect_counter(readings, "throttle.cpu1.count", 4);
  expect_value(readings, "throttle.cpu0.time", Unit::second, 1.5);
  expect_counter(readings, "throttle.package0.count", 5);
  expect_value(readings, "throttle.package0.time", Unit::second, 0.02);
}

TEST(Throttle, KeepsPackagesAndTheirDiesApart) {
  const TestFolder tree;
  add_cpu(tree, 0, {"0", "0", 0, 1});
  add_cpu(tree, 1, {"0", "1", 0, 2});
  add_cpu(tree, 2, {"1", "2", 0, 3});
  tree.file("sys/devices/system/cpu/cpu1/topology/die_id", "1\n");
  tree.file("sys/devices/system/cpu/cpu2/thermal_throttle/package_power_limit_count", "9\n");
  const auto readings = source("throttle", tree.path())->read();
  expect_counter(readings, "throttle.package0.count", 1);
  expect_counter(readings, "throttle.package0-die1.count", 2);
  expect_counter(readings, "throttle.package1.count", 3);
  expect_counter(readings, "throttle.package1.power_limit", 9);
}

TEST(Throttle, TheOtherThreadCountsWhenTheFirstWentOffline) {
  const TestFolder tree;
  add_cpu(tree, 0, {"0", "0,1", 3, 0});
  add_cpu(tree, 1, {"0", "0,1", 3, 0});
  const auto throttle = source("throttle", tree.path());
  expect_counter(throttle->read(), "throttle.cpu0.count", 3);
  tree.remove("sys/devices/system/cpu/cpu0/thermal_throttle");
  const auto readings = throttle->read();
  expect_no_value(readings, "throttle.cpu0.count", Reading::State::error, "now gone");
  expect_counter(readings, "throttle.cpu1.count", 3);
}

}  // namespace
}  // namespace rackproof
