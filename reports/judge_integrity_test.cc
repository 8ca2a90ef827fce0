// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_integrity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;

void miscompare(WindowRecord& window) {
  window.miscompares = 12;
  window.findings = {{7, 5, 4711, 0x10, 0x30}};
}

TEST(Integrity, OneMiscompareIsFailWithElementAndBits) {
  Campaign c = healthy();
  miscompare(c.task(kLoad).windows[3]);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(report.problems.front().part, "d0");
  EXPECT_THAT(report.problems.front().evidence,
              HasSubstr("12 miscompares in demo/02 compute.gemm dtype=fp32; first: element 4711, "
                        "expected 0000000000000010, got 0000000000000030, core 5, burst 7"));
  EXPECT_THAT(report.headline, HasSubstr("FAIL: 1 of 4 devices: d0 wrong results"));
}

TEST(Integrity, NoRetryRemovesAMiscompare) {
  Campaign c = healthy();
  c.step(kLoad).attempts = 2;
  c.retry(kLoad);
  miscompare(c.task(kLoad).windows[0]);
  const Report report = c.judged();
  EXPECT_EQ(task_row(report, kLoad).verdict, Verdict::fail);
  EXPECT_EQ(row(report, "miscompares", Rule::equals).value, 12.0);
}

TEST(Integrity, NoResumeRemovesAMiscompare) {
  Campaign c = healthy();
  c.retry(kLoad);
  c.task(kLoad).outcome = Outcome::aborted;
  miscompare(c.task(kLoad).windows[0]);
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Integrity, NoEnvironmentRemovesAMiscompare) {
  Campaign c = healthy();
  miscompare(c.task(kLoad).windows[0]);
  c.evidence.events = {event("environment", "warning", "", "power cap below the profile's")};
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Integrity, MiscomparesCountWhoeverSpeaksOfThem) {
  Campaign cores = healthy();
  cores.task(kLoad).windows[0].cores[0].miscompares = 1;
  EXPECT_EQ(cores.judged().verdict, Verdict::fail);
  Campaign metric = healthy();
  metric.task(kLoad).windows[0].metrics.push_back(metric_window("miscompares", 1, 1));
  EXPECT_EQ(metric.judged().verdict, Verdict::fail);
  Campaign sampled = healthy();
  sampled.task(kLoad).windows[0].findings = {{0, 0, 1, 0, 1}};
  EXPECT_EQ(sampled.judged().verdict, Verdict::fail);
}

TEST(Integrity, MiscomparesOfAnUnplannedTaskAreFail) {
  Campaign c = healthy();
  TaskRecord extra = c.task(kLoad);
  extra.step = "demo/99";
  miscompare(extra.windows[0]);
  c.evidence.tasks.push_back(extra);
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Integrity, DeviceThatLiesAboutItsErrorsIsCaughtByItsDigest) {
  Campaign c = healthy();
  c.task(kLoad).windows[2].work[0].digest = Bits(1);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_THAT(problem_text(report), HasSubstr("result digest differs from the golden although the "
                                              "device counted 0 miscompares"));
}

TEST(Integrity, FaultedMarkExcusesNothingOutsideADrill) {
  Campaign c = healthy();
  c.task(kLoad).windows[2].work[0].digest = Bits(1);
  c.task(kLoad).windows[2].work[0].faulted = true;
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Integrity, MissingDigestIsError) {
  Campaign c = healthy();
  c.task(kLoad).windows[2].work[0].digest.reset();
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::error);
  EXPECT_THAT(problem_text(report), HasSubstr("carry no digest"));
}

TEST(Integrity, ResultsThatNobodyComparedAreIncomplete) {
  Campaign c = healthy();
  for (WindowRecord& window : c.task(kLoad).windows) window.work[0].expected.reset();
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(report), HasSubstr("compared with a golden"));
}

TEST(Integrity, OneResultThatNobodyComparedIsIncomplete) {
  Campaign c = healthy();
  c.task(kLoad).windows[1].work[0].expected.reset();
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(report), HasSubstr("1 of "));
  EXPECT_THAT(problem_text(report), HasSubstr("were not compared with a golden"));
}

TEST(Integrity, WorkThatReadsNothingNeedsNoDigest) {
  Campaign c = healthy();
  WorkTally write = c.task(kLoad).windows[0].work[0];
  write.work = "sweep 4096 write 5555555555555555";
  write.digest.reset();
  write.expected.reset();
  c.task(kLoad).windows[0].work.push_back(write);
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
}

