// SPDX-License-Identifier: Apache-2.0
#include "core/evidence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/plan.h"

namespace rackproof {
namespace {

Json start(std::uint64_t attempt = 1) {
  return Json{
      {"t", "task_start"}, {"step", "s"}, {"device", "d"}, {"attempt", attempt}, {"at_s", 1.0}};
}

Json end(const char* outcome, std::uint64_t attempt = 1) {
  return Json{{"t", "task_end"}, {"step", "s"},        {"device", "d"}, {"attempt", attempt},
              {"at_s", 2.0},     {"outcome", outcome}, {"detail", ""}};
}

Json window() {
  WindowRecord record;
  record.length_s = 1;
  record.bursts = 3;
  WorkTally tally;
  tally.work = "copy 512";
  tally.digest = Bits(0xfedcba9876543210ULL);
  record.work.push_back(tally);
  Json json = to_json(record);
  json.update(Json{{"t", "window"}, {"step", "s"}, {"device", "d"}, {"attempt", 1}});
  return json;
}

TEST(Evidence, GathersATaskFromItsRecords) {
  Evidence evidence;
  ASSERT_TRUE(evidence.apply(start()));
  ASSERT_TRUE(evidence.apply(window()));
  ASSERT_TRUE(evidence.apply(end("finished")));
  ASSERT_EQ(evidence.tasks.size(), 1U);
  EXPECT_EQ(evidence.tasks[0].outcome, Outcome::finished);
  EXPECT_EQ(evidence.tasks[0].windows.at(0).work.at(0).digest->value, 0xfedcba9876543210ULL);
  EXPECT_FALSE(evidence.tasks[0].windows.at(0).work.at(0).expected);
  EXPECT_TRUE(evidence.done("s", "d"));
}

TEST(Evidence, ATaskWithoutAnEndIsAbortedAndNotDone) {
  Evidence evidence;
  ASSERT_TRUE(evidence.apply(start()));
  EXPECT_EQ(evidence.tasks[0].outcome, Outcome::aborted);
  EXPECT_FALSE(evidence.done("s", "d"));
  EXPECT_TRUE(evidence.apply(start(2)));
}

TEST(Evidence, KeepsWhatWasReadAndWhereItIsStored) {
  Evidence evidence;
  SensorWindow counter{.sensor = "edac.mc0.ue", .unit = "count", .counter = true, .rise = 2};
  const SegmentRecord segment{
      .file = "telemetry/0001.csv.zst", .rows = 600, .size_bytes = 9000, .sha256 = "ab"};
  const KernelLogWindow log{.length_s = 5, .records = 7, .lost = 3, .proven = true};
  for (auto [kind, json] : {std::pair{"sensor", to_json(counter)},
                            {"segment", to_json(segment)},
                            {"kernel_log", to_json(log)}}) {
    json["t"] = kind;
    ASSERT_TRUE(evidence.apply(json)) << kind;
    json.erase(json.begin());
    EXPECT_FALSE(evidence.apply(json)) << kind << " with a field missing";
  }
  EXPECT_EQ(evidence.sensors.at(0).rise, 2);
  EXPECT_EQ(evidence.segments.at(0).rows, 600U);
  EXPECT_EQ(evidence.kernel_log.at(0).lost, 3U);
}

TEST(Evidence, RefusesBrokenOrder) {
  Evidence evidence;
  EXPECT_FALSE(evidence.apply(window()));
  EXPECT_FALSE(evidence.apply(end("finished")));
  ASSERT_TRUE(evidence.apply(start()));
  EXPECT_FALSE(evidence.apply(start(1)));
  ASSERT_TRUE(evidence.apply(end("hung")));
  EXPECT_FALSE(evidence.apply(end("finished")));
  EXPECT_FALSE(evidence.apply(window()));
}

TEST(Evidence, RefusesUnknownKindsAndMissingFields) {
  Evidence evidence;
  EXPECT_EQ(evidence.apply(Json{{"t", "surprise"}}).error().message,
            "unknown kind of record 'surprise'");
  EXPECT_FALSE(evidence.apply(Json{{"t", "task_start"}}));
  EXPECT_FALSE(evidence.apply(Json::array()));
  ASSERT_TRUE(evidence.apply(start()));
  EXPECT_FALSE(evidence.apply(end("splendid")));
  Json bad = window();
  bad["work"][0]["digest"] = 5;
  EXPECT_FALSE(evidence.apply(bad));
}

TEST(Genesis, IsReadBack) {
  Genesis genesis;
  genesis.run_id = "00112233445566778899aabbccddeeff";
  genesis.seed = sha256("seed");
  genesis.operator_name = "someone";
  const auto again = genesis_from_json(to_json(genesis));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(to_json(*again), to_json(genesis));
}

TEST(Plan, IsReadBackWithEveryField) {
  Plan plan;
  plan.profile = "p";
  plan.steps.push_back({.id = "s",
                        .stage = "quick",
                        .stressor = "compute.gemm",
                        .params = {{"size", "16"}},
                        .devices = {"d"},
                        .faults = {{FaultSite::memory, FaultKind::stuck}}});
  plan.criteria.push_back({.id = "c",
                           .step = "s",
                           .device = "d",
                           .metric = "throughput",
                           .rule = Rule::peers,
                           .limit = std::nullopt,
                           .reason = "no nominal",
                           .unit = Unit::flops,
                           .siblings = {"d", "e"}});
  plan.coverage.push_back({.name = "cores", .device = "d", .required = 1, .whole = 2});
  const auto again = plan_from_json(to_json(plan));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(to_json(*again), to_json(plan));
  EXPECT_EQ(again->criteria[0].limit, std::nullopt);
}

TEST(Summarize, UsesNearestRankAndSetsAsideWhatIsNoMeasurement) {
  const MetricWindow w = summarize("m", {4, 1, std::nan(""), 3, -1, 2, INFINITY});
  EXPECT_EQ(w.count, 4U);
  EXPECT_EQ(w.unusable, 3U);
  EXPECT_EQ(w.min, 1);
  EXPECT_EQ(w.p1, 1);
  EXPECT_EQ(w.median, 2);
  EXPECT_EQ(w.p99, 4);
  EXPECT_EQ(w.sum, 10);
}

}  // namespace
}  // namespace rackproof
