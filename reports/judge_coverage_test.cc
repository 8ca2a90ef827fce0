// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "reports/judge_test_support.h"
#include "reports/judge_watch.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;

const CoverageResult& demand(const Report& report, const std::string& name) {
  for (const CoverageResult& c : report.coverage) {
    if (c.demand.name == name) return c;
  }
  throw std::invalid_argument("no demand " + name);
}

void test_memory(Campaign& c, double bytes) {
  for (WindowRecord& window : c.task(kLoad).windows) window.memory_tested_bytes = bytes;
}

TEST(Coverage, MemoryJustEnoughPassesAndABitLessDoesNot) {
  Campaign c = healthy();
  test_memory(c, 990);
  EXPECT_EQ(demand(c.judged(), "memory.allocatable").verdict, Verdict::pass);
  test_memory(c, 989);
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("98.9 % of 99 % required"));
}

TEST(Coverage, WindowsDoNotAddUpToAWholeMemory) {
  Campaign c = healthy();
  test_memory(c, 500);  // ten times the same half
  EXPECT_EQ(demand(c.judged(), "memory.installed").share, 0.5);
}

TEST(Coverage, MoreThanIsInstalledIsInvalid) {
  Campaign c = healthy();
  test_memory(c, 2000);
  EXPECT_EQ(demand(c.judged(), "memory.installed").verdict, Verdict::invalid);
}

TEST(Coverage, MemoryOfUnknownSizeIsIncomplete) {
  for (const double whole : {0.0, -1.0, std::nan("")}) {
    Campaign c = healthy();
    c.plan.coverage[0].whole = whole;
    EXPECT_EQ(c.judged().verdict, Verdict::incomplete) << whole;
  }
}

TEST(Coverage, UnfinishedAttemptsTestNoMemory) {
  Campaign c = healthy();
  c.task(kLoad).outcome = Outcome::aborted;
  EXPECT_EQ(demand(c.judged(), "memory.installed").share, 0);
}

TEST(Coverage, DrillsTestNoMemory) {
  Campaign c = healthy();
  test_memory(c, 0);
  c.task(kFirstDrill).windows[0].memory_tested_bytes = 1000;
  EXPECT_EQ(demand(c.judged(), "memory.installed").share, 0);
}

// d0 of a campaign that demands the links to d1 and d2; each of `peers` brought it something.
Campaign with_links(const std::vector<std::string>& peers) {
  Campaign c = healthy();
  c.plan.coverage.push_back({"links", "d0", 1, 2});
  for (const std::string& peer : peers) {
    WorkTally work = c.task(kLoad).windows[0].work.at(0);
    work.peer = peer;
    c.task(kLoad).windows[0].work.push_back(work);
  }
  return c;
}

TEST(Coverage, LinkThatBroughtNothingIsIncomplete) {
  EXPECT_EQ(demand(with_links({"d1", "d2"}).judged(), "links").verdict, Verdict::pass);
  const Report report = with_links({"d1", "d1"}).judged();
  EXPECT_EQ(report.verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(report), HasSubstr("1 of 2 links brought checked data"));
  Campaign idle = with_links({"d1", "d2"});
  idle.task(kLoad).windows[0].work.back().iterations = 0;
  EXPECT_EQ(demand(idle.judged(), "links").share, 0.5);
}

TEST(Coverage, LinksOfADrillOrAnUnfinishedStepDoNotCount) {
  Campaign c = with_links({"d1", "d2"});
  std::swap(c.task(kFirstDrill).windows[0].work, c.task(kLoad).windows[0].work);
  EXPECT_EQ(demand(c.judged(), "links").share, 0);
  c = with_links({"d1", "d2"});
  c.task(kLoad).outcome = Outcome::aborted;
  EXPECT_EQ(demand(c.judged(), "links").share, 0);
}

TEST(Coverage, LinksOfADeviceWithoutPeersAreIncomplete) {
  Campaign c = with_links({});
  c.plan.coverage.back().whole = 0;
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("links: no other device of its kind"));
}

