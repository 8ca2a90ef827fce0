// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;

struct EdgeCase {
  double value;
  Verdict guarded, simple;
};

void PrintTo(const EdgeCase& c, std::ostream* out) {
  *out << c.value << " " << name(c.guarded) << " or simply " << name(c.simple);
}

class FloorEdge : public ::testing::TestWithParam<EdgeCase> {};

// Limit 90; U is 10 % of the value, so 100 - 10 is just enough, and 81.9 is the first not hopeless.
TEST_P(FloorEdge, FollowsTheGuardBand) {
  Campaign c = healthy(1);
  std::erase_if(c.plan.criteria, [](const auto& p) { return p.rule == Rule::peers; });
  c.criterion("throughput", Rule::floor).uncertainty = 0.1;
  c.throughput("d0", GetParam().value);
  EXPECT_EQ(row(c.judged(), "throughput", Rule::floor).verdict, GetParam().guarded);
  EXPECT_DOUBLE_EQ(row(c.judged(), "throughput", Rule::floor).u, 0.1 * GetParam().value);
  c.criterion("throughput", Rule::floor).guarded = false;
  EXPECT_EQ(row(c.judged(), "throughput", Rule::floor).verdict, GetParam().simple);
  EXPECT_EQ(c.judged().verdict, GetParam().simple);
}

INSTANTIATE_TEST_SUITE_P(Each, FloorEdge,
                         ::testing::Values(EdgeCase{100, Verdict::pass, Verdict::pass},
                                           EdgeCase{99, Verdict::marginal, Verdict::pass},
                                           EdgeCase{90, Verdict::marginal, Verdict::pass},
                                           EdgeCase{89, Verdict::marginal, Verdict::fail},
                                           EdgeCase{82, Verdict::marginal, Verdict::fail},
                                           EdgeCase{81, Verdict::fail, Verdict::fail},
                                           EdgeCase{0, Verdict::fail, Verdict::fail}));

// What d0 fetches from d1 and d2, in every window.
Campaign with_links(double from_d1, double from_d2) {
  Campaign c = healthy();
  for (WindowRecord& window : c.task(kLoad).windows) {
    window.metrics.clear();
    for (const auto& [peer, value] : {std::pair{"d1", from_d1}, std::pair{"d2", from_d2}}) {
      window.metrics.push_back(metric_window("throughput", value));
      window.metrics.back().peer = peer;
    }
  }
  return c;
}

TEST(Links, AreJudgedByTheWorstWhichIsNamed) {
  const Report report = with_links(100, 50).judged();
  const CriterionResult floor = row(report, "throughput", Rule::floor);
  EXPECT_EQ(floor.verdict, Verdict::fail);
  EXPECT_EQ(*floor.value, 50);
  EXPECT_THAT(floor.reason, ::testing::StartsWith("d2 -> d0: throughput median of 50"));
  EXPECT_EQ(row(report, "throughput", Rule::peers).verdict, Verdict::fail);
  EXPECT_EQ(report.headline, "FAIL: 1 of 4 devices: d0 slow (d2 -> d0)");
  EXPECT_EQ(with_links(100, 100).judged().verdict, Verdict::pass);
}

// A slow link also slows whatever all devices do together.
TEST(Links, AreNamedBeforeDevicesThatAreSlowAsAWhole) {
  Campaign c = healthy();
  for (const char* device : {"d0", "d1", "d2", "d3"}) {
    for (WindowRecord& window : c.task(kLoad, device).windows) {
      window.metrics = {metric_window("throughput", 50)};
      if (device == std::string("d3")) window.metrics[0].peer = "d2";
    }
  }
  EXPECT_THAT(c.judged().headline,
              ::testing::StartsWith("FAIL: 4 of 4 devices: d3 slow (d2 -> d3), "));
}

TEST(Links, OfWhichOneIsImpossiblyFastAreInvalid) {  // ceiling 200
  const CriterionResult ceiling = row(with_links(100, 300).judged(), "throughput", Rule::ceiling);
  EXPECT_EQ(ceiling.verdict, Verdict::invalid);
  EXPECT_EQ(*ceiling.value, 300);
  EXPECT_THAT(ceiling.reason, ::testing::StartsWith("d2 -> d0: "));
}

Campaign with_ceiling(double value, bool guarded) {
  Campaign c = healthy();
  PlannedCriterion& ceiling = c.criterion("throughput", Rule::ceiling);
  ceiling.source = "profile: the coolant's limit";
  ceiling.uncertainty = 0.1;
  ceiling.guarded = guarded;
  for (const std::string& device : c.plan.devices) c.throughput(device, value);
  return c;
}

TEST(CeilingRule, FollowsTheGuardBand) {  // limit 200
  const auto verdict = [](double value, bool guarded) {
    return row(with_ceiling(value, guarded).judged(), "throughput", Rule::ceiling).verdict;
  };
  EXPECT_EQ(verdict(180, true), Verdict::pass);      // 180 + 18
  EXPECT_EQ(verdict(190, true), Verdict::marginal);  // 190 + 19
  EXPECT_EQ(verdict(222, true), Verdict::marginal);  // 222 - 22.2 = 199.8
  EXPECT_EQ(verdict(223, true), Verdict::fail);      // 223 - 22.3 = 200.7
  EXPECT_EQ(verdict(200, false), Verdict::pass);
  EXPECT_EQ(verdict(200.5, false), Verdict::fail);
}

