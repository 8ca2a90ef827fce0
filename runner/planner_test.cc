// SPDX-License-Identifier: Apache-2.0
#include "runner/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/hash.h"
#include "runner/planner_drills.h"
#include "runner/planner_test_support.h"

namespace rackproof::planner_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Plan planned(const Profile& profile, const std::vector<std::string>& stages = {}) {
  return make_plan(profile, rack_of(1, 2), {.stages = stages}).value();
}

std::string refusal(const Profile& profile, const std::vector<std::string>& stages = {}) {
  const auto plan = make_plan(profile, rack_of(1, 2), {.stages = stages});
  return plan ? "accepted" : plan.error().text();
}

std::vector<std::string> ids(const std::vector<PlannedStep>& steps) {
  std::vector<std::string> all;
  for (const PlannedStep& step : steps) all.push_back(step.id);
  return all;
}

TEST(Plan, IsTheSameBytesForTheSameInput) {
  Profile profile = synthetic_profile(4, 8);
  profile.limits = {floor_of_nominal(0.9)};
  profile.coverage = {.memory_allocatable = 0.9, .cores = 1};
  const PlanOptions both{.stages = {"quick", "screen"}};
  const std::string once = to_json(make_plan(profile, rack_of(4, 8), both).value()).dump();
  EXPECT_EQ(to_json(make_plan(profile, rack_of(4, 8), both).value()).dump(), once);
  EXPECT_EQ(to_json(plan_from_json(parse_json(once).value()).value()).dump(), once);
}

TEST(Plan, NamesItsProfileByTheResolvedBytes) {
  const Profile profile = synthetic_profile(1, 2);
  const Plan plan = planned(profile);
  EXPECT_EQ(plan.profile, "synthetic-rack");
  EXPECT_EQ(plan.profile_revision, 3u);
  EXPECT_EQ(plan.profile_sha256, hex(sha256(profile.resolved_yaml)));
}

TEST(Plan, RunsTheDefaultStagesAndSaysWhatItLeavesOut) {
  const Plan plan = planned(synthetic_profile(1, 2));
  EXPECT_THAT(plan.stages, ElementsAre("quick"));
  EXPECT_THAT(plan.stages_left_out, ElementsAre("screen"));
  EXPECT_THAT(plan.devices, ElementsAre("n0-d0", "n0-d1"));
}

TEST(Plan, RunsStagesInTheProfilesOrder) {
  const Plan plan = planned(synthetic_profile(1, 2), {"screen", "quick"});
  EXPECT_THAT(plan.stages, ElementsAre("quick", "screen"));
}

TEST(Plan, ExpandsListsIntoStepsWithTheirOwnIds) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps[0].with["size"] = {"256", "512"};
  EXPECT_THAT(ids(load_steps(planned(profile))),
              ElementsAre("quick/01 compute.gemm dtype=int8 size=256",
                          "quick/02 compute.gemm dtype=int8 size=512",
                          "quick/03 compute.gemm dtype=fp32 size=256",
                          "quick/04 compute.gemm dtype=fp32 size=512"));
}

TEST(Plan, FillsInEveryParameterInCanonicalForm) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps[0].with["size"] = {"512.0"};
  const auto steps = load_steps(planned(profile));
  const StressorInfo& info = *find_stressor("compute.gemm");
  EXPECT_EQ(steps[0].params.size(), info.params.size());
  EXPECT_EQ(steps[0].params.at("size"), "512");
  EXPECT_EQ(steps[0].params.at("operands"), fallback_text(*info.param("operands")));
  EXPECT_THAT(steps[0].id, HasSubstr("size=512"));
}

TEST(Plan, ShowsADepthUnlessItIsTheSize) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps[0].with = {{"size", {"512"}}, {"depth", {"size", "4096"}}};
  const auto steps = load_steps(planned(profile));
  EXPECT_THAT(ids(steps), ElementsAre("quick/01 compute.gemm size=512",
                                      "quick/02 compute.gemm depth=4096 size=512"));
  EXPECT_EQ(steps[0].params.at("depth"), "size");
  EXPECT_EQ(steps[1].params.at("depth"), "4096");
}

