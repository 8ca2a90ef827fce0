// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "stressors/memory/coverage_campaign_for_test.h"
#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings random_step(const std::string& memory = "100 %", const std::string& rounds = "4") {
  StepSettings settings = short_step("memory.random", {{"memory", memory}, {"rounds", rounds}});
  settings.duration_s = 0;
  settings.passes = 1;
  return settings;
}

TEST(RandomWords, CompletesAPassOverEveryWordOfAHealthyDevice) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, random_step());
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.wrong_digests(), 0U);
  EXPECT_EQ(step.passes(), 1U);
  EXPECT_EQ(step.windows.back().memory_tested_bytes, 1 << 20);
  EXPECT_EQ(step.recordings("bandwidth"), 4U * 2);
}

TEST(RandomWords, HoldsOtherWordsInEveryRoundOfEveryPass) {
  const auto device = synthetic_device();
  StepSettings settings = random_step("10 %");
  settings.passes = 2;
  std::set<std::uint64_t> patterns;
  for (const WindowRecord& window : run_recorded(*device, settings).windows) {
    for (const WorkTally& work : window.work) patterns.insert(work.pattern);
  }
  EXPECT_EQ(patterns.size(), 4U * 2);
}

TEST(RandomWords, CountsAFlippedBit) {
  const auto device = synthetic_device("wrong=memory every=3");
  const RecordedStep step = run_recorded(*device, random_step());
  EXPECT_GE(step.miscompares(), 1U);
  EXPECT_GE(step.wrong_digests(), 1U);
}

TEST(RandomWords, NoticesMemoryThatIsNotThere) {
  const auto device = synthetic_device("lies=size");
  EXPECT_GE(run_recorded(*device, random_step()).miscompares(), 1U);
}

TEST(RandomWords, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const auto drill = short_drill(
      random_step("1 %"), FaultSite::memory,
      {FaultKind::flip, FaultKind::stuck, FaultKind::zero, FaultKind::nan, FaultKind::swap});
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, 5U);
  EXPECT_EQ(found, 5U);
}

TEST(RandomWords, FindsStuckCellsAndWordsThatShareACell) {
  for (const CellDefect defect : {CellDefect::saf, CellDefect::af_none, CellDefect::af_alias}) {
    const auto faults = every_fault(defect, {16, 64});
    const auto found =
        found_by(registered("memory.random"), CellOrder::any_order, {16, 64}, faults);
    EXPECT_GE(std::count(found.begin(), found.end(), 1) * 100, std::ssize(found) * 95)
        << name(defect);
  }
}

TEST(RandomWords, RaisesNoAlarmOnGoodMemory) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto found = found_by(registered("memory.random"), CellOrder::any_order, {64, 64},
                                good_memories({64, 64}), seed);
    EXPECT_EQ(std::count(found.begin(), found.end(), 1), 0) << seed;
  }
}

TEST(RandomWords, IsUnsupportedWhereTheDeviceCannotCheck) {
  const auto device = synthetic_device("unsupported=check");
  EXPECT_EQ(why_unsupported(*device, random_step()), "n0-d0 does not support check");
}

}  // namespace
}  // namespace rackproof
