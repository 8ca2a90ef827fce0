// SPDX-License-Identifier: Apache-2.0
#include "app/progress_sensors.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

Reading value(const char* sensor, Unit unit, double number, const char* detail = "") {
  return {.sensor = sensor,
          .unit = unit,
          .state = Reading::State::value,
          .value = number,
          .detail = detail};
}

TEST(Vitals, OfACpuAreItsPackages) {
  const auto vitals = vitals_of({.id = "cpu:0", .kind = "cpu"},
                                {value("hwmon0.temp1", Unit::celsius, 61, "Package id 0"),
                                 value("hwmon0.temp2", Unit::celsius, 64, "Package id 1"),
                                 value("hwmon1.temp1", Unit::celsius, 90, "Composite"),
                                 value("rapl.package-0.power", Unit::watt, 100),
                                 value("rapl.package-1.power", Unit::watt, 90),
                                 value("rapl.package-0.dram.power", Unit::watt, 20)});
  EXPECT_EQ(vitals.temperature_celsius, 64);
  EXPECT_EQ(vitals.power_w, 190);
}

TEST(Vitals, OfAnotherDeviceAreThoseThatNameIt) {
  const auto vitals = vitals_of({.id = "gpu:3", .kind = "gpu", .bdf = "0000:1b:00.0"},
                                {value("gpu.0000:1b:00.0.temp", Unit::celsius, 70),
                                 value("gpu.0000:1c:00.0.temp", Unit::celsius, 80),
                                 value("gpu.0000:1b:00.0.power", Unit::watt, 650)});
  EXPECT_EQ(vitals.temperature_celsius, 70);
  EXPECT_EQ(vitals.power_w, 650);
}

TEST(Vitals, ALongerNumberIsAnotherDevice) {
  const auto vitals = vitals_of({.id = "gpu:1"}, {value("gpu:10.temp", Unit::celsius, 70)});
  EXPECT_FALSE(vitals.temperature_celsius.has_value());
}

TEST(Vitals, OfNothingReadAreNone) {
  Reading broken = value("hwmon0.temp1", Unit::celsius, 61, "Package id 0");
  broken.state = Reading::State::error;
  const auto vitals = vitals_of({.id = "cpu:0", .kind = "cpu"}, {broken});
  EXPECT_FALSE(vitals.temperature_celsius.has_value());
  EXPECT_FALSE(vitals.power_w.has_value());
}

}  // namespace
}  // namespace rackproof
