// SPDX-License-Identifier: Apache-2.0
#include "app/progress_time.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

PlannedStep timed(double duration_s) {
  return {.stressor = "compute.gemm", .duration_s = duration_s};
}
PlannedStep by_pass() { return {.stressor = "memory.march", .passes = 1}; }
PlannedStep drill() { return {.stressor = "compute.gemm", .drill = true}; }

TEST(TimeLeft, IsTheSumOfWhatThePlanSays) {
  const Plan plan{.steps = {timed(10), timed(20)}};
  TimeLeft left(plan);
  EXPECT_DOUBLE_EQ(left.left(0)->seconds, 30);
  left.step_started(0, 1);
  EXPECT_DOUBLE_EQ(left.left(5)->seconds, 26);
  EXPECT_FALSE(left.left(5)->at_least);
}

TEST(TimeLeft, LearnsWhatAStepTakesBesideItsLoad) {
  const Plan plan{.steps = {timed(10), timed(10)}};
  TimeLeft left(plan);
  left.step_started(0, 0);
  left.step_ended(13);
  EXPECT_DOUBLE_EQ(left.left(13)->seconds, 13);
}

TEST(TimeLeft, SaysAtLeastWhileAKindOfStepIsUnknown) {
  const Plan plan{.steps = {timed(10), by_pass(), by_pass()}};
  TimeLeft left(plan);
  EXPECT_TRUE(left.left(0)->at_least);
  left.step_started(1, 0);
  left.step_ended(40);
  EXPECT_FALSE(left.left(40)->at_least);
  EXPECT_DOUBLE_EQ(left.left(40)->seconds, 40);
}

TEST(TimeLeft, AnOverdueStepCountsAsNothingLeft) {
  const Plan plan{.steps = {timed(10)}};
  TimeLeft left(plan);
  left.step_started(0, 0);
  EXPECT_DOUBLE_EQ(left.left(99)->seconds, 0);
}

TEST(TimeLeft, NothingKnownIsNoEstimate) {
  EXPECT_FALSE(TimeLeft(Plan{.steps = {drill()}}).left(0).has_value());
}

TEST(TimeLeft, StepsThatAResumedRunSkipsAreOver) {
  const Plan plan{.steps = {timed(10), timed(10), timed(10)}};
  TimeLeft left(plan);
  left.step_started(2, 0);
  EXPECT_DOUBLE_EQ(left.left(0)->seconds, 10);
}

}  // namespace
}  // namespace rackproof
