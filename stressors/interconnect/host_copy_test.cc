// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings copy_step(const std::string& direction) {
  return short_step("interconnect.host_copy", {{"size", "64 KiB"}, {"direction", direction}});
}

TEST(HostCopy, PassesOnAHealthyDeviceInBothDirections) {
  const auto device = synthetic_device();
  for (const char* direction : {"h2d", "d2h"}) {
    const RecordedStep step = run_recorded(*device, copy_step(direction));
    EXPECT_EQ(step.miscompares(), 0U) << direction;
    EXPECT_EQ(step.wrong_digests(), 0U) << direction;
    EXPECT_GE(step.recordings("bandwidth"), 1U) << direction;
  }
}

TEST(HostCopy, CountsAWordThatArrivedChanged) {
  const auto device = synthetic_device("wrong=transfer every=1000");
  const RecordedStep step = run_recorded(*device, copy_step("d2h"));
  EXPECT_EQ(step.miscompares(), 1U);
  EXPECT_EQ(step.wrong_digests(), 1U);
}

TEST(HostCopy, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const auto drill = short_drill(copy_step("h2d"), FaultSite::transfer,
                                 {FaultKind::flip, FaultKind::stuck, FaultKind::swap});
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, 3U);
  EXPECT_EQ(found, 3U);
}

TEST(HostCopy, IsUnsupportedWhereTheDeviceCannotCopy) {
  const auto device = synthetic_device("unsupported=copy");
  EXPECT_EQ(why_unsupported(*device, copy_step("h2d")), "n0-d0 does not support copy");
}

}  // namespace
}  // namespace rackproof
