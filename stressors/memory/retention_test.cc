// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "stressors/memory/coverage_campaign_for_test.h"
#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings retention_step(const std::string& hold, const std::string& memory = "50 %") {
  StepSettings settings = short_step("memory.retention", {{"memory", memory}, {"hold", hold}});
  settings.duration_s = 0;
  settings.passes = 1;
  return settings;
}

// Seconds from the start of the step to the end of its last window.
double length_s(const RecordedStep& step) {
  return step.windows.back().start_s + step.windows.back().length_s;
}

// Greatest value of a metric, and how often it was recorded.
std::pair<double, std::uint64_t> most(const RecordedStep& step, const std::string& metric) {
  std::pair<double, std::uint64_t> result{-1, 0};
  for (const WindowRecord& window : step.windows) {
    for (const MetricWindow& m : window.metrics) {
      if (m.metric != metric) continue;
      result.first = std::max(result.first, m.max);
      result.second += m.count;
    }
  }
  return result;
}

TEST(Retention, CompletesAPassOnAHealthyDevice) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, retention_step("0 s"));
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.passes(), 1U);
  EXPECT_EQ(step.windows.back().memory_tested_bytes, 1 << 19);
  EXPECT_EQ(step.recordings("bandwidth"), 2U);
}

TEST(Retention, HoldsTheWordsWithTheDeviceHot) {
  const auto device = synthetic_device("fp32=1PFLOP/s");
  const RecordedStep step = run_recorded(*device, retention_step("1 s"));
  EXPECT_EQ(step.passes(), 1U);
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_GE(length_s(step), 1.0);
  EXPECT_EQ(most(step, "heated").first, 1);
}

TEST(Retention, HoldsTheWordsIdleWhereItCannotHeat) {
  const auto device = synthetic_device("unsupported=gemm");
  const RecordedStep step = run_recorded(*device, retention_step("1 s"));
  EXPECT_EQ(step.passes(), 1U);
  EXPECT_GE(length_s(step), 1.0);
  EXPECT_EQ(most(step, "heated").first, 0);
  EXPECT_GE(most(step, "heated").second, 1U);  // said at least every second: no long silence
}

TEST(Retention, IsIdleWhereTheTestedMemoryLeavesNoRoomToHeat) {
  const auto device = synthetic_device();
  StepSettings settings = retention_step("1 h", "100 %");
  settings.duration_s = 0.1;
  EXPECT_EQ(most(run_recorded(*device, settings), "heated").first, 0);
}

TEST(Retention, EndsInTimeWhileItHolds) {
  for (const std::string words : {"", "unsupported=gemm"}) {
    const auto device = synthetic_device(words);
    StepSettings settings = retention_step("1 h");
    settings.duration_s = 0.1;
    const RecordedStep step = run_recorded(*device, settings);
    EXPECT_EQ(step.passes(), 0U);
    EXPECT_EQ(step.windows.back().memory_tested_bytes, 0);
    EXPECT_LT(length_s(step), 60) << words;
  }
}

TEST(Retention, HoldsOtherWordsInEveryPass) {
  const auto device = synthetic_device();
  StepSettings settings = retention_step("0 s");
  settings.passes = 3;
  std::set<std::uint64_t> patterns;
  for (const WindowRecord& window : run_recorded(*device, settings).windows) {
    for (const WorkTally& work : window.work) patterns.insert(work.pattern);
  }
  EXPECT_EQ(patterns.size(), 3U);
}

TEST(Retention, CountsABitThatLeaked) {
  const auto device = synthetic_device("wrong=memory every=1");
  const RecordedStep step = run_recorded(*device, retention_step("0 s"));
  EXPECT_GE(step.miscompares(), 1U);
  EXPECT_GE(step.wrong_digests(), 1U);
}

TEST(Retention, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const auto drill = short_drill(retention_step("0 s", "1 %"), FaultSite::memory,
                                 {FaultKind::flip, FaultKind::stuck, FaultKind::nan});
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, 3U);
  EXPECT_EQ(found, 3U);
}

TEST(Retention, RaisesNoAlarmOnGoodMemory) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto found = found_by(registered("memory.retention"), CellOrder::any_order, {64, 64},
                                good_memories({64, 64}), seed);
    EXPECT_EQ(std::count(found.begin(), found.end(), 1), 0) << seed;
  }
}

TEST(Retention, IsUnsupportedWhereTheDeviceCannotCheck) {
  const auto device = synthetic_device("unsupported=check");
  EXPECT_EQ(why_unsupported(*device, retention_step("0 s")), "n0-d0 does not support check");
}

}  // namespace
}  // namespace rackproof
