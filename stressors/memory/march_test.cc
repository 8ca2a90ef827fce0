// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

// One pass over all memory that the device says it has.
StepSettings march_step(const std::string& memory = "100 %") {
  StepSettings settings = short_step("memory.march", {{"memory", memory}});
  settings.duration_s = 0;
  settings.passes = 1;
  return settings;
}

TEST(March, CompletesAPassOverEveryWordOfAHealthyDevice) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, march_step());
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.wrong_digests(), 0U);
  EXPECT_EQ(step.passes(), 1U);
  EXPECT_EQ(step.windows.back().memory_tested_bytes, 1 << 20);
  EXPECT_GE(step.recordings("bandwidth"), 1U);
}

TEST(March, CountsAFlippedBit) {
  const auto device = synthetic_device("wrong=memory every=100000");
  const RecordedStep step = run_recorded(*device, march_step());
  EXPECT_GE(step.miscompares(), 1U);
  EXPECT_GE(step.wrong_digests(), 1U);
}

TEST(March, NoticesMemoryThatIsNotThere) {
  const auto device = synthetic_device("lies=size");
  EXPECT_EQ(device->info().memory_bytes, 2U << 20);
  EXPECT_GE(run_recorded(*device, march_step()).miscompares(), 1U);
  EXPECT_EQ(run_recorded(*device, march_step("40 %")).miscompares(), 0U);
}

TEST(March, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const auto drill = short_drill(
      march_step("1 %"), FaultSite::memory,
      {FaultKind::flip, FaultKind::stuck, FaultKind::zero, FaultKind::nan, FaultKind::flip});
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, 5U);
  EXPECT_EQ(found, 5U);
}

TEST(March, StopsBetweenSweepsAndThenClaimsNoPass) {
  const auto device = synthetic_device("bandwidth=1GB/s");
  StepSettings settings = march_step("20 %");
  settings.duration_s = 0.01;
  const RecordedStep step = run_recorded(*device, settings);
  EXPECT_EQ(step.passes(), 0U);
  EXPECT_EQ(step.windows.back().memory_tested_bytes, 0);
}

TEST(March, IsUnsupportedWhereTheDeviceCannotSweep) {
  const auto device = synthetic_device("unsupported=sweep");
  EXPECT_EQ(why_unsupported(*device, march_step()), "n0-d0 does not support sweep");
}

}  // namespace
}  // namespace rackproof
