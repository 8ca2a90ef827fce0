// SPDX-License-Identifier: Apache-2.0
// What the sources make of what the driver's library answers; that library is a fake.
#include "hardware/nvml/sensors.h"

#include <cmath>
#include <set>

#include "hardware/nvml/fake_for_test.h"
#include "hardware/sensors/counter_table.h"
#include "hardware/sensors/sensors_for_test.h"
#include "hardware/xid.h"

namespace rackproof::nvml {
namespace {

using State = Reading::State;
using testing::HasSubstr;

const std::string kGpu = "gpu 0000:1b:00.0\n";
const std::string kName = "nvml.0000:1b:00.0.";

std::vector<Reading> look_at(const std::string& script, int looks = 1) {
  const FakeDriver driver(script);
  Cards cards;
  std::vector<Reading> readings;
  for (int i = 0; i < looks; ++i) readings = cards.look();
  return readings;
}

// How often a sensor was read, and what each said.
std::vector<double> values_of(const std::vector<Reading>& readings, const std::string& sensor) {
  std::vector<double> values;
  for (const Reading& reading : readings) {
    if (reading.sensor == sensor && reading.state == State::value) values.push_back(reading.value);
  }
  return values;
}

TEST(NvmlSensors, ReadAHealthyCard) {
  const auto readings = look_at(kGpu);
  expect_value(readings, "nvml.gpus", Unit::count, 1);
  expect_value(readings, kName + "power", Unit::watt, 650);
  expect_value(readings, kName + "power.limit", Unit::watt, 700);
  expect_value(readings, kName + "clock.sm", Unit::hertz, 1980e6);
  expect_value(readings, kName + "temp", Unit::celsius, 55);
  expect_value(readings, kName + "temp.memory", Unit::celsius, 60);
  expect_value(readings, kName + "ecc.enabled", Unit::count, 1);
  expect_counter(readings, kName + "ecc.uncorrected.dram", 0);
  expect_counter(readings, kName + "rows.pending", 0);
  expect_counter(readings, kName + "lost", 0);
  expect_value(readings, kName + "pcie.width", Unit::count, 16);
  EXPECT_EQ(find(readings, kName + "pcie.width")->detail, "of at most 16");
  expect_value(readings, kName + "nvlink.17.active", Unit::count, 1);
  expect_counter(readings, kName + "nvlink.17.replays", 0);
  for (const Reading& reading : readings) {
    EXPECT_NE(reading.state, State::error) << reading.sensor << ": " << reading.detail;
    EXPECT_TRUE(reading.state == State::value || !reading.detail.empty()) << reading.sensor;
  }
}

TEST(NvmlSensors, CountEnergyInJoulesAndSlowedTimeInSeconds) {
  const auto readings = look_at(kGpu + "energy 1500\nfield.270 2500000000\nreasons 0x48\n");
  expect_value(readings, kName + "energy", Unit::joule, 1.5);
  expect_value(readings, kName + "slowed.hw_thermal.time", Unit::second, 2.5);
  expect_value(readings, kName + "slowed.hw_thermal", Unit::count, 1);
  expect_value(readings, kName + "slowed.hw", Unit::count, 1);
  expect_value(readings, kName + "slowed.sw_power_cap", Unit::count, 0);
}

TEST(NvmlSensors, TakeTheOlderCallsOfAnOlderDriver) {
  const auto readings = look_at(kGpu +
                                "field.74 NOT_SUPPORTED\nviolation.0 3000000000\n"
                                "reasons FUNCTION_NOT_FOUND\nthrottle_reasons 4\n");
  expect_value(readings, kName + "slowed.sw_power_cap.time", Unit::second, 3);
  expect_value(readings, kName + "slowed.sw_power_cap", Unit::count, 1);
}

TEST(NvmlSensors, TellHowFarSlowdownAndShutdownAre) {
  const auto hopper = look_at(kGpu + "temp.margin 30\nfield.194 -2\nfield.193 -8\n");
  expect_value(hopper, kName + "temp.to_slowdown", Unit::celsius, 32);
  expect_value(hopper, kName + "temp.to_shutdown", Unit::celsius, 38);
  const auto ampere = look_at(kGpu +
                              "temp 60\ntemp.margin NOT_SUPPORTED\nfield.194 NOT_SUPPORTED\n"
                              "temp.slowdown 89\ntemp.shutdown 92\n");
  expect_value(ampere, kName + "temp.to_slowdown", Unit::celsius, 29);
  expect_value(ampere, kName + "temp.to_shutdown", Unit::celsius, 32);
  expect_no_value(ampere, kName + "temp.margin", State::unsupported, "Not Supported");
}

TEST(NvmlSensors, AMarginBelowZeroIsAValue) {
  const auto readings = look_at(kGpu + "temp.margin -3\n");
  expect_value(readings, kName + "temp.margin", Unit::celsius, -3);
  expect_value(readings, kName + "temp.to_slowdown", Unit::celsius, -1);
}

TEST(NvmlSensors, ErrorsAndMissingFunctionsStayApart) {
  const auto readings = look_at(kGpu +
                                "power UNKNOWN\nenergy NOT_SUPPORTED\npcie.replays "
                                "NO_PERMISSION\nfield.82 INVALID_ARGUMENT\n");
  expect_no_value(readings, kName + "power", State::error, "nvmlDeviceGetPowerUsage: Unknown");
  expect_no_value(readings, kName + "energy", State::unsupported, "Not Supported");
  expect_no_value(readings, kName + "pcie.replays", State::error, "Insufficient Permissions");
  expect_no_value(readings, kName + "temp.memory", State::unsupported, "(82)");
}

TEST(NvmlSensors, AllOnesAreNoNumber) {
  const auto readings = look_at(kGpu +
                                "pcie.replays 4294967295\n"
                                "ecc.volatile.uncorrected.dram 18446744073709551615\n"
                                "field.180 18446744073709551615\n");
  for (const char* name : {"pcie.replays", "ecc.uncorrected.dram", "pcie.fatal"}) {
    EXPECT_EQ(find(readings, kName + name)->state, State::error) << name;
  }
}

TEST(NvmlSensors, AFlagThatStandsAtTheFirstLookIsARise) {
  const FakeDriver driver(kGpu + "rows.failed 1\n");
  Cards cards;
  EXPECT_THAT(values_of(cards.look(), kName + "rows.failed"), testing::ElementsAre(0, 1));
  EXPECT_THAT(values_of(cards.look(), kName + "rows.failed"), testing::ElementsAre(1));
}

TEST(NvmlSensors, XidsAreCountedFromZero) {
  const FakeDriver driver(kGpu + "xid - 79 - 79 31 -\n");
  Cards cards;
  EXPECT_THAT(values_of(cards.look(), kName + "xid.79"), testing::IsEmpty());
  const auto first = cards.look();
  EXPECT_THAT(values_of(first, kName + "xid.79"), testing::ElementsAre(0, 1));
  EXPECT_THAT(find(first, kName + "xid.79")->detail, HasSubstr("fallen off the bus"));
  const auto second = cards.look();
  EXPECT_THAT(values_of(second, kName + "xid.79"), testing::ElementsAre(2));
  EXPECT_THAT(values_of(second, kName + "xid.31"), testing::ElementsAre(0, 1));
  expect_counter(second, kName + "xids", 3);
}

TEST(NvmlSensors, AStormOfXidsEnds) {
  const auto readings = look_at(kGpu + "xid 31\n");  // for ever the same
  expect_counter(readings, kName + "xids", 1000);
}

TEST(NvmlSensors, EventsThatAreNotOfferedSaySo) {
  const auto readings = look_at(kGpu + "events NOT_SUPPORTED\n");
  expect_no_value(readings, kName + "xids", State::unsupported, "nvmlDeviceRegisterEvents");
}

TEST(NvmlSensors, AnXidMeansWhatTheKernelLogsTableSays) {
  EXPECT_EQ(meaning_of_xid(79), "Xid 79, the GPU has fallen off the bus");
  EXPECT_EQ(meaning_of_xid(987), "Xid 987");
  const CounterClass told = class_of_counter(kName + "xid.79");
  EXPECT_EQ(told.cause, "gpu.xid.79");
  EXPECT_EQ(told.severity, "fatal");
  EXPECT_EQ(told.part, "0000:1b:00.0");
  EXPECT_EQ(class_of_counter(kName + "xid.63").severity, "warning");
  EXPECT_EQ(class_of_counter(kName + "xid.149").severity, "warning");  // its line decides
  EXPECT_THAT(class_of_counter(kName + "xid.149").next_step, HasSubstr("line in the kernel log"));
  EXPECT_EQ(class_of_counter(kName + "xid.987").severity, "fatal");
  EXPECT_FALSE(class_of_xid_counter("nvml.0000:1b:00.0.xid.x"));
  EXPECT_FALSE(class_of_xid_counter("pcie.xid.79"));
}

TEST(NvmlSensors, ALostCardIsFatalAndItsSensorsAreErrors) {
  const FakeDriver driver(kGpu + "lost 0 1\n");
  Cards cards;
  expect_counter(cards.look(), kName + "lost", 0);
  const auto readings = cards.look();
  expect_counter(readings, kName + "lost", 1);
  expect_no_value(readings, kName + "power", State::error, "GPU is lost");
  EXPECT_EQ(class_of_counter(kName + "lost").severity, "fatal");
}

TEST(NvmlSensors, ACardThatIsLostBeforeTheFirstLookIsFatalToo) {
  const auto readings = look_at(kGpu + "gpu 0000:3b:00.0\nhandle GPU_IS_LOST\n");
  EXPECT_THAT(values_of(readings, "nvml.gpu1.lost"), testing::ElementsAre(0, 1));
  expect_no_value(readings, "nvml.gpu1", State::error, "GPU is lost");
  expect_value(readings, kName + "power", Unit::watt, 650);
}

TEST(NvmlSensors, ALinkThatWasUpAndIsDownIsTold) {
  const FakeDriver driver(kGpu + "nvlink.3.state 1 0\nnvlink.4.state 0\n");
  Cards cards;
  cards.look();
  const auto readings = cards.look();
  expect_counter(readings, kName + "nvlink.3.down", 1);
  expect_counter(readings, kName + "nvlink.4.down", 0);  // never was up: a profile may ask for it
  expect_value(readings, kName + "nvlink.4.active", Unit::count, 0);
}

TEST(NvmlSensors, ALinkWithoutAnyCounterSaysSo) {
  const auto readings = look_at(kGpu +
                                "field.161 NOT_SUPPORTED\nfield.162 NOT_SUPPORTED\n"
                                "field.163 NOT_SUPPORTED\n");
  expect_no_value(readings, kName + "nvlink.0.errors", State::unsupported, "no error counter");
}

TEST(NvmlSensors, ACardWithoutNvlinkHasOneReadingThatSaysSo) {
  const auto none = look_at(kGpu + "field.91 NOT_SUPPORTED\nnvlink.0.state NOT_SUPPORTED\n");
  expect_no_value(none, kName + "nvlink.links", State::unsupported, "nvmlDeviceGetNvLinkState");
  expect_value(look_at(kGpu + "field.91 0\n"), kName + "nvlink.links", Unit::count, 0);
}

TEST(NvmlSensors, FansAreReadWhereThereAreAny) {
  const auto readings = look_at(kGpu + "fans 2\nfan.0 40\nfan.1 55\n");
  expect_value(readings, kName + "fan0", Unit::ratio, 0.4);
  EXPECT_NEAR(find(readings, kName + "fan1")->value, 0.55, 1e-12);
  expect_no_value(look_at(kGpu), kName + "fan", State::unsupported, "no fan of its own");
}

TEST(NvmlSensors, SayWhyThereIsNone) {
  const auto source = gpu_sensors("libno-such-nvml.so.1");
  expect_no_value(source->read(), "nvml", State::unsupported, "no NVML");
  EXPECT_TRUE(source->found().empty());
  expect_no_value(look_at("init DRIVER_NOT_LOADED\n"), "nvml", State::unsupported, "Not Loaded");
  expect_no_value(look_at("init LIB_RM_VERSION_MISMATCH\n"), "nvml", State::error, "mismatch");
}

// One of everything that any card counts.
const std::string kEverything =
    kGpu +
    "fans 1\nfan.0 30\nxid 79 -\nfield.29 0\nfield.30 0\nfield.31 0\n"
    "ecc.volatile.corrected.l1 0\necc.volatile.uncorrected.l1 0\n"
    "nvlink.0.crc_flit 0\nnvlink.0.crc_data 0\nnvlink.0.ecc_data 0\n"
    "field.206 0\nfield.207 0\nfield.208 0\nfield.209 0\nfield.211 0\nfield.212 0\nfield.213 0\n"
    "field.214 0\n";

TEST(NvmlSensors, TheTableKnowsEveryCounterAndNoOther) {
  std::set<std::string> used;
  for (const Reading& reading : look_at(kEverything)) {
    if (!reading.counter || class_of_xid_counter(reading.sensor)) continue;
    const CounterClass told = class_of_counter(reading.sensor);
    EXPECT_NE(told.cause, "counter") << reading.sensor << " has no entry in counters.yaml";
    EXPECT_EQ(told.part, "0000:1b:00.0") << reading.sensor;
    for (const CounterRule& rule : counter_table()) {
      if (!stars_of(rule.sensor, reading.sensor)) continue;
      used.insert(rule.sensor);
      break;
    }
  }
  for (const CounterRule& rule : counter_table()) {
    if (!rule.sensor.starts_with("nvml.")) continue;
    EXPECT_TRUE(used.count(rule.sensor))
        << "counters.yaml:" << rule.line << ": no card makes a counter for " << rule.sensor;
  }
}

}  // namespace
}  // namespace rackproof::nvml
