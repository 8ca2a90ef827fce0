// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings copy_step() { return short_step("interconnect.device_copy", {{"size", "64 KiB"}}); }

TEST(DeviceCopy, PassesOnAHealthyDevice) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, copy_step());
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.wrong_digests(), 0U);
  EXPECT_GE(step.recordings("bandwidth"), 1U);
}

TEST(DeviceCopy, CountsAWordThatArrivedChanged) {
  const auto device = synthetic_device("wrong=transfer every=1000");
  const RecordedStep step = run_recorded(*device, copy_step());
  EXPECT_EQ(step.miscompares(), 1U);
  EXPECT_EQ(step.wrong_digests(), 1U);
}

TEST(DeviceCopy, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const std::vector<FaultKind> kinds{FaultKind::flip, FaultKind::stuck, FaultKind::scramble};
  const auto drill = short_drill(copy_step(), FaultSite::transfer, kinds);
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, kinds.size());
  EXPECT_EQ(found, kinds.size());
}

TEST(DeviceCopy, IsUnsupportedWhereTheDeviceCannotCopy) {
  const auto device = synthetic_device("unsupported=copy");
  EXPECT_EQ(why_unsupported(*device, copy_step()), "n0-d0 does not support copy");
}

}  // namespace
}  // namespace rackproof
