// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/planner_test_support.h"

namespace rackproof::planner_test {
namespace {

using testing::ElementsAre;

Plan planned(const Profile& profile, const Rack& rack = rack_of(1, 2),
             const std::vector<std::string>& stages = {}) {
  return make_plan(profile, rack, {.stages = stages}).value();
}

TEST(Criteria, DemandIntegrityOfEveryStepOnEveryDevice) {
  const Plan plan = planned(synthetic_profile(1, 2), rack_of(1, 2), {"quick", "screen"});
  std::size_t found = 0;
  for (const PlannedStep& step : load_steps(plan)) {
    for (const std::string& device : step.devices) {
      for (const PlannedCriterion& row : plan.criteria) {
        if (row.step != step.id || row.device != device || row.metric != "miscompares") continue;
        EXPECT_TRUE(row.integrity && row.required && row.rule == Rule::equals);
        EXPECT_EQ(row.limit, 0);
        EXPECT_EQ(row.statistic, "sum");
        ++found;
      }
    }
  }
  EXPECT_EQ(found, 3u * 2u);
}

TEST(Criteria, CountLateAnswersWithoutCallingThemWrong) {
  const auto late = rows(planned(synthetic_profile(1, 1)), "compute.gemm late_answers equals");
  ASSERT_EQ(late.size(), 2u * 2u);
  EXPECT_FALSE(late[0].integrity);
  EXPECT_EQ(late[0].limit, 0);
}

TEST(Criteria, DemandNothingOfADrill) {
  const Plan plan = planned(synthetic_profile(1, 2));
  for (const PlannedCriterion& row : plan.criteria) EXPECT_FALSE(plan.step(row.step)->drill);
}

TEST(Criteria, TakeThePhysicalCeilingFromTheProfileBeforeTheDevice) {
  Profile profile = synthetic_profile(1, 2);
  profile.accelerators[0].ceilings["gemm.fp32"] = 21e12;
  const Plan plan = planned(profile);
  const auto fp32 = rows(plan, "compute.gemm throughput ceiling [dtype=fp32]", "n0-d0");
  const auto int8 = rows(plan, "compute.gemm throughput ceiling [dtype=int8]", "n0-d0");
  ASSERT_EQ(fp32.size(), 1u);
  ASSERT_EQ(int8.size(), 1u);
  EXPECT_EQ(fp32[0].limit, 21e12);
  EXPECT_EQ(fp32[0].source, "physical ceiling gemm.fp32 of profile synthetic-rack");
  EXPECT_EQ(fp32[0].statistic, "max");
  EXPECT_EQ(int8[0].limit, 88e12);
  EXPECT_EQ(int8[0].source, "physical ceiling gemm.int8 as n0-d0 says");
}

TEST(Criteria, NoteAMetricThatNothingBounds) {
  Rack rack = rack_of(1, 2);
  device(rack, "n0-d0").ceilings = {{"gemm.fp32", 0.0}};
  const auto row = rows(planned(synthetic_profile(1, 2), rack),
                        "compute.gemm throughput ceiling [dtype=fp32]", "n0-d0");
  ASSERT_EQ(row.size(), 1u);
  EXPECT_FALSE(row[0].limit);
  EXPECT_FALSE(row[0].required);
  EXPECT_EQ(row[0].reason, "neither the profile nor n0-d0 names a ceiling 'gemm.fp32'");
}

TEST(Criteria, ResolveAShareOfTheNominalForEachDevice) {
  Profile profile = synthetic_profile(1, 2);
  profile.limits = {floor_of_nominal(0.1)};
  Rack rack = rack_of(1, 2);
  device(rack, "n0-d1").nominals["gemm.fp32"] = 30e12;
  const Plan plan = planned(profile, rack);
  const auto floors = rows(plan, "compute.gemm throughput floor [dtype=fp32]");
  ASSERT_EQ(floors.size(), 2u);
  EXPECT_DOUBLE_EQ(*floors[0].limit, 2e12);
  EXPECT_DOUBLE_EQ(*floors[1].limit, 3e12);
  EXPECT_EQ(floors[0].unit, Unit::flops);
  EXPECT_EQ(floors[0].source, "a test (10 % of nominal gemm.fp32 of n0-d0)");
  EXPECT_EQ(rows(plan, "compute.gemm throughput floor").size(), 4u);
}

TEST(Criteria, KeepARequiredFloorWhoseNominalIsUnknown) {
  Profile profile = synthetic_profile(1, 1);
  profile.limits = {floor_of_nominal(0.1)};
  Rack rack = rack_of(1, 1);
  rack.devices[0].nominals.erase("gemm.int8");
  const auto floor = rows(planned(profile, rack), "compute.gemm throughput floor [dtype=int8]");
  ASSERT_EQ(floor.size(), 1u);
  EXPECT_FALSE(floor[0].limit);
  EXPECT_TRUE(floor[0].required);
  EXPECT_EQ(floor[0].reason, "n0-d0 names no nominal 'gemm.int8'");
}

TEST(Criteria, ApplyALimitOnlyWhereItsParametersHold) {
  Profile profile = synthetic_profile(1, 2);
  profile.limits = {floor_of_nominal(0.1)};
  profile.limits[0].where["dtype"] = "int8";
  const auto floors = rows(planned(profile), "compute.gemm throughput floor");
  ASSERT_EQ(floors.size(), 2u);
  EXPECT_EQ(floors[0].id, "compute.gemm throughput floor [dtype=int8]");
}

TEST(Criteria, CompareParametersInTheirCanonicalForm) {
  Profile profile = synthetic_profile(1, 1);
  ProfileStep triad = gemm({});
  triad.stressor = "memory.triad";
  triad.with = {{"array_bytes", {"65536 KiB"}}};
  profile.stages[0].steps.push_back(triad);
  ProfileLimit limit;
  limit.stressor = "memory.triad";
  limit.metric = "bandwidth";
  limit.where["array_bytes"] = "0.0625 GiB";
  limit.of_ceiling = 0.5;
  profile.limits = {limit};
  const auto floor = rows(planned(profile, rack_of(1, 1)), "memory.triad bandwidth floor");
  ASSERT_EQ(floor.size(), 1u);
  EXPECT_EQ(floor[0].id, "memory.triad bandwidth floor [array_bytes=64 MiB]");
  EXPECT_DOUBLE_EQ(*floor[0].limit, 220e9);
}

TEST(Criteria, CallAShareOfTheCeilingPhysical) {
  Profile profile = synthetic_profile(1, 1);
  profile.limits = {floor_of_nominal(0)};
  profile.limits[0].of_nominal.reset();
  profile.limits[0].rule = Rule::ceiling;
  profile.limits[0].of_ceiling = 0.5;
  const auto found =
      rows(planned(profile, rack_of(1, 1)), "compute.gemm throughput ceiling [dtype=fp32] (2)");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_DOUBLE_EQ(*found[0].limit, 11e12);
  EXPECT_EQ(found[0].source, "physical ceiling: a test (50 % of gemm.fp32 as n0-d0 says)");
}

TEST(Criteria, ComparePeersOfTheSameKindAndName) {
  Profile profile = synthetic_profile(1, 4);
  ProfileLimit limit = floor_of_nominal(0);
  limit.of_nominal.reset();
  limit.rule = Rule::peers;
  limit.min_effect = 0.05;
  profile.limits = {limit};
  Rack rack = rack_of(1, 4);
  device(rack, "n0-d2").name = "another accelerator";
  const Plan plan = planned(profile, rack);
  const auto peer = rows(plan, "compute.gemm throughput peers [dtype=fp32]", "n0-d0");
  ASSERT_EQ(peer.size(), 1u);
  EXPECT_THAT(peer[0].siblings, ElementsAre("n0-d0", "n0-d1", "n0-d3"));
  EXPECT_EQ(peer[0].min_effect, 0.05);
}

TEST(Criteria, NeverLoseALimitThatNoStepMeasures) {
  Profile profile = synthetic_profile(1, 1);
  profile.limits = {floor_of_nominal(0.1)};
  profile.limits[0].where["dtype"] = "fp64";
  const auto floor = rows(planned(profile, rack_of(1, 1)), "compute.gemm throughput floor");
  ASSERT_EQ(floor.size(), 1u);
  EXPECT_EQ(floor[0].step, "");
  EXPECT_TRUE(floor[0].required);
  EXPECT_EQ(floor[0].reason, "no step measures this");
}

TEST(Criteria, LeaveOutALimitOfAStageThatIsNotSelected) {
  Profile profile = synthetic_profile(1, 1);
  ProfileLimit limit = floor_of_nominal(0.1);
  limit.stressor = "memory.march";
  limit.metric = "bandwidth";
  profile.limits = {limit};
  EXPECT_TRUE(rows(planned(profile, rack_of(1, 1)), "memory.march").empty());
  const Plan screened = planned(profile, rack_of(1, 1), {"screen"});
  EXPECT_EQ(rows(screened, "memory.march bandwidth floor").size(), 1u);
}

TEST(Criteria, KeepARowForAStepThatHasNoDevice) {
  Profile profile = synthetic_profile(1, 1);
  profile.stages[0].steps.push_back(gemm({"fp32"}));
  profile.stages[0].steps.back().on = "gpu";
  const Plan plan = planned(profile, rack_of(1, 1));
  const auto lost = rows(plan, "compute.gemm miscompares equals [dtype=fp32]");
  ASSERT_EQ(lost.size(), 2u);
  EXPECT_EQ(lost[1].step, "");
  EXPECT_EQ(lost[1].reason, "no device of kind 'gpu' for quick/03 compute.gemm dtype=fp32");
}

TEST(Criteria, SayWhenAStressorDoesNotRecordTheMetric) {
  Profile profile = synthetic_profile(1, 1);
  profile.limits = {floor_of_nominal(0.1)};
  profile.limits[0].metric = "smell";
  const auto floor = rows(planned(profile, rack_of(1, 1)), "compute.gemm smell floor");
  ASSERT_EQ(floor.size(), 2u);
  EXPECT_FALSE(floor[0].limit);
  EXPECT_EQ(floor[0].reason, "compute.gemm does not record 'smell'");
}

TEST(Criteria, KeepTheImplicitIntegrityBesideALaxLimitOfTheProfile) {
  Profile profile = synthetic_profile(1, 1);
  ProfileLimit lax = floor_of_nominal(0);
  lax.of_nominal.reset();
  lax.metric = "miscompares";
  lax.rule = Rule::equals;
  lax.value = 5;
  lax.required = false;
  profile.limits = {lax};
  const auto found =
      rows(planned(profile, rack_of(1, 1)), "compute.gemm miscompares equals [dtype=fp32]");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].limit, 0);
  EXPECT_TRUE(found[0].required);
  EXPECT_EQ(found[1].id, "compute.gemm miscompares equals [dtype=fp32] (2)");
}

