// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stressors/memory/coverage_campaign_for_test.h"
#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings modulo20_step(const std::string& memory = "100 %") {
  StepSettings settings = short_step("memory.modulo20", {{"memory", memory}});
  settings.duration_s = 0;
  settings.passes = 1;
  return settings;
}

TEST(Modulo20, CompletesAPassOverEveryWordOfAHealthyDevice) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, modulo20_step());
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.wrong_digests(), 0U);
  EXPECT_EQ(step.passes(), 1U);
  EXPECT_EQ(step.windows.back().memory_tested_bytes, 1 << 20);
  EXPECT_GE(step.recordings("bandwidth"), 1U);
}

TEST(Modulo20, CountsAFlippedBit) {
  const auto device = synthetic_device("wrong=memory every=10");
  EXPECT_GE(run_recorded(*device, modulo20_step()).miscompares(), 1U);
}

TEST(Modulo20, NoticesMemoryThatIsNotThere) {
  const auto device = synthetic_device("lies=size");
  EXPECT_GE(run_recorded(*device, modulo20_step()).miscompares(), 1U);
}

TEST(Modulo20, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const auto drill = short_drill(
      modulo20_step("1 %"), FaultSite::memory,
      {FaultKind::flip, FaultKind::stuck, FaultKind::zero, FaultKind::nan, FaultKind::flip});
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, 5U);
  EXPECT_EQ(found, 5U);
}

TEST(Modulo20, ReadsEachWordPlainAndInverted) {
  CellDevice device({64, 64}, {}, CellOrder::any_order);
  run_pass(registered("memory.modulo20"), device);
  EXPECT_EQ(device.words_read(), 2U * 64);
  EXPECT_EQ(device.words_written(), 20U * 2 * 2 * 64 - 2 * 64);  // a stripe once, all others twice
}

TEST(Modulo20, FindsEveryStuckCell) {
  const auto faults = every_fault(CellDefect::saf, {40, 8});
  const auto found = found_by(registered("memory.modulo20"), CellOrder::any_order, {40, 8}, faults);
  EXPECT_EQ(std::count(found.begin(), found.end(), 0), 0);
}

// Words of one stripe hold the same, so that nobody can tell which of them was read.
TEST(Modulo20, MissesSharedCellsWithinAStripeAndNoOthers) {
  const auto faults = every_fault(CellDefect::af_alias, {40, 8});
  const auto found = found_by(registered("memory.modulo20"), CellOrder::any_order, {40, 8}, faults);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const std::uint32_t victim = faults[i].victim / 8, aggressor = faults[i].aggressor / 8;
    EXPECT_EQ(found[i] == 0, victim % 20 == aggressor % 20) << victim << " on " << aggressor;
  }
}

TEST(Modulo20, RaisesNoAlarmOnGoodMemory) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto found = found_by(registered("memory.modulo20"), CellOrder::any_order, {64, 64},
                                good_memories({64, 64}), seed);
    EXPECT_EQ(std::count(found.begin(), found.end(), 1), 0) << seed;
  }
}

TEST(Modulo20, StopsBetweenSweepsAndThenClaimsNoPass) {
  const auto device = synthetic_device("bandwidth=1GB/s");
  StepSettings settings = modulo20_step("90 %");
  settings.duration_s = 0.01;
  const RecordedStep step = run_recorded(*device, settings);
  EXPECT_EQ(step.passes(), 0U);
  EXPECT_EQ(step.windows.back().memory_tested_bytes, 0);
}

TEST(Modulo20, IsUnsupportedWhereTheDeviceHasNoStripes) {
  const auto device = synthetic_device("unsupported=stripe");
  EXPECT_EQ(why_unsupported(*device, modulo20_step()), "n0-d0 does not support stripe");
}

}  // namespace
}  // namespace rackproof
