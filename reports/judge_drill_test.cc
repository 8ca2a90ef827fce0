// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/judge_faults.h"
#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;

DrillResult first_drill(const Report& report) { return report.drill.front(); }

TEST(Drill, CountsWhatWasInjectedAndFound) {
  const Report report = healthy().judged();
  ASSERT_EQ(report.drill.size(), 4u);
  const DrillResult drill = first_drill(report);
  EXPECT_EQ(drill.injected, 8u);  // four at the start, four at the end
  EXPECT_EQ(drill.activated, 8u);
  EXPECT_EQ(drill.detected, 8u);
  EXPECT_EQ(drill.localised, 8u);
  EXPECT_NEAR(drill.lower_bound_95, 0.6877, 1e-4);  // 0.05 ^ (1/8)
}

TEST(Drill, FaultThatNobodyFoundIsABlindDetector) {
  Campaign c = healthy();
  c.task(kFirstDrill).windows[0].findings.clear();
  c.task(kFirstDrill).windows[0].miscompares = 0;
  c.task(kFirstDrill).windows[0].cores.clear();
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_EQ(first_drill(report).detected, 7u);
  EXPECT_THAT(first_drill(report).reason, HasSubstr("unproven: blind detector"));
  EXPECT_THAT(first_drill(report).reason, HasSubstr("result/flip at element 4711 in burst 1"));
}

TEST(Drill, FindingWithoutAFaultIsAMiscompare) {
  Campaign c = healthy();
  WindowRecord& window = c.task(kFirstDrill).windows[0];
  window.findings.push_back({1, 2, 999, 0, 1});
  window.miscompares = 2;
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(report.exposure.miscompares, 1u);
  EXPECT_THAT(problem_text(report), HasSubstr("that no drill fault explains"));
  EXPECT_THAT(problem_text(report), HasSubstr("element 999"));
}

TEST(Drill, FindingInAnotherBurstIsAMiscompare) {
  Campaign c = healthy();
  c.task(kFirstDrill).windows[0].findings[0].burst = 2;
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(first_drill(report).reason, HasSubstr("blind"));
}

TEST(Drill, RightPlaceWithWrongBitsIsNotFound) {
  Campaign c = healthy();
  c.task(kFirstDrill).windows[0].findings[0].got = 9;  // flipped 8 to 12
  EXPECT_EQ(first_drill(c.judged()).detected, 7u);
  EXPECT_NE(c.judged().verdict, Verdict::pass);
}

TEST(Drill, CountedButUnsampledMiscomparesAreUnexplained) {
  Campaign c = healthy();
  c.task(kFirstDrill).windows[0].miscompares = 5;
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
  EXPECT_EQ(c.judged().exposure.miscompares, 4u);
}

TEST(Drill, LastingFaultMayFillTheSamples) {
  Campaign c = healthy();
  WindowRecord& window = c.task(kFirstDrill).windows[0];
  window.findings.assign(kMaxSamples, window.findings[0]);
  window.miscompares = 1000;
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  window.findings.back().element = 1;
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Drill, FaultThatThePlanDoesNotHoldExcusesNothing) {
  Campaign c = healthy();
  c.step(kFirstDrill).faults.erase(c.step(kFirstDrill).faults.begin());
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(problem_text(report),
              HasSubstr("1 faults in demo/01 drill compute.gemm that the plan"));
}

TEST(Drill, OnePlannedFaultExcusesOneStrikeOnly) {
  Campaign c = healthy();
  std::vector<WindowRecord>& windows = c.task(kFirstDrill).windows;
  WindowRecord again = windows.front();
  again.faults.front().id = 9;
  again.faults.front().burst = again.findings.front().burst = 9;
  windows.insert(windows.end() - 1, again);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(problem_text(report),
              HasSubstr("1 faults in demo/01 drill compute.gemm that the plan"));
}

TEST(Drill, FaultInALoadStepExcusesNothing) {
  Campaign c = healthy();
  WindowRecord& window = c.task(kLoad).windows[0];
  window.faults = {{1, "result", "flip", "", 0, {{4711, 8, 12}}}};
  window.findings = {{0, 0, 4711, 8, 12}};
  window.miscompares = 1;
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Drill, StruckBurstsWithoutAFaultAreError) {
  Campaign c = healthy();
  WorkTally struck = c.task(kFirstDrill).windows[0].work[0];
  c.task(kFirstDrill).windows[2].work.push_back(struck);
  EXPECT_EQ(c.judged().verdict, Verdict::error);
}

