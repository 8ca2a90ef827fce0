// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensor.h"

#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
using testing::HasSubstr;

TEST(Sensors, EveryFamilyIsRegisteredOnce) {
  std::vector<std::string> names;
  for (const auto& one : open_sensors("/")) names.push_back(one->name());
  EXPECT_THAT(names, testing::UnorderedElementsAre("hwmon", "cpufreq", "psi", "memory", "thermal",
                                                   "rapl", "throttle", "edac", "mce", "nic",
                                                   "infiniband", "block", "aer", "nvml"));
}

TEST(Sensors, EachFamilyOfAnEmptyRootIsOneUnsupportedReading) {
  const TestFolder tree;
  for (const auto& one : open_sensors(tree.path())) {
    const auto readings = one->read();
    ASSERT_EQ(readings.size(), 1u) << one->name();
    EXPECT_EQ(readings[0].sensor, one->name());
    EXPECT_EQ(readings[0].state, State::unsupported) << one->name();
    if (one->name() == "nvml") continue;  // not of files: it tells of the live machine, or nothing
    EXPECT_THAT(readings[0].detail, HasSubstr(tree.path().string()));
  }
}

TEST(Sensors, OnTheLiveMachineWhatIsNoValueSaysWhy) {
  for (const auto& one : open_sensors()) {
    const auto readings = one->read();
    EXPECT_FALSE(readings.empty()) << one->name();
    for (const Reading& r : readings) {
      EXPECT_TRUE(r.state == State::value || !r.detail.empty()) << r.sensor;
    }
  }
}

TEST(Sensors, OneThatAnsweredAndIsGoneIsAnError) {
  const TestFolder tree;
  tree.file("sys/class/hwmon/hwmon0/temp1_input", "40000\n");
  tree.file("sys/class/hwmon/hwmon1/temp1_input", "41000\n");
  const auto hwmon = source("hwmon", tree.path());
  expect_value(hwmon->read(), "hwmon1.temp1", Unit::celsius, 41);
  tree.remove("sys/class/hwmon/hwmon1");
  const auto readings = hwmon->read();
  expect_value(readings, "hwmon0.temp1", Unit::celsius, 40);
  expect_no_value(readings, "hwmon1.temp1", State::error, "now gone");
}

TEST(Sensors, AFamilyThatAnsweredAndIsGoneIsAnError) {
  const TestFolder tree;
  tree.file("proc/pressure/io", "some avg10=1.00 avg60=0.00 avg300=0.00 total=0\n");
  const auto psi = source("psi", tree.path());
  expect_value(psi->read(), "psi.io.some_avg10", Unit::ratio, 0.01);
  tree.remove("proc/pressure");
  expect_no_value(psi->read(), "psi.io.some_avg10", State::error, "now gone");
}

}  // namespace
}  // namespace rackproof