TEST(Plan, GivesDurationsTimeToPrepareAndQuarterMore) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps = {gemm({"fp32"}, 1000)};
  const PlannedStep step = load_steps(planned(profile))[0];
  EXPECT_DOUBLE_EQ(step.deadline_s, 1000 + 120 + 250);
  EXPECT_DOUBLE_EQ(step.silence_s, 30);
  profile.stages[0].steps[0].deadline_s = 1001;
  EXPECT_DOUBLE_EQ(load_steps(planned(profile))[0].deadline_s, 1001);
}

TEST(Plan, GivesPassesOverMuchMemoryTheTimeTheyNeed) {
  Profile profile = synthetic_profile(1, 1);
  profile.default_stages = {"screen"};
  profile.stages[1].steps[0].with["memory"] = {"50 %"};
  Rack rack = rack_of(1, 1);
  EXPECT_DOUBLE_EQ(load_steps(*make_plan(profile, rack))[0].deadline_s, 600);
  rack.devices[0].allocatable_bytes = 2ull << 40;
  rack.devices[0].nominals["memory"] = 1 << 30;  // one sweep takes 1024 s
  const PlannedStep step = load_steps(*make_plan(profile, rack))[0];
  EXPECT_DOUBLE_EQ(step.silence_s, 10 * 1024);
  EXPECT_GT(step.deadline_s, 4 * 902 * 1024.0);
}

TEST(Plan, GivesAPassTheTimeThatItsWordsAreHeld) {
  Profile profile = synthetic_profile(1, 1);
  profile.default_stages = {"screen"};
  profile.stages[1].steps[0].stressor = "memory.retention";
  profile.stages[1].steps[0].with = {{"memory", {"1 %"}}, {"hold", {"2 h"}}};
  EXPECT_GT(load_steps(planned(profile))[0].deadline_s, 2 * 3600.0);
}

TEST(Plan, GivesASlowProductTimeBeforeItCallsItHung) {
  Profile profile = synthetic_profile(1, 1);
  profile.stages[0].steps[0].with = {{"size", {"1000"}}, {"dtype", {"fp32"}}};
  Rack rack = rack_of(1, 1);
  rack.devices[0].nominals["gemm.fp32"] = 2e8;  // one product takes 10 s
  EXPECT_DOUBLE_EQ(load_steps(*make_plan(profile, rack))[0].silence_s, 100);
  profile.stages[0].steps[0].with["depth"] = {"3000"};
  EXPECT_DOUBLE_EQ(load_steps(*make_plan(profile, rack))[0].silence_s, 300);
}

TEST(Plan, CarriesGangsAndAttempts) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps[0].gang = true;
  profile.stages[0].steps[0].attempts = 3;
  const auto steps = load_steps(planned(profile));
  EXPECT_TRUE(steps[0].gang);
  EXPECT_EQ(steps[0].attempts, 3u);
}

TEST(Drill, StandsAtBothEndsForEachStressorOnEachDevice) {
  const Plan plan = planned(synthetic_profile(1, 2), {"quick", "screen"});
  EXPECT_THAT(ids(plan.steps),
              ElementsAre("drill-start/01 compute.gemm", "drill-start/02 memory.march",
                          "quick/01 compute.gemm dtype=int8", "quick/02 compute.gemm dtype=fp32",
                          "screen/01 memory.march", "drill-end/01 compute.gemm",
                          "drill-end/02 memory.march"));
  for (const PlannedStep& step : plan.steps) EXPECT_EQ(step.devices, plan.devices);
}

TEST(Drill, CommitsFaultsAtEverySiteAndHangsLast) {
  const PlannedStep drill = planned(synthetic_profile(1, 2)).steps.front();
  EXPECT_TRUE(drill.drill);
  EXPECT_DOUBLE_EQ(drill.silence_s, 2);
  EXPECT_DOUBLE_EQ(drill.deadline_s, 300);
  EXPECT_EQ(drill.duration_s, 0);
  EXPECT_EQ(drill.passes, 0u);
  std::map<FaultSite, std::vector<FaultKind>> kinds;
  for (const PlannedFault& fault : drill.faults) kinds[fault.site].push_back(fault.kind);
  for (const FaultSite site : {FaultSite::result, FaultSite::operand})
    EXPECT_THAT(kinds[site], ElementsAre(FaultKind::flip, FaultKind::flip, FaultKind::flip,
                                         FaultKind::stuck, FaultKind::nan));
  EXPECT_THAT(kinds[FaultSite::timing], ElementsAre(FaultKind::late, FaultKind::missing));
  EXPECT_EQ(kinds.size(), 3u);
  EXPECT_EQ(drill.faults.back().site, FaultSite::timing);
}

