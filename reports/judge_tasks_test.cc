// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;

struct OutcomeCase {
  Outcome outcome;
  Verdict verdict;
};

void PrintTo(const OutcomeCase& c, std::ostream* out) {
  *out << name(c.outcome) << " is " << name(c.verdict);
}

class OutcomeRule : public ::testing::TestWithParam<OutcomeCase> {};

TEST_P(OutcomeRule, DecidesTheTaskAndTheWhole) {
  Campaign c = healthy(5);
  c.task(kLoad).outcome = GetParam().outcome;
  c.task(kLoad).detail = "because";
  const Report report = c.judged();
  EXPECT_EQ(task_row(report, kLoad).verdict, GetParam().verdict);
  EXPECT_NE(report.verdict, Verdict::pass);
  EXPECT_EQ(report.devices[1].verdict, Verdict::pass) << problem_text(report);
}

INSTANTIATE_TEST_SUITE_P(Each, OutcomeRule,
                         ::testing::Values(OutcomeCase{Outcome::unsupported, Verdict::incomplete},
                                           OutcomeCase{Outcome::gang_lost, Verdict::incomplete},
                                           OutcomeCase{Outcome::aborted, Verdict::incomplete},
                                           OutcomeCase{Outcome::not_run, Verdict::incomplete},
                                           OutcomeCase{Outcome::device_error, Verdict::error},
                                           OutcomeCase{Outcome::garbage, Verdict::error},
                                           OutcomeCase{Outcome::crashed, Verdict::error},
                                           OutcomeCase{Outcome::hung, Verdict::error},
                                           OutcomeCase{static_cast<Outcome>(99), Verdict::error}));

TEST(TaskRule, SkippedStepNamesItsReason) {
  Campaign c = healthy();
  c.task(kLoad).outcome = Outcome::unsupported;
  c.task(kLoad).detail = "no fp32 here";
  EXPECT_THAT(task_row(c.judged(), kLoad).reason, HasSubstr("no fp32 here"));
}

TEST(TaskRule, StepThatNeverRanIsIncomplete) {
  Campaign c = healthy();
  c.forget(kLoad);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(task_row(report, kLoad).reason, HasSubstr("never ran"));
  EXPECT_EQ(task_row(report, kLoad).attempts, 0u);
}

TEST(TaskRule, CrashIsErrorEvenWhenTheRetryFinished) {
  Campaign c = healthy();
  c.retry(kLoad);
  c.task(kLoad).outcome = Outcome::crashed;
  const Report report = c.judged();
  EXPECT_EQ(task_row(report, kLoad).verdict, Verdict::error);
  EXPECT_EQ(task_row(report, kLoad).outcome, "finished");
  EXPECT_EQ(report.verdict, Verdict::error);
}

TEST(TaskRule, RepeatedCrashIsFail) {
  Campaign c = healthy();
  c.task(kLoad).outcome = Outcome::crashed;
  c.retry(kLoad);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(task_row(report, kLoad).reason, HasSubstr("repeated"));
}

TEST(TaskRule, HangInOneStepAndCrashInAnotherRepeat) {
  Campaign c = healthy();
  PlannedStep second = c.step(kLoad);
  second.id = "demo/02b";
  c.plan.steps.insert(c.plan.steps.begin() + 2, second);
  for (const std::string& device : c.plan.devices) {
    TaskRecord task = c.task(kLoad, device);
    task.step = second.id;
    c.evidence.tasks.push_back(task);
  }
  ASSERT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  c.task(kLoad).outcome = Outcome::hung;
  c.task(second.id).outcome = Outcome::crashed;
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(TaskRule, CrashesOfTwoDevicesAreNoRepetition) {
  Campaign c = healthy(5);
  c.task(kLoad, "d0").outcome = c.task(kLoad, "d1").outcome = Outcome::crashed;
  const Report report = c.judged();
  EXPECT_EQ(task_row(report, kLoad, "d0").verdict, Verdict::error);
  EXPECT_EQ(task_row(report, kLoad, "d1").verdict, Verdict::error);
  EXPECT_THAT(task_row(report, kLoad, "d0").reason, HasSubstr("(once, "));
}

TEST(TaskRule, HangWithAFatalEventOnThatDeviceIsFail) {
  Campaign c = healthy();
  c.task(kLoad).outcome = Outcome::hung;
  c.evidence.events = {event("xid", "fatal", "d0", "fallen off the bus")};
  const Report report = c.judged();
  EXPECT_EQ(task_row(report, kLoad).verdict, Verdict::fail);
  EXPECT_THAT(task_row(report, kLoad).reason, HasSubstr("fatal event"));
}

TEST(TaskRule, ResumeAfterAnAbortMakesItGood) {
  Campaign c = healthy();
  c.retry(kLoad);
  c.task(kLoad).outcome = Outcome::aborted;
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
}

TEST(TaskRule, NoWindowsIsError) {
  Campaign c = healthy();
  c.task(kLoad).windows.clear();
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::error);
  EXPECT_THAT(task_row(report, kLoad).reason, HasSubstr("did no work"));
}

TEST(TaskRule, ZeroBurstsIsError) {
  Campaign c = healthy();
  for (WindowRecord& window : c.task(kLoad).windows) window.bursts = 0;
  EXPECT_EQ(c.judged().verdict, Verdict::error);
}

TEST(TaskRule, ZeroIterationsIsError) {
  Campaign c = healthy();
  for (WindowRecord& window : c.task(kLoad).windows) window.work[0].iterations = 0;
  EXPECT_EQ(c.judged().verdict, Verdict::error);
}

TEST(TaskRule, LoadForLessThanHalfItsTimeIsIncomplete) {
  Campaign c = healthy();
  c.task(kLoad).windows.resize(5);
  EXPECT_EQ(c.judged().verdict, Verdict::pass);
  c.task(kLoad).windows.resize(4);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(task_row(report, kLoad).reason, HasSubstr("4 s of 10 s"));
}

TEST(TaskRule, MissingPassOfATimedStepAsksForMoreTime) {
  Campaign c = healthy();
  c.step(kLoad).passes = 1;
  EXPECT_THAT(task_row(c.judged(), kLoad).reason,
              HasSubstr("completed 0 of 1 passes in 10 s: give it more time"));
}

TEST(TaskRule, MissingPassIsIncomplete) {
  Campaign c = healthy();
  c.step(kLoad).duration_s = 0;
  c.step(kLoad).passes = 1;
  EXPECT_THAT(task_row(c.judged(), kLoad).reason, HasSubstr("0 of 1 passes"));
  for (const std::string& device : c.plan.devices) c.task(kLoad, device).windows[9].passes = 1;
  EXPECT_EQ(c.judged().verdict, Verdict::pass);
}

TEST(TaskRule, TaskThatNobodyPlannedIsError) {
  Campaign c = healthy();
  TaskRecord extra = c.task(kLoad);
  extra.step = "demo/99";
  c.evidence.tasks.push_back(extra);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::error);
  EXPECT_THAT(task_row(report, "demo/99").reason, HasSubstr("not in the plan"));
}

TEST(TaskRule, PlannedStepOnADeviceThatItWasNotPlannedForIsError) {
  Campaign c = healthy(5);
  c.step(kLoad).devices.pop_back();
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::error);
  EXPECT_THAT(task_row(report, kLoad, "d4").reason, HasSubstr("not in the plan"));
}

TEST(TaskRule, MoreTriesThanGrantedIsInvalid) {
  Campaign c = healthy();
  c.retry(kLoad);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_THAT(problem_text(report), HasSubstr("finished 2 times although the plan grants 1"));
}

}  // namespace
}  // namespace rackproof::testing
