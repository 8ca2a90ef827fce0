// SPDX-License-Identifier: Apache-2.0
// For tests: the vector loops as each instruction set of this CPU has them.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstdint>

namespace rackproof {

/// The parameter is a Highway target; the loops are that target's during the test.
class OnEachTarget : public ::testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override {
    if (GetParam() != HWY_SCALAR && (hwy::SupportedTargets() & GetParam()) == 0)
      GTEST_SKIP() << "not on this CPU";
    choose(GetParam());
  }
  void TearDown() override { choose(0); }

 private:
  static void choose(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
  }
};

#if HWY_ARCH_X86
inline constexpr std::int64_t kEachTarget[] = {HWY_SCALAR, HWY_SSE4, HWY_AVX2, HWY_AVX3};
#else
inline constexpr std::int64_t kEachTarget[] = {HWY_NEON};
#endif

}  // namespace rackproof