TEST(Unannounced, AreHiddenInEveryLoadThatIsLongEnough) {
  StressorInfo info;
  info.drill_sites = {FaultSite::result, FaultSite::operand};
  PlannedStep load;
  load.duration_s = 1;
  EXPECT_TRUE(unannounced_faults(info, load).empty());
  load.duration_s = 2;
  EXPECT_EQ(unannounced_faults(info, load).size(), 1u);
  load.duration_s = 3600;
  EXPECT_EQ(unannounced_faults(info, load).size(), 16u);
  EXPECT_EQ(unannounced_faults(info, load)[1].site, FaultSite::operand);
  load.duration_s = 0;
  load.passes = 1;
  EXPECT_EQ(unannounced_faults(info, load).size(), 1u);
  info.drill_sites.clear();
  EXPECT_TRUE(unannounced_faults(info, load).empty());
}

TEST(Unannounced, StandInThePlanOfALoad) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps[0].duration_s = 60;
  EXPECT_EQ(count_of(load_steps(planned(profile))[0].faults), 3u);
}

TEST(Drill, UsesTheFirstStepsSettingsMadeSmaller) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps[0].with["size"] = {"4096"};
  profile.stages[0].steps[0].with["depth"] = {"32768"};
  const PlannedStep drill = planned(profile).steps.front();
  const StressorInfo& info = *find_stressor("compute.gemm");
  EXPECT_EQ(drill.params.at("dtype"), "int8");
  EXPECT_EQ(drill.params.at("size"), info.drill_params.at("size"));
  EXPECT_EQ(drill.params.at("depth"), "size");
}

TEST(Drill, NeitherGangsUpNorRetries) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps[0].gang = true;
  profile.stages[0].steps[0].attempts = 3;
  const PlannedStep drill = planned(profile).steps.front();
  EXPECT_FALSE(drill.gang);
  EXPECT_EQ(drill.attempts, 1u);
}

TEST(Drill, StrikesMemoryOnlyWithWhatChangesAnyTestPattern) {
  const PlannedStep drill = planned(synthetic_profile(1, 2), {"screen"}).steps.front();
  for (const PlannedFault& fault : drill.faults) {
    if (fault.site != FaultSite::memory) continue;
    EXPECT_TRUE(fault.kind == FaultKind::flip || fault.kind == FaultKind::stuck);
  }
  EXPECT_EQ(drill.faults.size(), 4u + 2u);
}

TEST(Drill, OfEachKindHasItsOwnStep) {
  Profile profile = synthetic_profile(1, 1);
  profile.stages[0].steps.push_back(gemm({"fp32"}));
  profile.stages[0].steps.back().on = "cpu";
  Rack rack = rack_of(1, 1);
  rack.devices.push_back(host_cpu());
  const Plan plan = make_plan(profile, rack).value();
  EXPECT_THAT(plan.steps[0].devices, ElementsAre("n0-d0"));
  EXPECT_THAT(plan.steps[1].devices, ElementsAre("cpu:0"));
  EXPECT_EQ(plan.steps[1].params.at("dtype"), "fp32");
}

TEST(Drill, LeavesOutStepsThatHaveNoDevice) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps[0].on = "gpu";
  EXPECT_TRUE(planned(profile).steps.empty());
}

TEST(Refusal, NamesTheNearestStage) {
  EXPECT_EQ(refusal(synthetic_profile(1, 2), {"quik"}),
            "profile synthetic-rack has no stage 'quik'; did you mean 'quick'?");
  EXPECT_EQ(refusal(synthetic_profile(1, 2), {"everything"}),
            "profile synthetic-rack has no stage 'everything'; it has quick, screen");
}

TEST(Refusal, OfAPlanWithNothingInIt) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[0].steps.clear();
  EXPECT_EQ(refusal(profile), "profile synthetic-rack has no steps in the selected stages (quick)");
  profile.abstract = true;
  EXPECT_EQ(refusal(profile), "profile synthetic-rack is abstract: it can only be extended");
}

