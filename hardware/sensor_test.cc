// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "hardware/fixture_tree_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
using testing::HasSubstr;

std::unique_ptr<SensorSource> source(const std::string& name, const std::filesystem::path& root) {
  for (auto& one : open_sensors(root)) {
    if (one->name() == name) return std::move(one);
  }
  return nullptr;
}

std::optional<Reading> find(const std::vector<Reading>& readings, const std::string& sensor) {
  for (const Reading& reading : readings) {
    if (reading.sensor == sensor) return reading;
  }
  return {};
}

void expect_value(const std::vector<Reading>& readings, const std::string& sensor, Unit unit,
                  double value) {
  const auto reading = find(readings, sensor);
  ASSERT_TRUE(reading) << sensor;
  EXPECT_EQ(reading->state, State::value) << sensor << ": " << reading->detail;
  EXPECT_EQ(reading->unit, unit) << sensor;
  EXPECT_DOUBLE_EQ(reading->value, value) << sensor;
}

void expect_no_value(const std::vector<Reading>& readings, const std::string& sensor, State state,
                     const std::string& detail) {
  const auto reading = find(readings, sensor);
  ASSERT_TRUE(reading) << sensor;
  EXPECT_EQ(reading->state, state) << sensor;
  EXPECT_EQ(reading->value, 0) << sensor;
  EXPECT_THAT(reading->detail, HasSubstr(detail)) << sensor;
}

TEST(Sensors, EveryFamilyIsRegisteredOnce) {
  std::vector<std::string> names;
  for (const auto& one : open_sensors("/")) names.push_back(one->name());
  EXPECT_THAT(names, testing::UnorderedElementsAre("hwmon", "cpufreq", "psi", "memory"));
}

