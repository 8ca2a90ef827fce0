// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/energy_meter.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

TEST(EnergyMeter, PowerIsEnergyOverTime) {
  EnergyMeter meter(262143);
  EXPECT_FALSE(meter.add(1000, 10).power_w);
  const auto sample = meter.add(1600, 12);
  EXPECT_DOUBLE_EQ(sample.energy_j, 1600);
  EXPECT_DOUBLE_EQ(sample.power_w.value_or(0), 300);
}

TEST(EnergyMeter, GoesOnBeyondAWrap) {
  EnergyMeter meter(1000);
  (void)meter.add(900, 0);
  const auto once = meter.add(100, 1);
  EXPECT_DOUBLE_EQ(once.energy_j, 1100);
  EXPECT_DOUBLE_EQ(once.power_w.value_or(0), 200);
  (void)meter.add(800, 2);
  EXPECT_DOUBLE_EQ(meter.add(50, 3).energy_j, 2050);
}

TEST(EnergyMeter, AFallTooGreatForAWrapIsAReset) {
  EnergyMeter meter(262143);
  (void)meter.add(100000, 0);
  (void)meter.add(100300, 1);
  const auto after = meter.add(5, 2);
  EXPECT_DOUBLE_EQ(after.energy_j, 5);
  EXPECT_FALSE(after.power_w);
  EXPECT_DOUBLE_EQ(meter.add(105, 3).power_w.value_or(0), 100);
}

TEST(EnergyMeter, WithoutARangeEveryFallIsAReset) {
  EnergyMeter meter(0);
  (void)meter.add(10, 0);
  EXPECT_DOUBLE_EQ(meter.add(5, 1).energy_j, 5);
}

TEST(EnergyMeter, SamplesTooCloseTogetherShareTheMeanBefore) {
  EnergyMeter meter(262143);
  (void)meter.add(0, 0);
  (void)meter.add(100, 1);
  EXPECT_DOUBLE_EQ(meter.add(101, 1.001).power_w.value_or(0), 100);
  EXPECT_DOUBLE_EQ(meter.add(150, 1.5).power_w.value_or(0), 100);
}

}  // namespace
}  // namespace rackproof