TEST(Coverage, IdleCoreIsIncomplete) {
  Campaign c = healthy();
  for (WindowRecord& window : c.task(kLoad).windows) window.cores[1].iterations = 0;
  EXPECT_EQ(demand(c.judged(), "cores").share, 0.5);
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
}

TEST(Coverage, WorkOfWhichNobodyKnowsTheCoreCoversNone) {
  Campaign c = healthy();
  for (WindowRecord& window : c.task(kLoad).windows) window.cores[1].core = kUnknownCore;
  EXPECT_EQ(demand(c.judged(), "cores").share, 0.5);
}

TEST(Coverage, MoreCoresThanThereAreIsInvalid) {
  Campaign c = healthy();
  c.task(kLoad).windows[0].cores.push_back({7, 1, 0});
  EXPECT_EQ(demand(c.judged(), "cores").verdict, Verdict::invalid);
}

TEST(Coverage, OfTheWholeAddsUpTheDevices) {
  Campaign c = healthy(4);
  c.plan.coverage.push_back({"memory.installed", "", 0.97, 4000});
  EXPECT_DOUBLE_EQ(c.judged().coverage.back().share, 0.99);
}

TEST(Coverage, WhatThisVersionCannotMeasureIsIncomplete) {
  const std::pair<const char*, double> demands[] = {{"kernel_log", 1}, {"links", 0}, {"sensor", 0}};
  for (const auto& [name, required] : demands) {
    Campaign c = healthy();
    c.plan.coverage.push_back({name, "", required, 0});
    EXPECT_EQ(c.judged().verdict, Verdict::incomplete) << name;
    EXPECT_FALSE(c.judged().coverage.back().reason.empty());
  }
}

TEST(Coverage, DemandThatIsNoNumberIsIncomplete) {
  Campaign c = healthy();
  c.plan.coverage[0].required = std::nan("");
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
}

TEST(SensorCoverage, SensorThatIsNotThereIsIncomplete) {
  Campaign c = healthy();
  c.evidence.sensors.clear();
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("no sensor of that name answered"));
}

TEST(SensorCoverage, ErrorsAndUnsupportedReadingsAreGaps) {
  Campaign errors = healthy();
  errors.evidence.sensors[0].errors = 5;
  errors.evidence.sensors[0].error = "Input/output error";
  EXPECT_EQ(errors.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(errors.judged()), HasSubstr("answered 20 of 25 readings, Input/output"));
  Campaign unsupported = healthy();
  unsupported.evidence.sensors[0].unsupported = 1;
  EXPECT_EQ(unsupported.judged().verdict, Verdict::incomplete);
}

TEST(SensorCoverage, SilenceUnderLoadIsAGap) {
  Campaign c = healthy();
  c.evidence.sensors.pop_back();  // 10 of 20 s are left
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("watched for 10 s of 20 s under load"));
}

TEST(SensorCoverage, WorstOfTheMatchingSensorsCounts) {
  Campaign c = healthy();
  SensorWindow silent = c.evidence.sensors[0];
  silent.sensor = "hwmon1.temp1";
  silent.count = 0;
  silent.unsupported = 10;
  c.evidence.sensors.push_back(silent);
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
}

TEST(Pattern, StarMatchesAnyText) {
  EXPECT_TRUE(matches("hwmon*.temp*", "hwmon12.temp1"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a", "a"));
  EXPECT_FALSE(matches("a", "ab"));
  EXPECT_FALSE(matches("a*b", "acd"));
  EXPECT_FALSE(matches("", "a"));
}

TEST(Spans, OverlapsCountOnce) {
  EXPECT_EQ(covered_s({{0, 4}, {2, 6}, {10, 11}}), 7);
  const std::vector<Span> within{{1, 3}, {5, 20}};
  EXPECT_EQ(covered_s({{0, 4}, {2, 6}, {10, 11}}, &within), 4);
  EXPECT_EQ(covered_s({{3, 1}, {0, std::nan("")}}), 0);
}

}  // namespace
}  // namespace rackproof::testing
