// SPDX-License-Identifier: Apache-2.0
#include "runner/sensor_windows.h"

#include <gmock/gmock.h>

#include <cmath>

namespace rackproof {
namespace {

using ::testing::HasSubstr;

Reading reading(Reading::State state, double value, const std::string& detail = "") {
  return {.sensor = "t", .unit = Unit::celsius, .state = state, .value = value, .detail = detail};
}

Reading counter(double value, const std::string& label = "") {
  Reading one{.sensor = "edac.mc0.ue", .state = Reading::State::value, .value = value};
  one.detail = label;
  one.counter = true;
  return one;
}

SensorWindow only(const std::vector<SensorWindows::Taken>& taken) {
  EXPECT_EQ(taken.size(), 1u);
  return taken.empty() ? SensorWindow{} : taken[0].window;
}

TEST(SensorWindows, KeepsTheThreeStatesApart) {
  SensorWindows windows(10);
  for (const double value : {3.0, -7.0, 5.0})
    windows.add(reading(Reading::State::value, value), 11);
  windows.add(reading(Reading::State::error, 0, "I/O error"), 12);
  windows.add(reading(Reading::State::unsupported, 0), 13);
  const SensorWindow window = only(windows.take(15));
  EXPECT_EQ(window.count, 3u);
  EXPECT_EQ(window.min, -7);
  EXPECT_EQ(window.median, 3);
  EXPECT_EQ(window.max, 5);
  EXPECT_EQ(window.errors, 1u);
  EXPECT_EQ(window.unsupported, 1u);
  EXPECT_EQ(window.error, "I/O error");
  EXPECT_EQ(window.start_s, 10);
  EXPECT_EQ(window.length_s, 5);
  EXPECT_FALSE(window.counter);
  EXPECT_TRUE(windows.take(20).empty());
}

TEST(SensorWindows, TakeAnAbsurdValueForAnError) {
  const struct {
    double value;
    Unit unit;
    bool counter;
    const char* text;
  } table[] = {{std::nan(""), Unit::celsius, false, "not a finite number"},
               {INFINITY, Unit::watt, false, "not a finite number"},
               {-61, Unit::celsius, false, "-61 degC cannot be a temperature"},
               {251, Unit::celsius, false, "251 degC cannot be a temperature"},
               {-0.5, Unit::watt, false, "a negative power"},
               {-1, Unit::count, true, "a counter below zero"}};
  for (const auto& row : table) {
    SensorWindows windows;
    windows.add({"s", row.unit, Reading::State::value, row.value, "", row.counter}, 0);
    const SensorWindow window = only(windows.take(1));
    EXPECT_EQ(window.errors, 1u) << row.text;
    EXPECT_EQ(window.count, 0u) << row.text;
    EXPECT_THAT(window.error, HasSubstr(row.text));
  }
  EXPECT_EQ(plausible(reading(Reading::State::value, -60)).state, Reading::State::value);
  EXPECT_EQ(plausible(reading(Reading::State::value, 250)).state, Reading::State::value);
}

TEST(SensorWindows, CountARiseFromTheLastReadingOfTheWindowBefore) {
  SensorWindows windows;
  windows.add(counter(100), 1);  // the run's base
  windows.add(counter(101), 2);
  const SensorWindow first = only(windows.take(5));
  EXPECT_TRUE(first.counter);
  EXPECT_EQ(first.rise, 1);
  windows.add(counter(104, "DIMM_A1"), 6);
  const auto second = windows.take(10);
  EXPECT_EQ(only(second).rise, 3);
  EXPECT_EQ(second[0].last, 104);
  EXPECT_EQ(second[0].label, "DIMM_A1");
}

TEST(SensorWindows, TakeADecreaseForANewBeginning) {
  SensorWindows windows;
  for (const double value : {100.0, 102.0, 5.0, 6.0, 1.0}) windows.add(counter(value), 1);
  const SensorWindow window = only(windows.take(5));
  EXPECT_EQ(window.resets, 2u);
  EXPECT_EQ(window.rise, 2 + 5 + 1 + 1);
}

TEST(SensorWindows, FindARiseAcrossErrorsAndSilence) {
  SensorWindows windows;
  windows.add(counter(7), 1);
  (void)windows.take(5);
  Reading gone = counter(0);
  gone.state = Reading::State::error;
  windows.add(gone, 6);
  (void)windows.take(10);
  EXPECT_TRUE(windows.take(15).empty());
  windows.add(counter(9), 16);
  EXPECT_EQ(only(windows.take(20)).rise, 2);
}

TEST(SensorWindows, GoOnWithTheCountersOfARunThatWasCutOff) {
  SensorWindow before;
  before.sensor = "edac.mc0.ue";
  before.unit = "count";
  before.counter = true;
  before.count = 3;
  before.max = 10;
  SensorWindows windows;
  windows.go_on_from({before});
  windows.add(counter(12), 1);
  EXPECT_EQ(only(windows.take(5)).rise, 2);
  before.resets = 1;  // its last value is not known
  SensorWindows unsure;
  unsure.go_on_from({before});
  unsure.add(counter(12), 1);
  EXPECT_EQ(only(unsure.take(5)).rise, 0);
}

TEST(SensorWindows, LeaveNoGapOnlyBecauseAStepWasShorterThanATick) {
  SensorWindows windows(0, 1);
  windows.add(counter(1), 0.5);
  (void)windows.take(1);
  EXPECT_TRUE(windows.take(1.4).empty());  // a step without a reading
  windows.add(counter(1), 1.5);
  const SensorWindow next = only(windows.take(2));
  EXPECT_EQ(next.start_s, 1);
  EXPECT_EQ(next.length_s, 1);
}

TEST(SensorWindows, DoNotCoverALongSilence) {
  SensorWindows windows(0, 1);
  windows.add(counter(1), 0.5);
  (void)windows.take(1);
  (void)windows.take(99);
  windows.add(counter(1), 100);
  EXPECT_EQ(only(windows.take(101)).start_s, 98);  // two ticks before its reading
}

}  // namespace
}  // namespace rackproof