TEST(Integrity, ResultThatIsNotRepeatedIsFail) {
  Campaign c = healthy();
  WorkTally random = c.task(kLoad).windows[0].work[0];
  random.work = "gemm fp32 fp32 512 512 512 random";
  random.expected.reset();
  c.task(kLoad).windows[0].work.push_back(random);
  c.task(kLoad).windows[1].work.push_back(random);
  ASSERT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  c.task(kLoad).windows[1].work[1].digest = Bits(77);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(task_row(report, kLoad).verdict, Verdict::fail);
  EXPECT_THAT(problem_text(report), HasSubstr("not repeatable"));
}

TEST(Claims, WorkLongerThanTheClockIsInvalid) {
  Campaign c = healthy();
  c.task(kLoad).windows[0].work[0].busy_s = 12;  // 13.8 s in 10 s
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_THAT(problem_text(report), HasSubstr("claims more time than passed"));
}

// Two bursts at once are no lie, a hundred are.
TEST(Claims, WorkBesideOtherWorkTakesNoTimeOfItsOwn) {
  for (const double overlap_s : {1.0, 100.0}) {
    Campaign c = healthy();
    for (WindowRecord& window : c.task(kLoad).windows) {
      window.overlap_s = overlap_s * window.length_s;
      window.work[0].busy_s += overlap_s * window.length_s;
    }
    EXPECT_EQ(c.judged().verdict, overlap_s == 1 ? Verdict::pass : Verdict::invalid);
  }
}

// As many copies at once as there are peers, and no more.
TEST(Claims, DataFromSevenPeersMayArriveAtOnce) {
  for (const double overlap_s : {6.0, 8.0}) {
    Campaign c = healthy();
    for (WindowRecord& window : c.task(kLoad).windows) {
      const WorkTally one = window.work[0];
      window.work.clear();
      for (int peer = 1; peer < 8; ++peer) {
        window.work.push_back(one);
        window.work.back().peer = "p" + std::to_string(peer);
        window.work.back().busy_s = (1 + overlap_s) * window.length_s / 7;
      }
      window.overlap_s = overlap_s * window.length_s;
    }
    EXPECT_EQ(c.judged().verdict == Verdict::invalid, overlap_s > 6) << overlap_s;
  }
}

TEST(Integrity, ACollectiveWithoutADigestIsNoticed) {
  Campaign c = healthy();
  for (WindowRecord& window : c.task(kLoad).windows) {
    window.work[0].work = "reduce all_reduce fp32 4096 0 8";
    window.work[0].digest.reset();
    window.work[0].expected.reset();
  }
  EXPECT_EQ(c.judged().verdict, Verdict::error);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("carry no digest to compare"));
}

TEST(Claims, WindowsLongerThanTheClockAreInvalid) {
  Campaign c = healthy();
  c.task(kLoad).end_s = c.task(kLoad).start_s + 8;  // windows of 10 s, 9.4 s allowed
  EXPECT_EQ(c.judged().verdict, Verdict::invalid);
}

TEST(Claims, EndBeforeTheStartIsInvalid) {
  Campaign c = healthy();
  c.task(kLoad).end_s = c.task(kLoad).start_s - 1;
  EXPECT_EQ(task_row(c.judged(), kLoad).verdict, Verdict::invalid);
}

TEST(Claims, NumbersThatAreNoneAreInvalid) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), -1.0}) {
    Campaign window = healthy();
    window.task(kLoad).windows[0].length_s = bad;
    EXPECT_EQ(task_row(window.judged(), kLoad).verdict, Verdict::invalid) << bad;
    Campaign busy = healthy();
    busy.task(kLoad).windows[0].work[0].busy_s = bad;
    EXPECT_EQ(task_row(busy.judged(), kLoad).verdict, Verdict::invalid) << bad;
    Campaign metric = healthy();
    metric.throughput("d0", bad);
    EXPECT_EQ(metric.judged().verdict, Verdict::invalid) << bad;
  }
}

TEST(Claims, UnusableRecordingsAreInvalidEvenWithoutALimit) {
  Campaign c = healthy();
  std::erase_if(c.plan.criteria, [](const auto& p) { return p.metric == "throughput"; });
  ASSERT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  c.task(kLoad).windows[0].metrics[0].unusable = 1;
  EXPECT_EQ(c.judged().verdict, Verdict::invalid);
}

TEST(Claims, StatisticsMustAgreeWithEachOther) {
  MetricWindow window = metric_window("throughput", 100);
  EXPECT_TRUE(is_sound(window));
  window.p1 = 101;
  EXPECT_FALSE(is_sound(window));
  window = metric_window("throughput", 100);
  window.sum = 400;  // five recordings of 100
  EXPECT_FALSE(is_sound(window));
}

}  // namespace
}  // namespace rackproof::testing
