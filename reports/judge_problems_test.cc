// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

void lose(Campaign& c, const std::string& step, const std::string& device, Outcome outcome,
          const std::string& detail) {
  TaskRecord& task = c.task(step, device);
  task.outcome = outcome;
  task.detail = detail;
  task.windows.clear();
}

// d1 hangs twice, is quarantined, and misses its last drill.
Campaign with_a_hung_device(std::size_t devices) {
  Campaign c = healthy(devices);
  lose(c, kLoad, "d1", Outcome::hung, "silent for 30 s");
  c.retry(kLoad, "d1");
  lose(c, kLastDrill, "d1", Outcome::not_run, "quarantined: its worker hung twice");
  return c;
}

TEST(Problems, DevicesWithTheSameCausesAreOneProblem) {
  Campaign c = healthy(12);
  for (const char* device : {"d0", "d2", "d3", "d5", "d7"})
    lose(c, kLoad, device, Outcome::gang_lost, "lost d1: quarantined");
  const Report report = c.judged();
  ASSERT_EQ(report.problems.size(), 1u) << problem_text(report);
  EXPECT_EQ(report.problems[0].part, "d0, d2, d3 ... d7 (5 devices)");
  EXPECT_THAT(report.problems[0].parts, ElementsAre("d0", "d2", "d3", "d5", "d7"));
  EXPECT_THAT(report.problems[0].evidence, EndsWith("its gang lost d1: quarantined"));
  EXPECT_EQ(report.headline, "INCOMPLETE: 5 of 12 devices lost their gang");
}

TEST(Problems, DevicesWithNumbersOfTheirOwnStayApart) {
  Campaign c = healthy(8);
  c.throughput("d1", 60);
  c.throughput("d2", 61);
  EXPECT_EQ(c.judged().problems.size(), 2u) << problem_text(c.judged());
  EXPECT_EQ(c.judged().headline, "FAIL: 2 of 8 devices: d1 slow, d2 slow");
}

TEST(Problems, UnmetInventoryExplainsThatNothingRan) {
  Campaign c = healthy(8);
  c.plan.inventory.push_back({"n3: devices", "8", "7", false, "7 of 8 devices; missing d7"});
  c.evidence.tasks.clear();
  const Report report = c.judged();
  ASSERT_EQ(report.problems.size(), 2u) << problem_text(report);
  EXPECT_EQ(report.problems[1].verdict, Verdict::incomplete);
  EXPECT_THAT(report.problems[1].evidence,
              StartsWith("nothing was run because the inventory is wrong"));
  EXPECT_EQ(report.headline, "FAIL: inventory: 7 of 8 devices, missing d7");
}

TEST(Problems, AnInterruptedStartStaysAProblemBesideTheInventory) {
  Campaign c = healthy();
  c.plan.inventory.push_back({"devices", "8", "7", false, ""});
  c.evidence.tasks.clear();
  c.evidence.interrupted = true;
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("operator stopped"));
}

TEST(Problems, AHungDeviceTellsItsMissedStepsThereAndOnlyThere) {
  const Report report = with_a_hung_device(8).judged();
  ASSERT_EQ(report.problems.size(), 1u) << problem_text(report);
  EXPECT_EQ(report.problems[0].part, "d1");
  EXPECT_EQ(report.problems[0].verdict, Verdict::fail);
  EXPECT_THAT(report.problems[0].evidence, EndsWith("; 1 later step not run"));
  EXPECT_EQ(report.headline, "FAIL: 1 of 8 devices: d1 hung");
}

TEST(Problems, ABlindDetectorIsNotHiddenByALaterHang) {
  Campaign c = with_a_hung_device(8);
  c.task(kFirstDrill, "d1").windows[0].findings.clear();
  c.task(kFirstDrill, "d1").windows[0].miscompares = 0;
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("blind detector"));
}

TEST(Problems, MissingCoverageOfAWholeRunIsNotHidden) {
  Campaign c = healthy(8);
  for (WindowRecord& window : c.task(kLoad, "d1").windows) window.memory_tested_bytes = 500;
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("d1: memory.installed: 50 % of 97 %"));
}

