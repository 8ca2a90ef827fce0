// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_prove.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "runner/assignment.h"

namespace rackproof {
namespace {

DeviceInfo device(const std::string& id, std::map<std::string, double> nominals = {}) {
  DeviceInfo info;
  info.id = id;
  info.backend = info.kind = "fake";
  info.allocatable_bytes = 1ULL << 30;
  info.nominals = std::move(nominals);
  return info;
}

std::uint64_t planned(const Plan& plan, FaultClass fault_class) {
  std::uint64_t sum = 0;
  for (const PlannedStep& step : plan.steps)
    sum += fault_class_of(step) == fault_class ? count_of(step.faults) : 0;
  return sum;
}

const ProveCell kGemm{
    "compute.gemm", {{"dtype", "fp32"}, {"operands", "exact"}}, FaultSite::result};
const ProveCell kMarch{"memory.march", {}, FaultSite::memory};

TEST(ProveCells, HoldEverySiteOfEveryStressorThatPeopleSee) {
  std::set<std::pair<std::string, FaultSite>> covered;
  for (const ProveCell& cell : prove_cells()) covered.insert({cell.stressor, cell.site});
  for (const StressorInfo& info : stressors()) {
    for (const FaultSite site : info.drill_sites)
      EXPECT_EQ(covered.contains({std::string(info.name), site}), !info.hidden) << info.name;
  }
  EXPECT_TRUE(covered.contains({"compute.gemm", FaultSite::result}));
}

TEST(ProveCells, AskForNoOperandsThatIntegersDoNotHave) {
  std::set<std::string> operands_of_int8, operands_of_fp32;
  for (const ProveCell& cell : prove_cells()) {
    if (cell.stressor != "compute.gemm") continue;
    if (cell.params.at("dtype") == "int8") operands_of_int8.insert(cell.params.at("operands"));
    if (cell.params.at("dtype") == "fp32") operands_of_fp32.insert(cell.params.at("operands"));
  }
  EXPECT_EQ(operands_of_int8, std::set<std::string>{"exact"});
  EXPECT_EQ(operands_of_fp32.size(), 3U);
}

TEST(ProvePlan, HasAtLeastTheAskedNumberOfEachClass) {
  const auto plan = make_prove_plan({device("d0")}, {kGemm, kMarch}, 101);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_GE(planned(*plan, FaultClass::single), 101U);
  EXPECT_GE(planned(*plan, FaultClass::structured), 101U);
  EXPECT_GE(planned(*plan, FaultClass::deterministic), 10U);
  EXPECT_LT(planned(*plan, FaultClass::structured), 160U);
  for (const PlannedStep& step : plan->steps) EXPECT_TRUE(step.drill) << step.id;
  EXPECT_EQ(plan->steps.front().id,
            "prove/001 compute.gemm dtype=fp32 operands=exact result single");
}

TEST(ProvePlan, GivesEachStressorAsManyHoweverManyTypesItHas) {
  ProveCell other = kGemm;
  other.params["dtype"] = "fp64";
  const auto plan = make_prove_plan({device("d0")}, {kGemm, other, kMarch}, 400);
  std::map<std::string, std::uint64_t> singles;
  for (const PlannedStep& step : plan->steps) {
    if (fault_class_of(step) == FaultClass::single) singles[step.stressor] += count_of(step.faults);
  }
  EXPECT_EQ(singles,
            (std::map<std::string, std::uint64_t>{{"compute.gemm", 200}, {"memory.march", 200}}));
}

TEST(ProvePlan, GivesNoShareToWhatLacksPeersAndTellsItOnce) {
  const ProveCell pairs{"interconnect.peer_copy", {}, FaultSite::transfer};
  const auto alone = make_prove_plan({device("d0")}, {kMarch, pairs}, 400);
  const auto together = make_prove_plan({device("d0"), device("d1")}, {kMarch, pairs}, 400);
  ASSERT_TRUE(alone && together);
  std::map<std::string, std::uint64_t> of_one, of_two;
  for (const PlannedStep& step : alone->steps)
    if (fault_class_of(step) == FaultClass::single) of_one[step.stressor] += count_of(step.faults);
  for (const PlannedStep& step : together->steps)
    if (fault_class_of(step) == FaultClass::single) of_two[step.stressor] += count_of(step.faults);
  EXPECT_EQ(of_one, (std::map<std::string, std::uint64_t>{{"interconnect.peer_copy", 1},
                                                          {"memory.march", 400}}));
  EXPECT_EQ(of_two.at("memory.march"), 200U);
}

TEST(ProvePlan, SplitsWhatDoesNotFitOneMessage) {
  const auto plan = make_prove_plan({device("d0")}, {kMarch}, 9000);
  ASSERT_TRUE(plan);
  for (const PlannedStep& step : plan->steps) {
    EXPECT_LE(count_of(step.faults), 4096U);
    const Assignment sent{settings_for(step, "d0", Seed{1}, 1), "fake", "d0", ""};
    EXPECT_LT(to_json(sent).dump().size(), 1U << 20);
  }
  EXPECT_GE(planned(*plan, FaultClass::single), 9000U);
}

TEST(ProvePlan, LeavesOutTypesThatADeviceSaysItLacks) {
  const auto plan = make_prove_plan(
      {device("able", {{"gemm.fp32", 1e12}}), device("lacks", {{"gemm.int8", 1e12}})},
      {kGemm, kMarch}, 10);
  ASSERT_TRUE(plan);
  for (const PlannedStep& step : plan->steps) {
    const bool gemm = step.stressor == "compute.gemm";
    EXPECT_EQ(std::count(step.devices.begin(), step.devices.end(), "lacks"), gemm ? 0 : 1);
  }
}

TEST(ProvePlan, StrikesMemoryWithNothingThatATestPatternMayAlreadyBe) {
  const auto plan = make_prove_plan({device("d0")}, {kMarch}, 100);
  for (const PlannedStep& step : plan->steps) {
    for (const PlannedFault& fault : step.faults) {
      EXPECT_NE(fault.kind, FaultKind::zero);
      EXPECT_NE(fault.kind, FaultKind::swap);
    }
  }
}

TEST(ProvePlan, RefusesNothingAndTooMuch) {
  EXPECT_EQ(make_prove_plan({}, {kMarch}, 10).error().text(), "no devices to prove detection on");
  EXPECT_FALSE(make_prove_plan({device("d0")}, {}, 10));
  EXPECT_FALSE(make_prove_plan({device("d0")}, {kMarch}, 0));
  EXPECT_EQ(make_prove_plan({device("d0")}, {kMarch}, 10'000'001).error().text(),
            "a campaign takes 1 to 10000000 faults of each class, not 10000001");
}

}  // namespace
}  // namespace rackproof
