// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stressors/memory/coverage_campaign_for_test.h"
#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings address_step(const std::string& memory = "100 %") {
  StepSettings settings = short_step("memory.address", {{"memory", memory}});
  settings.duration_s = 0;
  settings.passes = 1;
  return settings;
}

TEST(AddressInAddress, CompletesAPassOverEveryWordOfAHealthyDevice) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, address_step());
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.wrong_digests(), 0U);
  EXPECT_EQ(step.passes(), 1U);
  EXPECT_EQ(step.windows.back().memory_tested_bytes, 1 << 20);
  EXPECT_EQ(step.recordings("bandwidth"), 4U);
}

TEST(AddressInAddress, CountsAFlippedBit) {
  const auto device = synthetic_device("wrong=memory every=2");
  const RecordedStep step = run_recorded(*device, address_step());
  EXPECT_GE(step.miscompares(), 1U);
  EXPECT_GE(step.wrong_digests(), 1U);
}

TEST(AddressInAddress, NoticesMemoryThatIsNotThere) {
  const auto device = synthetic_device("lies=size");
  EXPECT_GE(run_recorded(*device, address_step()).miscompares(), 1U);
}

TEST(AddressInAddress, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const auto drill = short_drill(address_step("1 %"), FaultSite::memory,
                                 {FaultKind::flip, FaultKind::stuck, FaultKind::swap});
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, 3U);
  EXPECT_EQ(found, 3U);
}

TEST(AddressInAddress, FindsEveryWrongAddressWhateverTheOrder) {
  for (const CellDefect defect : {CellDefect::saf, CellDefect::af_none, CellDefect::af_alias}) {
    const auto faults = every_fault(defect, {64, 64});
    const auto found =
        found_by(registered("memory.address"), CellOrder::any_order, {64, 64}, faults);
    EXPECT_EQ(std::count(found.begin(), found.end(), 0), 0) << name(defect);
  }
}

TEST(AddressInAddress, RaisesNoAlarmOnGoodMemory) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto found = found_by(registered("memory.address"), CellOrder::any_order, {64, 64},
                                good_memories({64, 64}), seed);
    EXPECT_EQ(std::count(found.begin(), found.end(), 1), 0) << seed;
  }
}

TEST(AddressInAddress, IsUnsupportedWhereTheDeviceCannotCheck) {
  const auto device = synthetic_device("unsupported=check");
  EXPECT_EQ(why_unsupported(*device, address_step()), "n0-d0 does not support check");
}

}  // namespace
}  // namespace rackproof