TEST(CeilingRule, PhysicsBrokenIsInvalidNotATriumph) {
  Campaign c = healthy();
  c.throughput("d0", 201);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_THAT(problem_text(report), HasSubstr("above the physical ceiling"));
}

TEST(CeilingRule, GoodAttemptDoesNotHideBrokenPhysics) {
  Campaign c = healthy();
  c.step(kLoad).attempts = 2;
  c.throughput("d0", 1000);
  c.retry(kLoad);
  c.throughput("d0", 100);
  c.throughput("d0", 1000);  // the first of the two attempts
  c.evidence.tasks.back().windows = c.task(kLoad, "d1").windows;
  EXPECT_EQ(row(c.judged(), "throughput", Rule::ceiling).verdict, Verdict::invalid);
}

TEST(EqualsRule, LateAnswersAreInvalid) {
  Campaign c = healthy();
  c.task(kLoad).windows[1].late = {{1, 7.5}};
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_THAT(problem_text(report), HasSubstr("the machine was busy, or the device stalls"));
}

TEST(EqualsRule, BrokenIntegrityIsFail) {
  Campaign c = healthy();
  c.task(kLoad).windows[1].miscompares = 1;
  const CriterionResult r = row(c.judged(), "miscompares", Rule::equals);
  EXPECT_EQ(r.verdict, Verdict::fail);
  EXPECT_EQ(r.value, 1.0);
}

TEST(EqualsRule, OtherMetricsFail) {
  Campaign c = healthy();
  PlannedCriterion& p = c.criterion("late_answers", Rule::equals);
  p.metric = "throughput";
  p.limit = 99;
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Applied, CriterionWithoutAStepIsIncomplete) {
  Campaign c = healthy();
  c.criterion("throughput", Rule::floor).step.clear();
  c.criterion("throughput", Rule::floor).reason = "no step has dtype=fp8";
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("no step has dtype=fp8"));
}

TEST(Applied, CriterionOnAnUnknownStepOrDeviceIsIncomplete) {
  Campaign c = healthy();
  c.criterion("throughput", Rule::floor).step = "demo/77";
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  Campaign d = healthy();
  d.criterion("throughput", Rule::floor).device = "d77";
  EXPECT_EQ(d.judged().verdict, Verdict::incomplete);
}

TEST(Applied, MetricThatNobodyRecordedIsIncomplete) {
  Campaign c = healthy();
  c.criterion("throughput", Rule::floor).metric = "bandwidth";
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("no window holds bandwidth"));
}

TEST(Applied, WindowsWithoutRecordingsAreNoMeasurement) {
  Campaign c = healthy();
  for (WindowRecord& window : c.task(kLoad).windows) {
    window.metrics = {metric_window("throughput", 0, 0)};
  }
  EXPECT_EQ(row(c.judged(), "throughput", Rule::floor).verdict, Verdict::incomplete);
}

TEST(Applied, LimitThatCouldNotBeDerivedIsIncomplete) {
  Campaign c = healthy();
  c.criterion("throughput", Rule::floor).limit.reset();
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
}

TEST(Applied, OptionalCriterionThatCannotBeAppliedDoesNotCountAndIsShown) {
  Campaign c = healthy();
  c.criterion("throughput", Rule::floor).limit.reset();
  c.criterion("throughput", Rule::floor).required = false;
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::pass);
  EXPECT_EQ(row(report, "throughput", Rule::floor).verdict, Verdict::incomplete);
  EXPECT_FALSE(row(report, "throughput", Rule::floor).counts());
}

TEST(Applied, OptionalCriteriaOfWhichNoneAppliesAreNoPass) {
  Campaign c = healthy(1);
  PlannedCriterion only = c.criterion("throughput", Rule::floor);
  only.required = false;
  only.limit.reset();
  c.plan.criteria = {only};
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(report), HasSubstr("no limit was applied"));
}

TEST(Applied, OptionalCriterionThatIsBrokenCounts) {
  Campaign c = healthy();
  c.criterion("throughput", Rule::floor).required = false;
  c.throughput("d0", 50);
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(Applied, LimitsAndUncertaintiesThatAreNoNumbersAreErrors) {
  Campaign limit = healthy();
  limit.criterion("throughput", Rule::floor).limit = std::nan("");
  EXPECT_EQ(limit.judged().verdict, Verdict::error);
  for (const double bad : {-0.5, std::nan("")}) {
    Campaign u = healthy();
    u.criterion("throughput", Rule::floor).uncertainty = bad;
    EXPECT_EQ(u.judged().verdict, Verdict::error) << bad;
  }
}

TEST(Applied, UnknownStatisticAndRuleNeverPass) {
  Campaign c = healthy();
  c.criterion("throughput", Rule::floor).statistic = "best";
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("unknown statistic 'best'"));
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  Campaign drift = healthy();
  drift.criterion("throughput", Rule::floor).rule = Rule::drift;
  EXPECT_EQ(drift.judged().verdict, Verdict::incomplete);
}