TEST(Drill, WrongDigestOfACleanBurstIsFail) {
  Campaign c = healthy();
  c.task(kFirstDrill).windows[2].work[0].digest = Bits(12345);
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Drill, FaultThatWasNeverCommittedIsUnproven) {
  Campaign c = healthy();
  c.task(kLastDrill).windows.erase(c.task(kLastDrill).windows.begin());
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(first_drill(c.judged()).reason, HasSubstr("3 of 4 planned faults"));
}

TEST(Drill, DrillThatNeverRanIsUnproven) {
  for (const char* step : {kFirstDrill, kLastDrill}) {
    Campaign c = healthy();
    c.forget(step);
    EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
    EXPECT_THAT(first_drill(c.judged()).reason, HasSubstr("never ran"));
  }
}

TEST(Drill, PlanMustHoldOneAtTheStartAndOneAtTheEnd) {
  for (const std::ptrdiff_t at : {0, 2}) {
    Campaign c = healthy();
    const std::string id = c.plan.steps[static_cast<std::size_t>(at)].id;
    c.plan.steps.erase(c.plan.steps.begin() + at);
    std::erase_if(c.evidence.tasks, [&](const TaskRecord& t) { return t.step == id; });
    EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
    EXPECT_THAT(first_drill(c.judged()).reason,
                HasSubstr(at == 0 ? "before its first load" : "after its last load"));
  }
}

TEST(Drill, StressorWithoutADrillIsUnproven) {
  Campaign c = healthy();
  for (const char* id : {kFirstDrill, kLastDrill}) c.step(id).stressor = "memory.triad";
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("compute.gemm unproven: no drill is planned"));
}

TEST(Drill, DrillWithoutFaultsProvesNothing) {
  Campaign c = healthy();
  for (const char* id : {kFirstDrill, kLastDrill}) {
    c.step(id).faults.clear();
    for (const std::string& device : c.plan.devices) {
      TaskRecord& task = c.task(id, device);
      task.outcome = Outcome::finished;
      task.windows = {c.task(kLoad, device).windows[0]};
    }
  }
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(first_drill(c.judged()).reason, HasSubstr("plans no fault"));
}

TEST(Drill, FaultThatTookNoEffectProvesNothing) {
  Campaign c = healthy();
  for (std::size_t i : {0U, 1U}) {
    WindowRecord& window = c.task(kFirstDrill).windows[i];
    window.faults[0].flips.clear();
    window.findings.clear();
    window.miscompares = 0;
    window.cores.clear();
  }
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_EQ(first_drill(report).activated, 6u);
  EXPECT_THAT(first_drill(report).reason, HasSubstr("no fault at site result took effect"));
}

TEST(Drill, LateAnswerThatNobodyNoticedIsABlindDetector) {
  Campaign c = healthy();
  c.task(kFirstDrill).windows[2].late.clear();
  EXPECT_THAT(first_drill(c.judged()).reason, HasSubstr("timing/late"));
}

TEST(Drill, MissingAnswerMustEndAsHung) {
  Campaign c = healthy();
  c.task(kFirstDrill).outcome = Outcome::finished;
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(first_drill(report).reason, HasSubstr("timing/missing"));
}

TEST(Drill, HangBeforeTheMissingAnswerIsAHang) {
  Campaign c = healthy();
  c.task(kFirstDrill).windows.pop_back();
  EXPECT_EQ(task_row(c.judged(), kFirstDrill).verdict, Verdict::error);
}

TEST(Drill, DrillCutOffDuringTheSilenceCanBeRepeated) {
  Campaign c = healthy();
  c.retry(kFirstDrill);
  c.task(kFirstDrill).outcome = Outcome::aborted;
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
}

// Operand 80 + i * 8 + p is a[i,p], operand 144 + p * 10 + j is b[p,j].
TaskRecord operand_task(std::uint64_t operand, std::vector<std::uint64_t> elements) {
  TaskRecord task;
  task.outcome = Outcome::finished;
  WindowRecord window;
  window.bursts = 1;
  window.faults = {{1, "operand", "flip", "gemm fp32 fp32 8 10 8 exact", 0, {{operand, 1, 2}}}};
  WorkTally work;
  work.work = "gemm fp32 fp32 8 10 8 exact";
  work.faulted = true;
  work.bursts = 1;
  window.work = {work};
  for (const std::uint64_t e : elements) window.findings.push_back({0, 0, e, 5, 6});
  window.miscompares = elements.size();
  task.windows = {window};
  return task;
}

