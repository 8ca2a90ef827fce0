// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiles/sample_profile.h"
#include "profiles/sensor_families.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// In place of the sample's only limit.
std::string sensors(const std::string& entry) {
  return sample_with(6, "  sensors: [{" + entry + "}]\n  compute.gemm:");
}

ProfileSensorLimit only(const std::string& entry) {
  const auto profile = parse_profile(sensors(entry), "p.yaml");
  EXPECT_TRUE(profile) << profile.error().front().text();
  if (!profile || profile->sensor_limits.size() != 1) return {};
  return profile->sensor_limits[0];
}

std::string problem(const std::string& entry) {
  const auto found = problems(sensors(entry));
  EXPECT_EQ(found.size(), 1u) << entry;
  return found.empty() ? "" : found[0];
}

TEST(SensorLimits, AreReadInBaseUnits) {
  const ProfileSensorLimit heat =
      only("sensor: hwmon*.temp*, ceiling: 95 degC, uncertainty: 1 %, source: datasheet");
  EXPECT_EQ(heat.sensor, "hwmon*.temp*");
  EXPECT_EQ(heat.rule, Rule::ceiling);
  EXPECT_EQ(heat.value, 95);
  EXPECT_EQ(heat.unit, Unit::celsius);
  EXPECT_EQ(heat.statistic, "max");
  EXPECT_TRUE(heat.required && heat.guarded);
  const ProfileSensorLimit power =
      only("sensor: rapl.*.power, floor: 0.1 kW, statistic: median, required: false, source: x");
  EXPECT_EQ(power.value, 100);
  EXPECT_EQ(power.statistic, "median");
  EXPECT_FALSE(power.required);
  EXPECT_EQ(only("sensor: hwmon0.fan1, floor: 1000 rpm, source: x").statistic, "min");
}

TEST(SensorLimits, OnTheRiseOfACounterNeedNoSourceWhenExact) {
  const ProfileSensorLimit errors = only("sensor: edac.*.ue, rise: {equals: 0}");
  EXPECT_EQ(errors.rule, Rule::equals);
  EXPECT_EQ(errors.statistic, "rise");
  EXPECT_EQ(errors.unit, Unit::count);
  EXPECT_EQ(only("sensor: edac.*.ce, rise: {ceiling: 10}, source: x").rule, Rule::ceiling);
}

TEST(SensorLimits, NameEveryMistake) {
  const std::pair<const char*, const char*> table[] = {
      {"sensor: hwmn*.temp*, ceiling: 95 degC, source: x",
       "no source makes sensors named 'hwmn*.temp*'; did you mean 'hwmon'?"},
      {"sensor: xyzzy, ceiling: 95 degC, source: x", "their names begin with hwmon, thermal"},
      {"sensor: hwmon*.temp*, ceiling: 95 W, source: x",
       "ceiling: '95 W' is in watt, expected celsius, for example '89 degC'"},
      {"sensor: hwmon*.temp*, ceiling: 95, source: x", "lacks its unit: expected celsius"},
      {"sensor: rapl.*.power, floor: hot, source: x", "is not a number with a unit"},
      {"sensor: hwmon*.temp*, ceiling: 95 degC", "'source' is missing"},
      {"sensor: edac.*.ce, rise: {ceiling: 10}", "'source' is missing"},
      {"sensor: edac.*.ce", "a limit without a rule"},
      {"sensor: edac.*.ce, rise: {equals: 0}, statistic: max", "rise: stands alone"},
      {"sensor: edac.*.ce, rise: {ceiling: -1}, source: x", "below zero"},
      {"sensor: rapl.*.power, floor: 0 W, source: x", "a floor of zero can never be broken"},
      {"sensor: hwmon*.temp*, floor: 50 degC, ceiling: 40 degC, source: x",
       "floor: '50 degC' is above the ceiling '40 degC'"},
      {"sensor: edac.*.ce, rise: {equals: 0, ceiling: 1}, source: x",
       "equals: contradicts the ceiling"},
      {"sensor: hwmon*.temp*, ceiling: 95 degC, uncertainty: 60 %, source: x",
       "must be at least 0 % and below 50 %"},
      {"sensor: rapl.*.power, floor: 90 W, during: power.hol, source: x",
       "unknown stressor 'power.hol'; did you mean 'power.hold'?"},
      {"sensor: rapl.*.power, floor: 90 W, during: power.hold, source: x",
       "during: this limit can never be applied: no step runs power.hold"},
      {"sensor: edac.*.ce, rise: {equals: 0}, during: compute.gemm",
       "during: is for what a sensor shows; every rise counts"},
      {"sensor: hwmon*.temp*, ceiling: 95 degC, statistc: max, source: x",
       "did you mean 'statistic'?"}};
  for (const auto& [entry, message] : table) EXPECT_THAT(problem(entry), HasSubstr(message));
}

