// SPDX-License-Identifier: Apache-2.0
#include "runner/assignment.h"

#include <gtest/gtest.h>

#include <bit>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

PlannedStep drill() {
  PlannedStep step;
  step.id = "drill";
  step.drill = true;
  step.faults = {{FaultSite::memory, FaultKind::flip}, {FaultSite::timing, FaultKind::late}};
  return step;
}

TEST(Settings, DeriveADrillsFaultsFromTheSeedAlone) {
  const StepSettings settings = settings_for(drill(), "d:0", Seed{7}, 1);
  ASSERT_EQ(settings.faults.size(), 2u);
  EXPECT_EQ(settings.faults[0].id, 1u);
  EXPECT_EQ(settings.faults[0].element, derive(Seed{7}, "d:0", "drill", (1ULL << 32) + 1));
  EXPECT_EQ(std::popcount(settings.faults[0].mask), 1);
  EXPECT_EQ(settings.faults[1].delay_s, 1.0);
  EXPECT_EQ(settings.late_after_s, 0.5);
  EXPECT_NE(settings_for(drill(), "d:1", Seed{7}, 1).faults[0].element, settings.faults[0].element);
}

TEST(Settings, DrawAsManyBitsAsPlannedForEachOfManyFaults) {
  PlannedStep step = drill();
  step.faults = {{.site = FaultSite::result, .kind = FaultKind::flip, .bits = 5, .times = 40},
                 {.site = FaultSite::result, .kind = FaultKind::lanes, .count = 4, .stride = 8}};
  step.burst_s = 0.001;
  const StepSettings settings = settings_for(step, "d:0", Seed{7}, 1);
  ASSERT_EQ(settings.faults.size(), 41u);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(std::popcount(settings.faults[i].mask), 5);
    EXPECT_EQ(settings.faults[i].id, i + 1);
  }
  EXPECT_NE(settings.faults[0].mask, settings.faults[1].mask);
  EXPECT_EQ(settings.faults[40].count, 4u);
  EXPECT_EQ(settings.faults[40].stride, 8u);
  EXPECT_EQ(settings.burst_s, 0.001);
  EXPECT_EQ(settings.late_after_s, 5.0);  // no answer is to be late here
}

TEST(Settings, HandUnannouncedFaultsToALoad) {
  PlannedStep step = drill();
  step.drill = false;
  EXPECT_EQ(settings_for(step, "d:0", Seed{7}, 1).faults.size(), 2u);
  EXPECT_FALSE(settings_for(step, "d:0", Seed{7}, 1).drill);
}

TEST(Settings, CallAnswersLateByTheLengthOfTheStepsIterations) {
  PlannedStep step;
  EXPECT_EQ(settings_for(step, "d:0", Seed{7}, 1).late_after_s, 5.0);
  step.silence_s = 90;  // of iterations of 9 s
  EXPECT_EQ(settings_for(step, "d:0", Seed{7}, 1).late_after_s, 30.0);
}

TEST(Assignment, SurvivesTheWire) {
  const Assignment sent{settings_for(drill(), "d:0", Seed{7}, 2), "backend", "d:0", "spec"};
  const auto read = assignment_from_json(to_json(sent));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(to_json(*read), to_json(sent));
  EXPECT_FALSE(assignment_from_json({{"t", "assignment"}}).has_value());
}

}  // namespace
}  // namespace rackproof