TEST(Refusal, OfStagesThatCannotBeToldApart) {
  Profile profile = synthetic_profile(1, 2);
  profile.stages[1].name = "quick";
  EXPECT_EQ(refusal(profile), "profile synthetic-rack: two stages are named 'quick'");
  profile.stages[1].name = "drill-end";
  EXPECT_EQ(refusal(profile), "profile synthetic-rack: a stage has the drill's name 'drill-end'");
}

TEST(Refusal, NamesTheStepAndItsMistake) {
  const std::string where = "stage 'quick', step 1 (compute.gemm): ";
  Profile profile = synthetic_profile(1, 2);
  ProfileStep& step = profile.stages[0].steps[0];
  step.with["dtipe"] = {"int8"};
  EXPECT_EQ(refusal(profile),
            where + "compute.gemm has no parameter 'dtipe'; did you mean 'dtype'?");
  step.with = {{"dtype", {}}};
  EXPECT_EQ(refusal(profile), where + "parameter 'dtype' has an empty list of values");
  step.with = {{"size", {"many"}}};
  EXPECT_THAT(refusal(profile), HasSubstr(where + "compute.gemm: size: 'many' is not a number"));
  step.with.clear();
  step.duration_s = 0;
  EXPECT_EQ(refusal(profile),
            where + "neither a duration nor a number of passes: nothing would run");
  step.passes = 1;
  EXPECT_EQ(refusal(profile), where + "compute.gemm does not run by passes: give a duration");
  step.duration_s = 5;
  EXPECT_EQ(refusal(profile), where + "a duration and a number of passes: one of them only");
  step.passes = 0;
  step.deadline_s = 4;
  EXPECT_EQ(refusal(profile), where + "a deadline of 4 s leaves no time for a duration of 5 s");
  step.stressor = "compute.gem";
  EXPECT_EQ(refusal(profile),
            "stage 'quick', step 1 (compute.gem): unknown stressor 'compute.gem'; did you mean "
            "'compute.gemm'?");
}

TEST(Refusal, OfListsThatMakeTooManySteps) {
  Profile profile = synthetic_profile(1, 2);
  const std::vector<std::string> values(101, "int8");
  profile.stages[0].steps[0].with = {{"dtype", values}, {"size", values}};
  EXPECT_THAT(refusal(profile), HasSubstr("'with' makes more than 10000 combinations"));
}

TEST(StressPlan, DoesNotPassOverABackEndThatDidNotAnswer) {
  const auto plan = make_stress_plan("compute.gemm", {}, rack_of(1, 1).devices, 5,
                                     {"cuda: discovery ended by signal 11 (SIGSEGV)"});
  ASSERT_TRUE(plan.has_value());
  EXPECT_FALSE(plan->inventory.back().met);
  EXPECT_EQ(plan->inventory.back().detail, "cuda: discovery ended by signal 11 (SIGSEGV)");
}

TEST(StressPlan, IsOneStepBetweenItsDrills) {
  Rack rack = rack_of(1, 2);
  const auto plan = make_stress_plan("compute.gemm", {{"dtype", "fp32"}}, rack.devices, 5);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->profile, "ad-hoc");
  EXPECT_THAT(ids(plan->steps),
              ElementsAre("drill-start/01 compute.gemm", "stress/01 compute.gemm dtype=fp32",
                          "drill-end/01 compute.gemm"));
  EXPECT_EQ(rows(*plan, "compute.gemm miscompares equals").size(), 2u);
  EXPECT_EQ(rows(*plan, "compute.gemm throughput ceiling").size(), 2u);
  EXPECT_THAT(plan->devices, ElementsAre("n0-d0", "n0-d1"));
}

TEST(StressPlan, ShowsADeviceThatIsThereTwice) {
  Rack rack = rack_of(1, 1);
  rack.devices.push_back(rack.devices[0]);
  const auto plan = make_stress_plan("compute.gemm", {}, rack.devices, 5);
  ASSERT_TRUE(plan);
  EXPECT_THAT(unmet(*plan), ElementsAre("seen before: n0-d0"));
  EXPECT_THAT(plan->steps[1].devices, ElementsAre("n0-d0"));
}