TEST(SensorLimits, StandOnlyOnceForASensorAndRule) {
  EXPECT_THAT(
      problem("sensor: edac.*.ue, rise: {equals: 0}}, {sensor: edac.*.ue, rise: {equals: 1}"),
      HasSubstr("'edac.*.ue' has a equals on its rise already"));
}

TEST(SensorLimits, StandOnceForEachStressorThatTheyAreOf) {
  const auto profile =
      parse_profile(sensors("sensor: rapl.*.power, floor: 90 W, during: compute.gemm, source: x}, "
                            "{sensor: rapl.*.power, floor: 40 W, during: memory.march, source: x}, "
                            "{sensor: rapl.*.power, floor: 20 W, source: x"),
                    "p.yaml");
  ASSERT_TRUE(profile) << profile.error().front().text();
  ASSERT_EQ(profile->sensor_limits.size(), 3u);
  EXPECT_EQ(profile->sensor_limits[1].during, "memory.march");
  EXPECT_EQ(profile->sensor_limits[2].during, "");
}

TEST(SensorLimits, AreOfUnitsThatTheFamilyHas) {
  EXPECT_THAT(units_of_sensors("hwmon*.temp*"), ElementsAre(Unit::celsius));
  EXPECT_THAT(units_of_sensors("rapl.*.power"), ElementsAre(Unit::watt));
  EXPECT_THAT(units_of_sensors("throttle.*.time"), ElementsAre(Unit::second));
  EXPECT_THAT(units_of_sensors("throttle.*.count"), ElementsAre(Unit::count));
  EXPECT_THAT(units_of_sensors("memory.oom_kills"), ElementsAre(Unit::count));
  EXPECT_THAT(units_of_sensors("memory.available"), ElementsAre(Unit::byte));
  EXPECT_THAT(units_of_sensors("nvml.*.power"), ElementsAre(Unit::watt));
  EXPECT_THAT(units_of_sensors("nvml.*.temp.margin"), ElementsAre(Unit::celsius));
  EXPECT_THAT(units_of_sensors("nvml.*.pcie.generation"), ElementsAre(Unit::count));
  EXPECT_THAT(units_of_sensors("nvml.*.temp"), ElementsAre(Unit::celsius));
  EXPECT_THAT(units_of_sensors("nvml.*.power.limit"), ElementsAre(Unit::watt));
  EXPECT_THAT(units_of_sensors("nvml.*.ecc.corrected.dram"), ElementsAre(Unit::count));
  EXPECT_EQ(unknown_family("*"), "");
  EXPECT_EQ(unknown_family("pcie.0000:1b:00.0.aer.*"), "");
}

TEST(SensorRate, IsATenthToTenHertz) {
  const auto with = [](const std::string& rate) {
    return sample_with(3, "revision: 1\nsensor_rate: " + rate);
  };
  EXPECT_EQ(parse_profile(with("2 Hz"), "p.yaml")->sensor_rate_hz, 2);
  EXPECT_THAT(problems(with("11 Hz")), ElementsAre(HasSubstr("must be 0.1 Hz to 10 Hz")));
  EXPECT_THAT(problems(with("2 s")), ElementsAre(HasSubstr("expected hertz")));
}

}  // namespace
}  // namespace rackproof
