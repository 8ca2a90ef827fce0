// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

StepSettings gemm_step(const std::string& dtype, const std::string& operands = "exact") {
  return short_step("compute.gemm", {{"size", "48"}, {"dtype", dtype}, {"operands", operands}});
}

constexpr std::array kTypes{"int8", "fp32",     "fp64",     "fp16",    "bf16",
                            "tf32", "fp8_e4m3", "fp8_e5m2", "fp4_e2m1"};

std::unique_ptr<Device> device_of_all_types(const std::string& words = {}) {
  return synthetic_device(
      "fp16=9TFLOP/s bf16=9TFLOP/s tf32=9TFLOP/s fp8_e4m3=9TFLOP/s "
      "fp8_e5m2=9TFLOP/s fp4_e2m1=9TFLOP/s " +
      words);
}

TEST(Gemm, PassesOnAHealthyDevice) {
  const auto device = device_of_all_types();
  for (const char* dtype : kTypes) {
    const RecordedStep step = run_recorded(*device, gemm_step(dtype));
    EXPECT_EQ(step.miscompares(), 0U) << dtype;
    EXPECT_EQ(step.wrong_digests(), 0U) << dtype;
    EXPECT_GE(step.recordings("throughput"), 1U) << dtype;
  }
}

TEST(Gemm, ErrorFreeProductsArriveAtTheGolden) {
  const auto device = synthetic_device();
  const RecordedStep step = run_recorded(*device, gemm_step("fp64", "error_free"));
  EXPECT_EQ(step.wrong_digests(), 0U);
  EXPECT_EQ(step.windows.at(0).work.at(0).work, "gemm fp64 fp64 48 48 48 error_free");
}

TEST(Gemm, SumsUpAsManyProductsAsItsDepth) {
  const auto device = synthetic_device();
  StepSettings deep = gemm_step("fp32");
  deep.params["depth"] = "96";
  const RecordedStep step = run_recorded(*device, deep);
  EXPECT_EQ(step.wrong_digests(), 0U);
  EXPECT_EQ(step.windows.at(0).work.at(0).work, "gemm fp32 fp32 48 48 96 exact");
  deep.params["depth"] = "size";
  EXPECT_EQ(run_recorded(*device, deep).windows.at(0).work.at(0).work,
            "gemm fp32 fp32 48 48 48 exact");
}

TEST(Gemm, CountsAWrongElement) {
  const auto device = device_of_all_types("wrong=result");
  for (const char* dtype : kTypes) {
    const RecordedStep step = run_recorded(*device, gemm_step(dtype));
    EXPECT_GE(step.miscompares(), 1U) << dtype;
    EXPECT_GE(step.wrong_digests(), 1U) << dtype;
  }
}

TEST(Gemm, CatchesTheSameWrongAnswerEveryTime) {
  const auto device = synthetic_device("wrong=stuck");
  const RecordedStep step = run_recorded(*device, gemm_step("fp32"));
  std::uint64_t iterations = 0;
  for (const WindowRecord& w : step.windows) {
    for (const WorkTally& t : w.work) iterations += t.iterations;
  }
  EXPECT_EQ(step.miscompares(), iterations);
}

TEST(Gemm, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = device_of_all_types();
  const std::vector<FaultKind> kinds{FaultKind::flip, FaultKind::stuck, FaultKind::zero,
                                     FaultKind::nan, FaultKind::swap};
  for (const FaultSite site : find_stressor("compute.gemm")->drill_sites) {
    for (const char* dtype : kTypes) {
      const auto drill = short_drill(gemm_step(dtype), site, kinds);
      const auto [active, found] = run_recorded(*device, drill).active_and_found();
      EXPECT_EQ(active, kinds.size()) << dtype;
      EXPECT_EQ(found, kinds.size()) << dtype;
    }
  }
}

TEST(Gemm, IsUnsupportedWhereTheDeviceLacksTheType) {
  const auto device = synthetic_device("unsupported=fp64");
  EXPECT_EQ(why_unsupported(*device, gemm_step("fp64")),
            "n0-d0 does not support gemm of fp64 into fp64");
  EXPECT_EQ(why_unsupported(*device, gemm_step("bf16")),
            "n0-d0 does not support gemm of bf16 into fp32");
  EXPECT_EQ(why_unsupported(*device, gemm_step("int8", "random")),
            "n0-d0 does not support gemm of int8 with random operands");
  EXPECT_EQ(why_unsupported(*device, gemm_step("fp8_e4m3")),
            "n0-d0 does not support gemm of fp8_e4m3 into fp32");
}

TEST(Gemm, NamesThePeakOfItsType) {
  const StressorInfo* info = find_stressor("compute.gemm");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(peak_key(*info->metric("throughput"), {{"dtype", "int8"}}), "gemm.int8");
}

}  // namespace
}  // namespace rackproof
