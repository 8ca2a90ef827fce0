// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;

TEST(Thermal, ReadsEachZoneWithItsType) {
  const TestFolder tree;
  tree.file("sys/class/thermal/thermal_zone0/type", "acpitz\n");
  tree.file("sys/class/thermal/thermal_zone0/temp", "27800\n");
  tree.file("sys/class/thermal/thermal_zone12/type", "x86_pkg_temp\n");
  tree.file("sys/class/thermal/thermal_zone12/temp", "-5000\n");
  tree.file("sys/class/thermal/cooling_device0/cur_state", "1\n");
  const auto readings = source("thermal", tree.path())->read();
  ASSERT_EQ(readings.size(), 2u);
  expect_value(readings, "thermal.zone0.temp", Unit::celsius, 27.8);
  expect_value(readings, "thermal.zone12.temp", Unit::celsius, -5);
  EXPECT_EQ(readings[1].detail, "x86_pkg_temp");
  EXPECT_FALSE(readings[1].counter);
}

TEST(Thermal, ASwitchedOffOrBrokenZoneIsAnError) {
  const TestFolder tree;
  const std::string zone = "sys/class/thermal/thermal_zone";
  tree.file(zone + "0/temp", "-274000\n");  // what ACPI zones without a sensor say
  tree.link(zone + "1/temp", "/proc/self/mem");
  tree.link(zone + "2", "thermal_zone2");
  const auto readings = source("thermal", tree.path())->read();
  expect_no_value(readings, "thermal.zone0.temp", State::error, "physically impossible");
  expect_no_value(readings, "thermal.zone1.temp", State::error, "Input/output error");
  expect_no_value(readings, "thermal.zone2.temp", State::error, "Too many levels");
}

}  // namespace
}  // namespace rackproof