TEST(Problems, EvidenceOfOnePartIsShort) {
  Campaign c = healthy(8);
  for (int i = 0; i < 50; ++i) {
    c.plan.criteria.push_back(c.criterion("throughput", Rule::floor));
    c.plan.criteria.back().limit = 91 + i;
  }
  c.throughput("d0", 50);
  const std::string evidence = c.judged().problems[0].evidence;
  EXPECT_LE(evidence.size(), 285u);
  EXPECT_THAT(evidence, EndsWith("; and 50 more"));
}

TEST(Problems, LoadIsToldBeforeTheDrill) {
  Campaign c = healthy(8);
  c.task(kFirstDrill, "d1").windows[2].miscompares = 1;
  c.task(kLoad, "d1").windows[0].miscompares = 1;
  EXPECT_THAT(c.judged().problems[0].evidence, HasSubstr(std::string("1 miscompares in ") + kLoad));
}

TEST(Problems, NextStepIsACommandWithTheStepsParameters) {
  Campaign c = healthy(8);
  c.step(kLoad).params = {{"dtype", "fp32"}, {"array_bytes", "16 MiB"}};
  c.task(kLoad, "d5").windows[0].miscompares = 2;
  const Problem problem = c.judged().problems[0];
  EXPECT_THAT(problem.next_step, StartsWith("take the part out of service"));
  EXPECT_EQ(problem.command,
            "rackproof stress compute.gemm --on d5 --with 'array_bytes=16 MiB' --with dtype=fp32");
}

TEST(Problems, APartThatIsNoDeviceHasNoCommand) {
  Campaign c = healthy();
  c.evidence.finished = false;
  const Problem problem = c.judged().problems[0];
  EXPECT_EQ(problem.command, "");
  EXPECT_THAT(problem.next_step, Not(EndsWith(":")));
}

TEST(Problems, AreNeverEmptyUnlessPass) {
  for (const Outcome outcome :
       {Outcome::unsupported, Outcome::device_error, Outcome::crashed, Outcome::hung,
        Outcome::garbage, Outcome::gang_lost, Outcome::aborted, Outcome::not_run}) {
    for (const char* step : {kFirstDrill, kLoad, kLastDrill}) {
      Campaign c = healthy();
      lose(c, step, "d0", outcome, "because");
      EXPECT_FALSE(c.judged().problems.empty()) << name(outcome) << " in " << step;
      EXPECT_EQ(c.judged().problems.front().verdict, c.judged().verdict) << name(outcome);
    }
  }
}

TEST(Headline, NamesThreeDevicesAndCountsTheOthers) {
  Campaign c = healthy(16);
  for (int i = 0; i < 5; ++i) c.task(kLoad, "d" + std::to_string(i)).windows[0].miscompares = 1 + i;
  EXPECT_EQ(
      c.judged().headline,
      "FAIL: 5 of 16 devices: d0 wrong results, d1 wrong results, d2 wrong results, and 2 more");
}

TEST(Headline, SaysWhatIsWrongBesideTheDevices) {
  Campaign c = healthy();
  c.evidence.finished = false;
  EXPECT_EQ(c.judged().headline, "INCOMPLETE: the run did not reach its end");
}

TEST(Headline, OfAPassSaysItsScope) {
  Campaign c = healthy(1);
  std::erase_if(c.plan.criteria, [](const auto& p) { return p.rule == Rule::peers; });
  std::erase_if(c.plan.coverage, [](const auto& d) { return d.name == "memory.installed"; });
  c.plan.stages_left_out = {"screen", "soak"};
  EXPECT_EQ(c.judged().headline,
            "PASS: demo, stage demo of 3: 1 device, 99 % of allocatable memory tested, detectors "
            "proven");
}

TEST(Headline, OfAPassWithoutRatesSaysSo) {
  Campaign c = healthy();
  std::erase_if(c.plan.criteria, [](const auto& p) { return p.rule != Rule::equals; });
  EXPECT_THAT(c.judged().headline, EndsWith("detectors proven, no demand on speed"));
  c.evidence.events.push_back({.kind = "sensor_root", .severity = "warning", .text = "elsewhere"});
  EXPECT_THAT(c.judged().headline, EndsWith(", sensors not of this machine"));
}

}  // namespace
}  // namespace rackproof::testing
