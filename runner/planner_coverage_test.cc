// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/planner_test_support.h"

namespace rackproof::planner_test {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const Plan& plan) {
  std::vector<std::string> all;
  for (const CoverageDemand& row : plan.coverage) {
    all.push_back(fmt::format("{} {} {} {}", row.name, row.device, row.required, row.whole));
  }
  return all;
}

Plan planned(const Profile& profile, const std::vector<std::string>& stages = {}) {
  return make_plan(profile, rack_of(1, 1), {.stages = stages}).value();
}

TEST(Coverage, IsDemandedOfEachDeviceWithWhatTheWholeIs) {
  Profile profile = synthetic_profile(1, 1);
  profile.coverage = {.memory_installed = 0.75, .memory_allocatable = 0.5, .cores = 1};
  EXPECT_THAT(texts(planned(profile, {"screen"})),
              ElementsAre("memory.installed n0-d0 0.75 268435456",
                          "memory.allocatable n0-d0 0.5 262144000", "cores n0-d0 1 16"));
}

TEST(Coverage, OfMemoryStaysWhenNoSelectedStepTestsIt) {
  Profile profile = synthetic_profile(1, 1);
  profile.coverage.memory_allocatable = 0.5;
  EXPECT_THAT(texts(planned(profile, {"quick"})),
              ElementsAre("memory.allocatable n0-d0 0.5 262144000"));
}

TEST(Coverage, OfLinksCountsTheOthersOfItsNode) {
  Profile profile = synthetic_profile(2, 4);
  profile.coverage.links = 1;
  const Plan plan = make_plan(profile, rack_of(2, 4), {}).value();
  ASSERT_EQ(plan.coverage.size(), 8U);
  EXPECT_EQ(texts(plan)[5], "links n1-d1 1 3");
}

TEST(Coverage, StaysWithoutAnyDevice) {
  Profile profile = synthetic_profile(1, 1);
  profile.coverage.cores = 1;
  const Plan plan = make_plan(profile, Rack{}).value();
  EXPECT_THAT(texts(plan), ElementsAre("cores  1 0"));
}

TEST(Coverage, OfAStageOverridesTheProfiles) {
  Profile profile = synthetic_profile(1, 1);
  profile.coverage.memory_allocatable = 0.99;
  profile.stages[0].coverage.memory_allocatable = 0.125;
  EXPECT_THAT(texts(planned(profile, {"quick"})),
              ElementsAre("memory.allocatable n0-d0 0.125 262144000"));
}

TEST(Coverage, OfTheStrictestSelectedStageWins) {
  Profile profile = synthetic_profile(1, 1);
  profile.coverage.memory_allocatable = 0.99;
  profile.stages[0].coverage.memory_allocatable = 0.125;
  profile.stages[1].coverage.memory_allocatable = 0.25;
  EXPECT_THAT(texts(planned(profile, {"quick", "screen"})),
              ElementsAre("memory.allocatable n0-d0 0.25 262144000"));
}

TEST(Coverage, NamesSensorsAndTheKernelLog) {
  Profile profile = synthetic_profile(1, 1);
  profile.coverage.sensors = {"hwmon*.power"};
  profile.stages[1].coverage.sensors = {"psi.*"};
  profile.stages[1].coverage.kernel_log = true;
  EXPECT_THAT(texts(planned(profile, {"quick", "screen"})),
              ElementsAre("sensor hwmon*.power  1 0", "sensor psi.*  1 0", "kernel_log  1 0"));
}

TEST(Coverage, OfMemoryIsNotDemandedOfAHostThatOnlyComputes) {
  Profile profile = synthetic_profile(1, 1);
  profile.coverage = {.memory_allocatable = 0.5, .cores = 1};
  profile.stages[0].steps.push_back(gemm({"fp32"}));
  profile.stages[0].steps.back().on = "cpu";
  Rack rack = rack_of(1, 1);
  rack.devices.push_back(host_cpu());
  EXPECT_THAT(
      texts(make_plan(profile, rack).value()),
      ElementsAre("memory.allocatable n0-d0 0.5 262144000", "cores n0-d0 1 16", "cores cpu:0 1 2"));
}

TEST(Coverage, OfTheKernelLogIsDemandedOrOnlyTold) {
  Profile profile = synthetic_profile(1, 1);
  profile.coverage.kernel_log = 0;
  EXPECT_THAT(texts(planned(profile)), ElementsAre("kernel_log  0 0"));
  profile.stages[0].coverage.kernel_log = 1;
  EXPECT_THAT(texts(planned(profile)), ElementsAre("kernel_log  1 0"));
}

}  // namespace
}  // namespace rackproof::planner_test