TEST(Sensors, EachFamilyOfAnEmptyRootIsOneUnsupportedReading) {
  const FixtureTree tree;
  for (const auto& one : open_sensors(tree.root())) {
    const auto readings = one->read();
    ASSERT_EQ(readings.size(), 1u) << one->name();
    EXPECT_EQ(readings[0].sensor, one->name());
    EXPECT_EQ(readings[0].state, State::unsupported) << one->name();
    EXPECT_THAT(readings[0].detail, HasSubstr(tree.root().string()));
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
  const FixtureTree tree;
  tree.file("sys/class/hwmon/hwmon0/temp1_input", "40000\n");
  tree.file("sys/class/hwmon/hwmon1/temp1_input", "41000\n");
  const auto hwmon = source("hwmon", tree.root());
  expect_value(hwmon->read(), "hwmon1.temp1", Unit::celsius, 41);
  tree.remove("sys/class/hwmon/hwmon1");
  const auto readings = hwmon->read();
  expect_value(readings, "hwmon0.temp1", Unit::celsius, 40);
  expect_no_value(readings, "hwmon1.temp1", State::error, "now gone");
}

TEST(Sensors, AFamilyThatAnsweredAndIsGoneIsAnError) {
  const FixtureTree tree;
  tree.file("proc/pressure/io", "some avg10=1.00 avg60=0.00 avg300=0.00 total=0\n");
  const auto psi = source("psi", tree.root());
  expect_value(psi->read(), "psi.io.some_avg10", Unit::ratio, 0.01);
  tree.remove("proc/pressure");
  expect_no_value(psi->read(), "psi.io.some_avg10", State::error, "now gone");
}

TEST(Hwmon, ReadsEachKindInItsUnit) {
  const FixtureTree tree;
  const std::string chip = "sys/class/hwmon/hwmon3/";
  tree.file(chip + "temp1_input", "45500\n");
  tree.file(chip + "power1_input", "250000000\n");
  tree.file(chip + "power1_average", "240000000\n");
  tree.file(chip + "in0_input", "12050\n");
  tree.file(chip + "curr2_input", "1500\n");
  tree.file(chip + "fan1_input", "9000\n");
  tree.file(chip + "energy1_input", "5000000\n");
  const auto readings = source("hwmon", tree.root())->read();
  EXPECT_EQ(readings.size(), 7u);
  expect_value(readings, "hwmon3.temp1", Unit::celsius, 45.5);
  expect_value(readings, "hwmon3.power1", Unit::watt, 250);
  expect_value(readings, "hwmon3.power1.average", Unit::watt, 240);
  expect_value(readings, "hwmon3.in0", Unit::volt, 12.05);
  expect_value(readings, "hwmon3.curr2", Unit::ampere, 1.5);
  expect_value(readings, "hwmon3.fan1", Unit::rpm, 9000);
  expect_value(readings, "hwmon3.energy1", Unit::joule, 5);
}

TEST(Hwmon, NamesTheChipAndTheLabel) {
  const FixtureTree tree;
  tree.file("sys/class/hwmon/hwmon0/name", "coretemp\n");
  tree.file("sys/class/hwmon/hwmon0/temp1_label", "Package id 0\n");
  tree.file("sys/class/hwmon/hwmon0/temp1_input", "40000\n");
  EXPECT_EQ(source("hwmon", tree.root())->read().at(0).detail, "coretemp Package id 0");
}

TEST(Hwmon, ImpossibleOrUnreadableIsAnErrorWithTheReason) {
  const FixtureTree tree;
  const std::string chip = "sys/class/hwmon/hwmon0/";
  tree.file(chip + "fan1_input", "-1\n");
  tree.file(chip + "power1_input", "-5\n");
  tree.file(chip + "temp1_input", "-300000\n");
  tree.file(chip + "temp2_input", "hot\n");
  tree.file(chip + "temp3_input", "");
  tree.file(chip + "temp4_input", "99999999999999999999\n");
  tree.link(chip + "temp5_input", "/proc/self/mem");  // reading its start gives EIO
  const auto readings = source("hwmon", tree.root())->read();
  expect_no_value(readings, "hwmon0.fan1", State::error, "'-1' is physically impossible");
  expect_no_value(readings, "hwmon0.power1", State::error, "'-5' is physically impossible");
  expect_no_value(readings, "hwmon0.temp1", State::error, "'-300000' is physically impossible");
  expect_no_value(readings, "hwmon0.temp2", State::error, "'hot' is not a whole number");
  expect_no_value(readings, "hwmon0.temp3", State::error, "'' is not a whole number");
  expect_no_value(readings, "hwmon0.temp4", State::error, "not a whole number");
  expect_no_value(readings, "hwmon0.temp5", State::error, "Input/output error");
}

TEST(Hwmon, AChipThatCannotBeListedIsAnError) {
  const FixtureTree tree;
  tree.link("sys/class/hwmon/hwmon3", "hwmon3");
  expect_no_value(source("hwmon", tree.root())->read(), "hwmon3", State::error,
                  "Too many levels of symbolic links");
}

TEST(Hwmon, BelowFreezingIsAValue) {
  const FixtureTree tree;
  tree.file("sys/class/hwmon/hwmon0/temp1_input", "-5000\n");
  expect_value(source("hwmon", tree.root())->read(), "hwmon0.temp1", Unit::celsius, -5);
}

TEST(Hwmon, ASensorThatReportsItsOwnFaultIsAnError) {
  const FixtureTree tree;
  tree.file("sys/class/hwmon/hwmon0/name", "k10temp\n");
  tree.file("sys/class/hwmon/hwmon0/temp1_input", "40000\n");
  tree.file("sys/class/hwmon/hwmon0/temp1_fault", "1\n");
  expect_no_value(source("hwmon", tree.root())->read(), "hwmon0.temp1", State::error, "faulty");
}

TEST(Hwmon, OtherFilesAreNoSensors) {
  const FixtureTree tree;
  for (const char* name : {"temp1_max", "temp_input", "temp1x_input", "intrusion0_alarm",
                           "in_input", "fan1_average", "pwm1", "uevent", "temp99999_input"}) {
    tree.file(std::string("sys/class/hwmon/hwmon0/") + name, "1\n");
  }
  expect_no_value(source("hwmon", tree.root())->read(), "hwmon", State::unsupported,
                  "no chip with a sensor");
}

TEST(Cpufreq, ReadsEachCpuInNumericOrder) {
  const FixtureTree tree;
  tree.file("sys/devices/system/cpu/cpu10/cpufreq/scaling_cur_freq", "2500000\n");
  tree.file("sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq", "3000000\n");
  tree.file("sys/devices/system/cpu/cpufreq/boost", "1\n");
  const auto readings = source("cpufreq", tree.root())->read();
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(readings[0].sensor, "cpu2.frequency");
  expect_value(readings, "cpu2.frequency", Unit::hertz, 3e9);
  expect_value(readings, "cpu10.frequency", Unit::hertz, 2.5e9);
}

TEST(Cpufreq, ZeroAndUnknownAreErrorsAndAMissingFileIsNot) {
  const FixtureTree tree;
  const std::string cpu = "sys/devices/system/cpu/cpu";
  tree.file(cpu + "0/cpufreq/scaling_cur_freq", "0\n");
  tree.file(cpu + "1/cpufreq/scaling_cur_freq", "<unknown>\n");
  tree.file(cpu + "2/online", "1\n");
  const auto readings = source("cpufreq", tree.root())->read();
  expect_no_value(readings, "cpu0.frequency", State::error, "'0' is physically impossible");
  expect_no_value(readings, "cpu1.frequency", State::error, "'<unknown>' is not a whole number");
  expect_no_value(readings, "cpu2.frequency", State::unsupported, "No such file");
}

TEST(Psi, ReadsTheShareOfTheLastTenSeconds) {
  const FixtureTree tree;
  const std::string rest =
      " avg60=9.00 avg300=9.00 total=9\nfull avg10=7.00 avg60=0.00 avg300=0.00 total=0\n";
  tree.file("proc/pressure/cpu", "some avg10=0.00" + rest);
  tree.file("proc/pressure/memory", "some avg10=12.50" + rest);
  const auto readings = source("psi", tree.root())->read();
  expect_value(readings, "psi.cpu.some_avg10", Unit::ratio, 0);
  expect_value(readings, "psi.memory.some_avg10", Unit::ratio, 0.125);
  expect_no_value(readings, "psi.io.some_avg10", State::unsupported, "No such file");
}

TEST(Psi, NonsenseIsAnError) {
  for (const char* text :
       {"", "full avg10=1.00\n", "some avg10=\n", "some avg10=x avg60=0\n",
        "some avg10=-1.00 avg60=0\n", "some avg10=101.00 avg60=0\n", "some avg10=nan avg60=0\n"}) {
    const FixtureTree tree;
    tree.file("proc/pressure/cpu", text);
    expect_no_value(source("psi", tree.root())->read(), "psi.cpu.some_avg10", State::error,
                    "avg10");
  }
}

TEST(Meminfo, ReadsKilobytesAsBytes) {
  const FixtureTree tree;
  tree.file("proc/meminfo",
            "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    300 kB\n"
            "SwapTotal:        50 kB\nSwapFree:         20 kB\nHardwareCorrupted:     4 kB\n");
  const auto readings = source("memory", tree.root())->read();
  expect_value(readings, "memory.available", Unit::byte, 300 * 1024);
  expect_value(readings, "memory.free", Unit::byte, 100 * 1024);
  expect_value(readings, "memory.swap_used", Unit::byte, 30 * 1024);
  expect_value(readings, "memory.hardware_corrupted", Unit::byte, 4 * 1024);
}

TEST(Meminfo, TellsAMissingFieldFromABrokenOne) {
  const FixtureTree tree;
  tree.file("proc/meminfo",
            "MemFree:  lots kB\nMemAvailable: -3 kB\nSwapTotal: 10 kB\nSwapFree: 20 kB\n");
  const auto readings = source("memory", tree.root())->read();
  expect_no_value(readings, "memory.free", State::error, "MemFree");
  expect_no_value(readings, "memory.available", State::error, "MemAvailable");
  expect_no_value(readings, "memory.swap_used", State::error, "SwapFree");
  expect_no_value(readings, "memory.hardware_corrupted", State::unsupported,
                  "no HardwareCorrupted");
}

}  // namespace
}  // namespace rackproof
