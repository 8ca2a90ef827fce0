// SPDX-License-Identifier: Apache-2.0
// Roads to a PASS that must be closed: nothing planned, nothing recorded, parts left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(CampaignRule, NothingPlannedAndNothingRecordedIsIncomplete) {
  const Report report = judge(Plan{}, Evidence{});
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(report), HasSubstr("the plan holds no step"));
  EXPECT_FALSE(report.headline.empty());
}

TEST(CampaignRule, EmptyPlanIsIncompleteThoughTheRunEnded) {
  Evidence evidence;
  evidence.finished = true;
  EXPECT_EQ(judge(Plan{}, evidence).verdict, Verdict::incomplete);
}

TEST(CampaignRule, EmptyEvidenceIsIncomplete) {
  const Report report = judge(healthy().plan, Evidence{});
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  for (const DeviceResult& device : report.devices) {
    EXPECT_EQ(device.verdict, Verdict::incomplete);
  }
}

TEST(CampaignRule, RecordWithoutAnEndIsIncomplete) {
  Campaign c = healthy();
  c.evidence.finished = false;
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("does not reach the end"));
}

TEST(CampaignRule, InterruptedRunIsIncomplete) {
  Campaign c = healthy();
  c.evidence.interrupted = true;
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("operator stopped"));
}

TEST(CampaignRule, UnmetInventoryIsFailAndNamesWhatIsMissing) {
  Campaign c = healthy();
  c.plan.inventory.push_back({"accelerators of kind gpu", "8", "7", false, "n1 lacks one"});
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(report.problems.front().part, "accelerators of kind gpu");
  EXPECT_THAT(report.problems.front().evidence, HasSubstr("expected 8, found 7: n1 lacks one"));
  EXPECT_THAT(report.headline,
              StartsWith("FAIL: inventory: accelerators of kind gpu: n1 lacks one"));
}

TEST(CampaignRule, WrongInventoryDominatesStepsThatNeverRan) {
  Campaign c = healthy();
  c.plan.inventory.push_back({"accelerators", "5", "4", false, ""});
  c.evidence.tasks.clear();
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(task_row(report, kLoad).verdict, Verdict::incomplete);
}

TEST(CampaignRule, DeviceThatNoStepLoadsIsIncomplete) {
  Campaign c = healthy();
  c.plan.devices.push_back("d9");
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_EQ(report.devices.back().verdict, Verdict::incomplete);
}

TEST(CampaignRule, DeviceThatIsOnlyDrilledIsIncomplete) {
  Campaign c = healthy();
  std::erase(c.step(kLoad).devices, "d3");
  std::erase_if(c.plan.criteria, [](const PlannedCriterion& p) { return p.device == "d3"; });
  std::erase_if(c.plan.coverage, [](const CoverageDemand& d) { return d.device == "d3"; });
  c.forget(kLoad, "d3");
  EXPECT_NE(c.judged().devices.back().verdict, Verdict::pass);
}

TEST(CampaignRule, PlanWithoutALimitThatCountsIsIncomplete) {
  Campaign c = healthy();
  c.plan.criteria.clear();
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("no limit was applied"));
}

TEST(CampaignRule, StepWithoutADeviceIsIncomplete) {
  Campaign c = healthy();
  PlannedStep step = c.step(kLoad);
  step.id = "demo/04";
  step.stressor = "memory.triad";
  step.devices.clear();
  c.plan.steps.push_back(step);
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
}

TEST(CampaignRule, FatalEventIsFailOfItsDevice) {
  Campaign c = healthy();
  c.evidence.events = {event("xid", "fatal", "d2", "79: fallen off the bus")};
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(report.devices[2].verdict, Verdict::fail);
  EXPECT_EQ(report.devices[1].verdict, Verdict::pass);
  EXPECT_EQ(report.exposure.events, 1u);
}

