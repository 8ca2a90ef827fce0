// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings hold_step(const std::string& dtype) {
  return short_step("power.hold", {{"size", "48"}, {"dtype", dtype}});
}

TEST(Hold, LoadsAHealthyDeviceOfEveryFloatingType) {
  const auto device = synthetic_device(
      "fp16=9TFLOP/s bf16=9TFLOP/s tf32=9TFLOP/s "
      "fp8_e4m3=9TFLOP/s fp8_e5m2=9TFLOP/s fp4_e2m1=9TFLOP/s");
  for (const char* dtype :
       {"fp32", "fp64", "fp16", "bf16", "tf32", "fp8_e4m3", "fp8_e5m2", "fp4_e2m1"}) {
    const RecordedStep step = run_recorded(*device, hold_step(dtype));
    EXPECT_EQ(step.miscompares(), 0U) << dtype;
    EXPECT_GE(step.recordings("throughput"), 1U) << dtype;
  }
}

TEST(Hold, LoadsAHealthyDeviceWithFullMantissas) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, hold_step("fp32"));
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_GE(step.recordings("throughput"), 1U);
  EXPECT_EQ(step.windows.at(0).work.at(0).work, "gemm fp32 fp32 48 48 48 random");
}

TEST(Hold, SumsUpAsManyProductsAsItsDepth) {
  StepSettings deep = hold_step("fp32");
  deep.params["depth"] = "96";
  const RecordedStep step = run_recorded(*synthetic_device(), deep);
  EXPECT_EQ(step.miscompares(), 0U);
  EXPECT_EQ(step.windows.at(0).work.at(0).work, "gemm fp32 fp32 48 48 96 random");
}

TEST(Hold, CountsAWrongElement) {
  const auto device = synthetic_device("wrong=core:3 every=1");
  const RecordedStep step = run_recorded(*device, hold_step("fp64"));
  ASSERT_GE(step.miscompares(), 1U);
  for (const Finding& finding : step.windows.at(0).findings) EXPECT_EQ(finding.core, 3U);
}

TEST(Hold, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  const auto drill = short_drill(hold_step("fp64"), FaultSite::result,
                                 {FaultKind::flip, FaultKind::zero, FaultKind::swap});
  const auto [active, found] = run_recorded(*device, drill).active_and_found();
  EXPECT_EQ(active, 3U);
  EXPECT_EQ(found, 3U);
}

TEST(Hold, IsUnsupportedWhereTheDeviceLacksTheType) {
  const auto device = synthetic_device();
  EXPECT_EQ(why_unsupported(*device, hold_step("fp16")),
            "n0-d0 does not support gemm of fp16 into fp32");
}

}  // namespace
}  // namespace rackproof