TEST(Criteria, HoldOneRowForALimitOnSensors) {
  Profile profile = synthetic_profile(1, 2);
  ProfileSensorLimit limit;
  limit.sensor = "edac.*.ce";
  limit.statistic = "rise";
  limit.value = 10;
  limit.required = false;
  limit.source = "a test";
  profile.sensor_limits = {limit};
  const auto found = rows(planned(profile), "sensor edac.*.ce rise ceiling");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].metric, "sensor edac.*.ce");
  EXPECT_EQ(found[0].step, "");
  EXPECT_EQ(found[0].device, "");
  EXPECT_EQ(found[0].limit, 10);
  EXPECT_EQ(found[0].statistic, "rise");
  EXPECT_FALSE(found[0].required);
}

TEST(Criteria, HoldOneRowForEachStepThatALimitOnSensorsIsOf) {
  Profile profile = synthetic_profile(1, 2);
  profile.sensor_limits = {
      {.sensor = "nvml.*.power", .during = "compute.gemm", .statistic = "median"}};
  const auto found =
      rows(planned(profile), "sensor nvml.*.power median ceiling during compute.gemm");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_THAT(found[0].step, testing::StartsWith("quick/01 compute.gemm"));
  EXPECT_THAT(found[1].step, testing::StartsWith("quick/02 compute.gemm"));
}

TEST(Criteria, KeepALimitOnSensorsWhoseStepsDoNotRunOutOfTheWay) {
  Profile profile = synthetic_profile(1, 2);
  profile.sensor_limits = {{.sensor = "a", .during = "memory.march", .statistic = "max"},
                           {.sensor = "b", .during = "power.hold", .statistic = "max"}};
  EXPECT_TRUE(rows(planned(profile), "sensor a max ceiling during memory.march").empty());
  const auto nowhere = rows(planned(profile), "sensor b max ceiling during power.hold");
  ASSERT_EQ(nowhere.size(), 1u);
  EXPECT_EQ(nowhere[0].reason, "no step measures this");
}

}  // namespace
}  // namespace rackproof::planner_test
