// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/judge_test_support.h"

namespace rackproof {
namespace {

using testing::Campaign;
using ::testing::HasSubstr;
using testing::healthy;
using testing::problem_text;
using testing::row;

constexpr const char* kName = "gpu.power_limit";

ConditionRecord look(const char* when, double at_s, ConditionState state,
                     const std::string& found) {
  ConditionRecord record;
  record.when = when;
  record.at_s = at_s;
  record.name = kName;
  record.part = "d0";
  record.state = state;
  if (state == ConditionState::good || state == ConditionState::bad) {
    record.found = found;
    record.wanted = "at least 700 W";
    if (state == ConditionState::bad) record.remedy = "nvidia-smi -i 0 -pl 700";
  } else {
    record.detail = found;
  }
  return record;
}

constexpr double kEnd_s = 1e6;  // after all that healthy() runs

// d0's power limit is demanded, and was found so before and after the load.
Campaign with(ConditionState before, const std::string& first, ConditionState after,
              const std::string& then) {
  Campaign c = healthy();
  ConditionDemand demand;
  demand.name = kName;
  demand.part = "d0";
  demand.devices = {"d0"};
  demand.wanted = "700 W";
  c.plan.environment = {demand};
  c.evidence.conditions = {look(kBeforeLoad, 0, before, first),
                           look(kAfterLoad, kEnd_s, after, then)};
  return c;
}

Campaign good() { return with(ConditionState::good, "700 W", ConditionState::good, "700 W"); }

TEST(JudgeEnvironment, ThatHoldsBeforeAndAfterPasses) {
  const Report report = good().judged();
  EXPECT_EQ(report.verdict, Verdict::pass) << problem_text(report);
  ASSERT_EQ(report.environment.size(), 1u);
  EXPECT_EQ(report.environment[0].verdict, Verdict::pass);
}

TEST(JudgeEnvironment, BadBeforeTheLoadIsInvalidWithReasonAndRemedy) {
  Campaign c = with(ConditionState::bad, "500 W", ConditionState::bad, "500 W");
  c.evidence.tasks.clear();
  c.evidence.conditions.pop_back();
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_EQ(exit_code(report.verdict), 4);
  EXPECT_EQ(report.problems.front().part, "d0");
  EXPECT_EQ(report.problems.front().evidence,
            "gpu.power_limit: 500 W before load, wanted at least 700 W");
  EXPECT_EQ(report.problems.front().next_step, "nvidia-smi -i 0 -pl 700; then run again");
  EXPECT_THAT(problem_text(report), HasSubstr("nothing was run because the environment"));
  EXPECT_THAT(report.headline, HasSubstr("INVALID: 1 of 4 devices: d0 gpu.power_limit 500 W"));
}

TEST(JudgeEnvironment, BadAfterTheLoadSpoilsTheRatesOfItsDevicesOnly) {
  const Report report = with(ConditionState::good, "700 W", ConditionState::bad, "500 W").judged();
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_EQ(row(report, "throughput", Rule::floor, "d0").verdict, Verdict::invalid);
  EXPECT_TRUE(row(report, "throughput", Rule::floor, "d0").spoiled);
  EXPECT_EQ(row(report, "throughput", Rule::floor, "d1").verdict, Verdict::pass);
}

TEST(JudgeEnvironment, ASettingThatChangedDuringTheRunIsInvalid) {
  Campaign c = with(ConditionState::good, "700 W", ConditionState::good, "750 W");
  EXPECT_EQ(c.judged().verdict, Verdict::invalid);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("changed during the run: 700 W, then 750 W"));
  c.plan.environment[0].steady = false;  // what is no setting may vary
  EXPECT_EQ(c.judged().verdict, Verdict::pass);
}

TEST(JudgeEnvironment, UnknownOrUnsupportedIsIncomplete) {
  for (const auto state : {ConditionState::unknown, ConditionState::unsupported}) {
    const Report report = with(state, "no NVML", ConditionState::good, "700 W").judged();
    EXPECT_EQ(report.verdict, Verdict::incomplete) << name(state);
    EXPECT_THAT(problem_text(report), HasSubstr("before load: no NVML"));
  }
}

TEST(JudgeEnvironment, NotLookedAtIsIncomplete) {
  Campaign c = good();
  c.evidence.conditions.pop_back();
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("was not looked at after the load"));
  c.evidence.conditions.clear();
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("was not looked at before the load"));
}

TEST(JudgeEnvironment, ALookBesideTheLoadIsNoneBeforeOrAfterIt) {
  Campaign c = good();
  c.evidence.conditions[0].at_s = 1;  // whatever it calls itself
  c.evidence.tasks.front().start_s = 0;
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("was not looked at before the load"));
}

TEST(JudgeEnvironment, AnotherPartsRecordIsNone) {
  Campaign c = good();
  for (ConditionRecord& record : c.evidence.conditions) record.part = "d1";
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
}

TEST(JudgeEnvironment, NotRequiredIsShownAndNotCounted) {
  Campaign c = with(ConditionState::bad, "500 W", ConditionState::unknown, "no NVML");
  c.plan.environment[0].required = false;
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::pass) << problem_text(report);
  EXPECT_EQ(report.environment[0].verdict, Verdict::invalid);
  EXPECT_THAT(describe(report, c.plan, c.evidence), HasSubstr("(not required): 500 W"));
}

TEST(JudgeEnvironment, ExcusesNoMiscompare) {
  Campaign c = with(ConditionState::bad, "500 W", ConditionState::bad, "500 W");
  WindowRecord& window = c.task(testing::kLoad).windows.front();
  window.miscompares = 1;
  window.findings = {Finding{}};
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(JudgeEnvironment, EachPartKeepsItsOwnRemedy) {
  Campaign c = with(ConditionState::bad, "500 W", ConditionState::bad, "500 W");
  ConditionDemand second = c.plan.environment[0];
  second.part = "d1";
  second.devices = {"d1"};
  c.plan.environment.push_back(second);
  ConditionRecord record = c.evidence.conditions[0];
  record.part = "d1";
  record.remedy = "nvidia-smi -i 1 -pl 700";
  c.evidence.conditions.push_back(record);
  std::string steps;
  for (const Problem& problem : c.judged().problems) steps += problem.next_step + "\n";
  EXPECT_THAT(steps, HasSubstr("-i 0 -pl 700"));
  EXPECT_THAT(steps, HasSubstr("-i 1 -pl 700"));
}

TEST(JudgeEnvironment, IsInTheReportsFile) {
  const Campaign c = with(ConditionState::good, "700 W", ConditionState::bad, "500 W");
  const Json json = to_json(c.judged(), c.plan, c.evidence).at("environment").at(0);
  EXPECT_EQ(json.at("part"), "d0");
  EXPECT_EQ(json.at("verdict"), "INVALID");
  EXPECT_EQ(json.at("looks").at(1).at("found"), "500 W");
  EXPECT_EQ(json.at("looks").at(1).at("remedy"), "nvidia-smi -i 0 -pl 700");
}

}  // namespace
}  // namespace rackproof