TEST(Statistic, IsTakenOverTheWindows) {
  Campaign c = healthy();
  std::vector<WindowRecord>& windows = c.task(kLoad).windows;
  for (std::size_t i = 0; i < windows.size(); ++i) {  // medians 100 ... 109, p1 90 ..., p99 110 ...
    const double v = 100 + static_cast<double>(i);
    windows[i].metrics = {{"throughput", 2, 0, v - 20, v - 10, v, v + 10, v + 20, 2 * v}};
  }
  const auto value = [&](const char* statistic) {
    c.criterion("throughput", Rule::floor).statistic = statistic;
    return row(c.judged(), "throughput", Rule::floor).value.value_or(-1);
  };
  EXPECT_EQ(value("median"), 104.5);
  EXPECT_EQ(value("p1"), 90);
  EXPECT_EQ(value("p99"), 119);
  EXPECT_EQ(value("min"), 80);
  EXPECT_EQ(value("max"), 129);
  EXPECT_EQ(value("sum"), 2090);
  EXPECT_EQ(row(c.judged(), "throughput", Rule::floor).n, 10u);
}

TEST(Attempts, OnlyThePlanGrantsTheBestOfThem) {
  Campaign c = healthy();
  c.retry(kLoad);
  for (WindowRecord& window : c.evidence.tasks.back().windows) {
    window.metrics = {metric_window("throughput", 50)};
  }
  EXPECT_EQ(row(c.judged(), "throughput", Rule::floor).value, 50.0);
  c.step(kLoad).attempts = 2;
  EXPECT_EQ(row(c.judged(), "throughput", Rule::floor).value, 100.0);
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
}

TEST(Attempts, UnfinishedOnesMeasureNothing) {
  Campaign c = healthy();
  c.task(kLoad).outcome = Outcome::aborted;
  EXPECT_FALSE(row(c.judged(), "throughput", Rule::floor).value.has_value());
}

TEST(Environment, MakesRatesInvalidWithItsText) {
  Campaign c = healthy();
  c.throughput("d0", 50);
  c.evidence.events = {event("environment", "warning", "", "power cap 300 W set on all devices")};
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_EQ(row(report, "throughput", Rule::floor).reason, "power cap 300 W set on all devices");
  EXPECT_TRUE(row(report, "throughput", Rule::floor, "d1").spoiled);
  EXPECT_EQ(row(report, "miscompares", Rule::equals).verdict, Verdict::pass);
}

TEST(Environment, OfOneDeviceSpoilsThatDeviceOnly) {
  Campaign c = healthy();
  c.evidence.events = {event("environment", "warning", "d1", "another process uses it")};
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_EQ(report.devices[0].verdict, Verdict::pass);
  EXPECT_EQ(report.devices[1].verdict, Verdict::invalid);
}

TEST(PeerRule, FindsTheSlowSibling) {
  Campaign c = healthy(8);
  std::erase_if(c.plan.criteria, [](const auto& p) { return p.rule == Rule::floor; });
  for (int i = 0; i < 8; ++i) c.throughput("d" + std::to_string(i), 100 + 0.1 * i);
  c.throughput("d3", 93);
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(row(report, "throughput", Rule::peers, "d3").verdict, Verdict::fail);
  EXPECT_EQ(row(report, "throughput", Rule::peers, "d4").verdict, Verdict::pass);
  EXPECT_THAT(problem_text(report), HasSubstr("below the median"));
}

TEST(PeerRule, SmallShortfallOfAnOutlierDoesNotCount) {
  Campaign c = healthy(8);
  for (int i = 0; i < 8; ++i) c.throughput("d" + std::to_string(i), 100 + 0.01 * i);
  c.throughput("d3", 97);  // 3 % of 5 %
  EXPECT_EQ(row(c.judged(), "throughput", Rule::peers, "d3").verdict, Verdict::pass);
}

TEST(PeerRule, TooFewSiblingsAreIncomplete) {
  const Report report = healthy(3).judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(report), HasSubstr("only 3 siblings have a value, 4 are needed"));
}

TEST(PeerRule, NamingTheDeviceAmongItsSiblingsOrNotIsTheSame) {
  Campaign c = healthy(4);
  c.criterion("throughput", Rule::peers).siblings = {"d1", "d2", "d3"};
  EXPECT_EQ(row(c.judged(), "throughput", Rule::peers).peers->n, 4u);
}

TEST(PeerRule, NegativeSmallestEffectIsError) {
  Campaign c = healthy();
  c.criterion("throughput", Rule::peers).min_effect = -1;
  EXPECT_EQ(c.judged().verdict, Verdict::error);
}

}  // namespace
}  // namespace rackproof::testing
