// SPDX-License-Identifier: Apache-2.0
// The profiles that ship, planned on the hardware they are for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/planner_test_support.h"

namespace rackproof::planner_test {
namespace {

Profile shipped(const std::string& name) {
  auto profile =
      load_profile(std::string(RACKPROOF_SOURCE_DIR "/profiles/racks/") + name + ".yaml");
  EXPECT_TRUE(profile) << profile.error().front().text();
  return profile.value();
}

Rack demonstration_rack() {
  Rack rack = rack_of(4, 8);
  for (DeviceInfo& device : rack.devices) {
    for (const char* way : {"host_link.h2d", "host_link.d2h", "host_link.both"}) {
      device.ceilings[way] = 110e9;
      device.nominals[way] = 50e9;
    }
  }
  return rack;
}

// Every limit meets a step (those on sensors all of them), and every required row has a limit or
// siblings.
void expect_every_row_judgeable(const Plan& plan) {
  for (const PlannedCriterion& row : plan.criteria) {
    EXPECT_TRUE(!row.step.empty() || row.metric.starts_with("sensor ")) << row.id << row.reason;
    EXPECT_TRUE(row.limit || row.rule == Rule::peers) << row.id << ": " << row.reason;
  }
}

TEST(ShippedProfiles, SyntheticRackPlansItsRackWhole) {
  const Plan plan = make_plan(shipped("synthetic-rack"), demonstration_rack()).value();
  EXPECT_THAT(unmet(plan), testing::IsEmpty());
  EXPECT_EQ(plan.devices.size(), 32u);
  expect_every_row_judgeable(plan);
}

TEST(ShippedProfiles, GenericHostPlansEveryStageOfAHost) {
  Rack rack;
  rack.devices = {host_cpu()};
  for (const char* peak : {"gemm.int8", "gemm.fp32", "gemm.fp64", "memory", "host_link.h2d",
                           "host_link.d2h", "host_link.both"}) {
    rack.devices[0].ceilings[peak] = 1e13;
    rack.devices[0].nominals[peak] = 1e11;
  }
  const Profile profile = shipped("generic-host");
  for (const ProfileStage& stage : profile.stages) {
    const Plan plan = make_plan(profile, rack, {.stages = {stage.name}}).value();
    EXPECT_THAT(unmet(plan), testing::IsEmpty());
    expect_every_row_judgeable(plan);
  }
}

TEST(ShippedProfiles, AreChosenForTheirHardware) {
  const std::vector<Profile> profiles{shipped("generic-host"), shipped("synthetic-rack")};
  Rack rack = demonstration_rack();
  rack.devices.push_back(host_cpu());
  EXPECT_EQ(choose_profile(profiles, rack)->profile, "synthetic-rack");
  rack.devices = {host_cpu()};
  EXPECT_EQ(choose_profile(profiles, rack)->profile, "generic-host");
}

}  // namespace
}  // namespace rackproof::planner_test
