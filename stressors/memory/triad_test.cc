// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings triad_step(const std::string& array_bytes = "64 KiB") {
  return short_step("memory.triad", {{"array_bytes", array_bytes}});
}

TEST(Triad, PassesOnAHealthyDevice) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, triad_step());
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.wrong_digests(), 0U);
  EXPECT_GE(step.recordings("bandwidth"), 1U);
}

TEST(Triad, CountsOneFlippedBit) {
  const auto device = synthetic_device("wrong=memory every=1000");
  const RecordedStep step = run_recorded(*device, triad_step());
  ASSERT_EQ(step.miscompares(), 1U);
  EXPECT_EQ(step.wrong_digests(), 1U);
  const Finding& found = step.windows.at(0).findings.at(0);
  EXPECT_EQ(std::popcount(found.expected ^ found.got), 1);
}

TEST(Triad, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const auto drill = short_drill(triad_step(), FaultSite::memory,
                                 {FaultKind::flip, FaultKind::stuck, FaultKind::nan});
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, 3U);
  EXPECT_EQ(found, 3U);
}

TEST(Triad, NoticesMemoryThatIsNotThere) {
  const auto device = synthetic_device("lies=size");
  EXPECT_GE(run_recorded(*device, triad_step("640 KiB")).miscompares(), 1U);
}

TEST(Triad, IsUnsupportedWithoutDoublePrecision) {
  const auto device = synthetic_device("unsupported=fp64");
  EXPECT_EQ(why_unsupported(*device, triad_step()), "n0-d0 does not support triad of fp64");
}

TEST(Triad, ReportsTooLargeArraysAsTheDevicesError) {
  const auto device = synthetic_device();
  EXPECT_THROW(run_recorded(*device, triad_step("512 KiB")), DeviceError);
}

}  // namespace
}  // namespace rackproof