TEST(StressPlan, RunsOnePassWithoutADuration) {
  const auto plan = make_stress_plan("memory.march", {}, rack_of(1, 1).devices, 0);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->steps[1].passes, 1u);
}

TEST(StressPlan, ByTimeStillDemandsOnePassOfWhatRunsByPasses) {
  const auto plan =
      make_stress_plan("memory.retention", {{"hold", "60 s"}}, rack_of(1, 1).devices, 10);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->steps[1].duration_s, 10);
  EXPECT_EQ(plan->steps[1].passes, 1u);
  EXPECT_LT(plan->steps[1].deadline_s, 4 * 60);  // that of its time, not of a pass
  const auto other = make_stress_plan("compute.gemm", {}, rack_of(1, 1).devices, 10);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->steps[1].passes, 0u);
}

TEST(StressPlan, RefusesWhatCannotRun) {
  const std::vector<DeviceInfo> devices = rack_of(1, 1).devices;
  const auto message = [&](const std::string& name, const std::vector<DeviceInfo>& on, double s) {
    return make_stress_plan(name, {}, on, s).error().text();
  };
  EXPECT_EQ(message("compute.gemm", {}, 1), "no devices to stress");
  EXPECT_EQ(message("compute.gem", devices, 1),
            "unknown stressor 'compute.gem'; did you mean 'compute.gemm'?");
  EXPECT_EQ(message("compute.gemm", devices, 0),
            "neither a duration nor a number of passes: nothing would run");
  EXPECT_EQ(message("compute.gemm", devices, -1), "a duration of -1 s is no length of time");
}

TEST(RackJson, ComesBackTheSame) {
  Rack rack = rack_of(2, 2);
  rack.host.hostname = "bench";
  rack.discovery_problems = {"opencl: silent for 30 s"};
  const Json json = to_json(rack);
  const auto again = rack_from_json(json);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(to_json(*again).dump(), json.dump());
  EXPECT_EQ(again->devices.size(), 4u);
}

TEST(RackJson, RefusesWhatIsNoRack) {
  Json json = to_json(rack_of(1, 1));
  json.erase("devices");
  EXPECT_THAT(rack_from_json(json).error().text(), HasSubstr("'devices' not found"));
  json["schema"] = "rackproof/plan/1";
  EXPECT_EQ(rack_from_json(json).error().text(), "not a rack: schema is not rackproof/inventory/1");
  EXPECT_THAT(rack_from_json(Json::array()).error().text(), HasSubstr("not a rack: "));
}

ProfileStep peers_step(const char* stressor) {
  ProfileStep step;
  step.stressor = stressor;
  step.on = "synthetic";
  step.duration_s = 10;
  return step;
}

TEST(PlannerPeers, RunAsAGangInLoadAndDrill) {
  Profile profile = synthetic_profile(1, 8);
  profile.stages[0].steps = {peers_step("interconnect.peer_copy"),
                             peers_step("interconnect.collective")};
  const auto plan = make_plan(profile, rack_of(1, 8), {});
  ASSERT_TRUE(plan) << plan.error().text();
  ASSERT_EQ(plan->steps.size(), 6U);
  for (const PlannedStep& step : plan->steps) {
    EXPECT_TRUE(step.gang) << step.id;
    EXPECT_EQ(step.devices.size(), 8U);
  }
}

// An answer that never comes would end the others' drills too.
TEST(PlannerPeers, SufferNoFaultThatEndsTheirGang) {
  for (const char* name : {"interconnect.peer_copy", "interconnect.collective"}) {
    const auto faults = drill_faults(*find_stressor(name));
    EXPECT_TRUE(std::any_of(faults.begin(), faults.end(),
                            [](const auto& f) { return f.kind == FaultKind::late; }));
    EXPECT_FALSE(std::any_of(faults.begin(), faults.end(),
                             [](const auto& f) { return f.kind == FaultKind::missing; }));
  }
  PlannedStep load;
  load.duration_s = 60;
  EXPECT_FALSE(unannounced_faults(*find_stressor("interconnect.peer_copy"), load).empty());
  EXPECT_TRUE(unannounced_faults(*find_stressor("interconnect.collective"), load).empty());
}

}  // namespace
}  // namespace rackproof::planner_test