TEST(CampaignRule, FatalEventOfTheHostIsFail) {
  Campaign c = healthy();
  c.evidence.events = {event("mce", "fatal", "", "uncorrected error")};
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(CampaignRule, WarningsDoNotCountAndUnknownSeveritiesDo) {
  Campaign c = healthy();
  c.evidence.events = {event("note", "warning", "d0", "resumed")};
  EXPECT_EQ(c.judged().verdict, Verdict::pass);
  c.evidence.events = {event("note", "FATAL", "d0", "resumed")};
  EXPECT_EQ(c.judged().verdict, Verdict::error);
}

TEST(Problems, ManyRowsOfOneCauseAreOneLine) {
  Campaign c = healthy(8);
  for (int i = 0; i < 5; ++i) {
    PlannedCriterion more = c.criterion("throughput", Rule::floor);
    more.id += std::to_string(i);
    more.limit = 91 + i;
    c.plan.criteria.push_back(more);
  }
  c.throughput("d0", 50);
  const Report report = c.judged();
  ASSERT_EQ(report.problems.size(), 1u) << problem_text(report);
  EXPECT_THAT(report.problems[0].evidence, HasSubstr("; and 5 more"));
  EXPECT_THAT(report.headline, HasSubstr("d0 slow"));
}

TEST(Problems, WorstComesFirstAndEachHasANextStep) {
  Campaign c = healthy();
  c.task(kLoad, "d0").outcome = Outcome::unsupported;
  c.task(kLoad, "d1").outcome = Outcome::garbage;
  c.task(kLoad, "d2").windows[0].miscompares = 1;
  const Report report = c.judged();
  ASSERT_GE(report.problems.size(), 3u);
  EXPECT_EQ(report.problems[0].part, "d2");
  EXPECT_EQ(report.problems[1].verdict, Verdict::error);
  EXPECT_EQ(report.problems.back().verdict, Verdict::incomplete);
  for (const Problem& problem : report.problems) EXPECT_FALSE(problem.next_step.empty());
}

TEST(Judge, GivesTheSameReportTwice) {
  Campaign c = healthy(8);
  c.throughput("d3", 60);
  EXPECT_EQ(describe(c.judged(), c.plan, c.evidence), describe(c.judged(), c.plan, c.evidence));
}

TEST(Exposure, CountsHoursAndTheirBound) {
  const Report report = healthy().judged();
  EXPECT_NEAR(report.exposure.device_hours, 40.0 / 3600, 1e-12);
  EXPECT_NEAR(report.exposure.mtbf_lower_bound_90_h, 40.0 / 3600 / 2.302585, 1e-8);
  EXPECT_EQ(report.exposure.failures, 0u);
}

TEST(Exposure, CountsFailures) {
  Campaign c = healthy();
  c.task(kLoad).windows[0].miscompares = 3;
  c.evidence.events = {event("mce", "fatal", "d1", "x")};
  const Report report = c.judged();
  EXPECT_EQ(report.exposure.miscompares, 3u);
  EXPECT_EQ(report.exposure.failures, 2u);
}

TEST(Scope, SaysWhatWasLeftOut) {
  Campaign c = healthy();
  EXPECT_EQ(c.judged().scope, "ran stage demo; left out nothing; 99 % of memory tested");
  c.plan.stages_left_out = {"screen", "soak"};
  EXPECT_EQ(c.judged().scope, "ran stage demo; left out screen, soak; 99 % of memory tested");
}

TEST(Scope, SaysThatNotAllOrNothingWasRun) {
  Campaign c = healthy();
  c.task(kLoad).outcome = Outcome::aborted;
  EXPECT_THAT(c.judged().scope, StartsWith("ran a part of stage demo; "));
  c.evidence.tasks.clear();
  EXPECT_EQ(c.judged().scope, "ran nothing of stage demo; left out nothing; 0 % of memory tested");
}

}  // namespace
}  // namespace rackproof::testing
