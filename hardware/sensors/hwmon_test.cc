// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
using testing::HasSubstr;

TEST(Hwmon, ReadsEachKindInItsUnit) {
  const TestFolder tree;
  const std::string chip = "sys/class/hwmon/hwmon3/";
  tree.file(chip + "temp1_input", "45500\n");
  tree.file(chip + "power1_input", "250000000\n");
  tree.file(chip + "power1_average", "240000000\n");
  tree.file(chip + "in0_input", "12050\n");
  tree.file(chip + "curr2_input", "1500\n");
  tree.file(chip + "fan1_input", "9000\n");
  tree.file(chip + "energy1_input", "5000000\n");
  const auto readings = source("hwmon", tree.path())->read();
  EXPECT_EQ(readings.size(), 7u);
  expect_value(readings, "hwmon3.temp1", Unit::celsius, 45.5);
  expect_value(readings, "hwmon3.power1", Unit::watt, 250);
  expect_value(readings, "hwmon3.power1.average", Unit::watt, 240);
  expect_value(readings, "hwmon3.in0", Unit::volt, 12.05);
  expect_value(readings, "hwmon3.curr2", Unit::ampere, 1.5);
  expect_value(readings, "hwmon3.fan1", Unit::rpm, 9000);
  expect_value(readings, "hwmon3.energy1", Unit::joule, 5);
  EXPECT_TRUE(find(readings, "hwmon3.energy1").value_or(Reading{}).counter);
  EXPECT_FALSE(find(readings, "hwmon3.temp1").value_or(Reading{}).counter);
}

TEST(Hwmon, NamesTheChipAndTheLabel) {
  const TestFolder tree;
  tree.file("sys/class/hwmon/hwmon0/name", "coretemp\n");
  tree.file("sys/class/hwmon/hwmon0/temp1_label", "Package id 0\n");
  tree.file("sys/class/hwmon/hwmon0/temp1_input", "40000\n");
  EXPECT_EQ(source("hwmon", tree.path())->read().at(0).detail, "coretemp Package id 0");
}

TEST(Hwmon, ImpossibleOrUnreadableIsAnErrorWithTheReason) {
  const TestFolder tree;
  const std::string chip = "sys/class/hwmon/hwmon0/";
  tree.file(chip + "fan1_input", "-1\n");
  tree.file(chip + "power1_input", "-5\n");
  tree.file(chip + "temp1_input", "-300000\n");
  tree.file(chip + "temp2_input", "hot\n");
  tree.file(chip + "temp3_input", "");
  tree.file(chip + "temp4_input", "99999999999999999999\n");
  tree.link(chip + "temp5_input", "/proc/self/mem");  // reading its start gives EIO
  const auto readings = source("hwmon", tree.path())->read();
  expect_no_value(readings, "hwmon0.fan1", State::error, "'-1' is physically impossible");
  expect_no_value(readings, "hwmon0.power1", State::error, "'-5' is physically impossible");
  expect_no_value(readings, "hwmon0.temp1", State::error, "'-300000' is physically impossible");
  expect_no_value(readings, "hwmon0.temp2", State::error, "'hot' is not a whole number");
  expect_no_value(readings, "hwmon0.temp3", State::error, "'' is not a whole number");
  expect_no_value(readings, "hwmon0.temp4", State::error, "not a whole number");
  expect_no_value(readings, "hwmon0.temp5", State::error, "Input/output error");
}

TEST(Hwmon, AChipThatCannotBeListedIsAnError) {
  const TestFolder tree;
  tree.link("sys/class/hwmon/hwmon3", "hwmon3");
  expect_no_value(source("hwmon", tree.path())->read(), "hwmon3", State::error,
                  "Too many levels of symbolic links");
}

TEST(Hwmon, BelowFreezingIsAValue) {
  const TestFolder tree;
  tree.file("sys/class/hwmon/hwmon0/temp1_input", "-5000\n");
  expect_value(source("hwmon", tree.path())->read(), "hwmon0.temp1", Unit::celsius, -5);
}

TEST(Hwmon, ASensorThatReportsItsOwnFaultIsAnError) {
  const TestFolder tree;
  tree.file("sys/class/hwmon/hwmon0/name", "k10temp\n");
  tree.file("sys/class/hwmon/hwmon0/temp1_input", "40000\n");
  tree.file("sys/class/hwmon/hwmon0/temp1_fault", "1\n");
  expect_no_value(source("hwmon", tree.path())->read(), "hwmon0.temp1", State::error, "faulty");
}

TEST(Hwmon, OtherFilesAreNoSensors) {
  const TestFolder tree;
  for (const char* name : {"temp1_max", "temp_input", "temp1x_input", "intrusion0_alarm",
                           "in_input", "fan1_average", "pwm1", "uevent", "temp99999_input"}) {
    tree.file(std::string("sys/class/hwmon/hwmon0/") + name, "1\n");
  }
  expect_no_value(source("hwmon", tree.path())->read(), "hwmon", State::unsupported,
                  "no chip with a sensor");
}

}  // namespace
}  // namespace rackproof