PlannedStep operand_drill() {
  PlannedStep step;
  step.drill = true;
  step.faults = {{FaultSite::operand, FaultKind::flip}};
  return step;
}

TEST(FaultMatching, WrongOperandSpoilsItsRowOrItsColumn) {
  const PlannedStep step = operand_drill();
  EXPECT_EQ(match_faults(&step, operand_task(80 + 2 * 8 + 3, {20, 21, 29})).localised, 1u);
  EXPECT_EQ(match_faults(&step, operand_task(144 + 5 * 10 + 4, {4, 14, 74})).localised, 1u);
  const FaultMatch other_row = match_faults(&step, operand_task(80 + 3 * 8 + 3, {20, 21}));
  EXPECT_EQ(other_row.detected, 0u);
  EXPECT_EQ(other_row.miscompares, 2u);
}

TEST(FaultMatching, MaskedOperandIsFoundByItsHash) {
  const PlannedStep step = operand_drill();
  TaskRecord task = operand_task(99, {99});
  task.windows[0].findings[0].got = 4;  // the operand went from 1 to 2
  EXPECT_EQ(match_faults(&step, task).detected, 0u);
  task.windows[0].findings[0].got = 5 ^ 1 ^ 2;
  EXPECT_EQ(match_faults(&step, task).localised, 1u);
}

TEST(FaultMatching, FindingElsewhereInAStruckBurstIsNotTheFaults) {
  const PlannedStep step = operand_drill();
  const FaultMatch match = match_faults(&step, operand_task(99, {20, 35}));  // rows 2 and 3
  EXPECT_EQ(match.detected, 1u);
  EXPECT_EQ(match.localised, 0u);
  EXPECT_EQ(match.miscompares, 1u);
}

TEST(FaultMatching, UnannouncedFaultOfALoadIsMatchedLikeADrills) {
  PlannedStep step = operand_drill();
  step.drill = false;
  EXPECT_EQ(match_faults(&step, operand_task(99, {20})).detected, 1u);
  EXPECT_EQ(match_faults(&step, operand_task(99, {})).missed.size(), 1u);
  step.faults.clear();
  EXPECT_EQ(match_faults(&step, operand_task(99, {20})).miscompares, 1u);
}

TEST(FaultMatching, WithoutAPlannedStepNothingIsExcused) {
  EXPECT_EQ(match_faults(nullptr, operand_task(99, {20})).miscompares, 1u);
}

// A load with one planned fault, which its third burst suffered; element 4711 went from 8 to 12.
Campaign with_unannounced() {
  Campaign c = healthy();
  c.step(kLoad).faults = {{.site = FaultSite::result, .kind = FaultKind::flip}};
  WindowRecord& window = c.task(kLoad).windows[0];
  window.faults = {{1, "result", "flip", "", 2, {{4711, 8, 12}}}};
  window.findings = {{2, 0, 4711, 8, 12}};
  window.miscompares = 1;
  return c;
}

TEST(Unannounced, FaultThatIsFoundJoinsTheProof) {
  const Report report = with_unannounced().judged();
  EXPECT_EQ(report.verdict, Verdict::pass) << problem_text(report);
  EXPECT_EQ(first_drill(report).activated, 9u);
  EXPECT_EQ(first_drill(report).unannounced, 1u);
  EXPECT_EQ(report.exposure.miscompares, 0u);
}

TEST(Unannounced, FaultThatNobodyFoundIsABlindDetector) {
  Campaign c = with_unannounced();
  c.task(kLoad).windows[0].findings.clear();
  c.task(kLoad).windows[0].miscompares = 0;
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(first_drill(c.judged()).reason, HasSubstr("blind detector: 1 of 1 faults in"));
}

TEST(Unannounced, FindingThatIsNotTheFaultsIsAMiscompare) {
  Campaign c = with_unannounced();
  c.task(kLoad).windows[0].findings.push_back({2, 0, 12, 0, 1});
  c.task(kLoad).windows[0].miscompares = 2;
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("that no fault of ours explains"));
}

}  // namespace
}  // namespace rackproof::testing
