// SPDX-License-Identifier: Apache-2.0
#include <hwy/targets.h>

#include <algorithm>
#include <set>

#include "backends/cpu/gemm_under_test.h"

namespace rackproof::cpu {
namespace {

struct Size {
  std::int64_t m, n, k;
};
constexpr Size kSizes[] = {{1, 1, 1},      {1, 77, 1},    {2, 3, 5},
                           {13, 33, 7},    {70, 65, 129}, {37, 100, 391},
                           {128, 64, 256}, {5, 300, 193}, {9, 40, 2000}};

Gemm gemm(const Types& types, Size size, Operands operands) {
  return gemm_of(types, size.m, size.n, size.k, operands);
}

TEST(CpuGemm, ArrivesAtTheGoldenForEveryTypeAndSize) {
  const auto device = device_with_cores(3);
  for (const Types& types : kAllTypes) {
    for (const Size size : kSizes) {
      for (const Operands operands : {Operands::exact, Operands::error_free}) {
        if (!exists(types, operands)) continue;
        const Workload work = gemm(types, size, operands);
        const RunFor how{.iterations = 2, .pattern = 99};
        expect_clean(ready(*device, work)->run(how), work, how);
      }
    }
  }
}

TEST(CpuGemm, IsCleanOnRandomOperandsWithinTheErrorBound) {
  const auto device = device_with_cores(2);
  for (const Types& types : kAllTypes) {
    if (!exists(types, Operands::random)) continue;
    for (const Size size : kSizes) {
      const Workload work = gemm(types, size, Operands::random);
      const auto prepared = ready(*device, work);
      for (std::uint64_t s = 0; s < 4; ++s) {
        EXPECT_EQ(prepared->run({.iterations = 2, .pattern = 7, .sample = s}).miscompares, 0U)
            << describe(work);
      }
    }
  }
}

// Instruction sets of this CPU that the kernels were built for, and back to the best at the end.
class EachTarget : public ::testing::TestWithParam<std::int64_t> {
 protected:
  static void restrict_to(std::int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().DeInit();
  }
  void TearDown() override { restrict_to(0); }
};

TEST_P(EachTarget, GivesTheSameExactDigests) {
  const bool always = GetParam() == 0 || GetParam() == HWY_SCALAR;
  if (!always && (hwy::SupportedTargets() & GetParam()) == 0) GTEST_SKIP() << "not on this CPU";
  restrict_to(GetParam());
  const auto device = device_with_cores(2);
  const Region region = device->allocate(1 << 14), other = device->allocate(1 << 14),
               third = device->allocate(1 << 14);
  const RunFor how{.iterations = 3, .pattern = 5};
  for (const Workload& work : std::vector<Workload>{
           gemm(kI8, {37, 45, 391}, Operands::exact), gemm(kF32, {37, 45, 391}, Operands::exact),
           gemm(kF64, {37, 45, 391}, Operands::exact),
           gemm(kF32, {9, 45, 20}, Operands::error_free), Copy{region, other},
           Triad{region, other, third}}) {
    expect_clean(ready(*device, work)->run(how), work, how);
  }
}

// The packing differs with the instruction set: each operand has its place in all of them.
TEST_P(EachTarget, FindsEveryOperandInItsPlace) {
  const bool always = GetParam() == 0 || GetParam() == HWY_SCALAR;
  if (!always && (hwy::SupportedTargets() & GetParam()) == 0) GTEST_SKIP() << "not on this CPU";
  restrict_to(GetParam());
  const auto device = device_with_cores(2);
  for (const Types& types : {kI8, kF32, kF64}) {
    const auto prepared = ready(*device, gemm(types, {5, 35, 7}, Operands::exact));
    for (std::uint64_t operand = 0; operand < 5 * 7 + 7 * 35; operand += 3) {
      const auto armed = prepared->arm({.site = FaultSite::operand, .element = operand});
      const Burst burst = prepared->run({.iterations = 1, .pattern = 3});
      ASSERT_EQ(armed->activations().size(), 1U);
      EXPECT_EQ(burst.samples.at(0).element, 5 * 35 + operand);
      EXPECT_EQ(burst.samples.at(0).expected, armed->activations()[0].before);
      EXPECT_EQ(burst.samples.at(0).got, armed->activations()[0].after);
    }
  }
}
#if HWY_ARCH_X86
constexpr std::int64_t kTargets[] = {HWY_SCALAR, HWY_SSE4, HWY_AVX2, HWY_AVX3, 0};
#else
constexpr std::int64_t kTargets[] = {HWY_NEON, 0};
#endif
INSTANTIATE_TEST_SUITE_P(CpuKernels, EachTarget, ::testing::ValuesIn(kTargets));

// The digest knows nothing of the compare's findings: were the compare blind, it would still tell.
TEST(CpuGemm, ShowsAWrongIterationInTheDigestThoughTheLastIsRight) {
  const auto device = device_with_cores(2);
  for (const Types& types : {kI8, kF32, kF64}) {
    for (const Operands operands : {Operands::exact, Operands::error_free}) {
      if (!exists(types, operands)) continue;
      const Workload work = gemm(types, {29, 70, 33}, operands);
      const auto prepared = ready(*device, work);
      const RunFor how{.iterations = 3, .pattern = 3};
      const auto armed = prepared->arm({.kind = FaultKind::flip, .element = 77});
      const Burst burst = prepared->run(how);
      EXPECT_EQ(burst.miscompares, 1U);
      EXPECT_NE(burst.digest, golden_of(work, how)) << describe(work);
      expect_clean(prepared->run(how), work, how);
    }
  }
}

// The vouched copy is struck, and so is the product that would tell where.
TEST(CpuGemm, LocatesACorruptedGoldenThoughTheLastProductIsWrongToo) {
  const auto device = device_with_cores(2);
  for (const Operands operands : {Operands::exact, Operands::error_free, Operands::random}) {
    const auto prepared = ready(*device, gemm(kF64, {29, 70, 33}, operands));
    const auto result = prepared->arm({.kind = FaultKind::flip, .element = 1234});
    const auto memory =
        prepared->arm({.site = FaultSite::memory, .kind = FaultKind::flip, .element = 777});
    const Burst burst = prepared->run({.iterations = 1, .pattern = 3});
    const Activation flip = memory->activations().at(0);
    EXPECT_TRUE(std::ranges::any_of(burst.samples, [&](const Miscompare& m) {
      return m.element == 777 && m.expected == flip.before && m.got == flip.after;
    })) << name(operands);
  }
}

TEST(CpuGemm, PutsAFaultOnTheCoreThatComputedIt) {
  const auto device = device_with_cores(2);
  const auto prepared = ready(*device, gemm(kF32, {48, 32, 16}, Operands::exact));
  (void)prepared->run({.iterations = 1, .pattern = 3});
  std::set<std::uint32_t> cores;
  for (int i = 0; i < 2; ++i) {
    const auto armed = prepared->arm({.kind = FaultKind::flip, .element = 5});
    const Burst burst = prepared->run({.iterations = 1, .pattern = 3});
    ASSERT_EQ(burst.samples.size(), 1U);
    cores.insert(burst.samples[0].core);
    EXPECT_EQ(burst.cores[burst.samples[0].core].miscompares, 1U);
  }
  EXPECT_EQ(cores, (std::set<std::uint32_t>{0, 1}));  // the slice went to the other core
}

TEST(CpuGemm, UsesEveryCoreInTurnWhenThereIsLessWorkThanCores) {
  const auto device = device_with_cores(5);
  const auto prepared = ready(*device, gemm(kF64, {1, 1, 9}, Operands::exact));
  const Burst burst = prepared->run({.iterations = 10, .pattern = 1});
  for (const CoreTally& core : burst.cores) EXPECT_EQ(core.iterations, 2U);
}

TEST(CpuGemm, ChangesItsDataWithThePattern) {
  const auto device = device_with_cores(2);
  const Workload work = gemm(kI8, {20, 20, 20}, Operands::exact);
  const auto prepared = ready(*device, work);
  for (const std::uint64_t pattern : {1, 2, 1}) {
    const RunFor how{.iterations = 1, .pattern = pattern};
    expect_clean(prepared->run(how), work, how);
  }
}

TEST(CpuGemm, FoldsAMaskIntoTheElement) {
  const auto device = device_with_cores(1);
  const auto prepared = ready(*device, gemm(kF32, {4, 4, 4}, Operands::exact));
  const auto armed =
      prepared->arm({.kind = FaultKind::flip, .element = 16 + 3, .mask = 1ULL << 40});
  (void)prepared->run({.iterations = 1, .pattern = 3});
  ASSERT_EQ(armed->activations().size(), 1U);
  EXPECT_EQ(armed->activations()[0].element, 3U);
  EXPECT_EQ(armed->activations()[0].before ^ armed->activations()[0].after, 1U << 8);
}

TEST(CpuGemm, LeavesAFaultOutThatWasDisarmedBeforeTheRun) {
  const auto device = device_with_cores(1);
  const auto prepared = ready(*device, gemm(kF32, {4, 4, 4}, Operands::exact));
  prepared->arm({.kind = FaultKind::stuck}).reset();
  EXPECT_EQ(prepared->run({.iterations = 1}).miscompares, 0U);
  EXPECT_EQ(prepared->arm({.site = FaultSite::transfer}), nullptr);
  EXPECT_EQ(prepared->arm({.kind = FaultKind::late}), nullptr);
}

TEST(CpuGemm, RefusesWhatItCannotDo) {
  const auto device = device_with_cores(1);
  const auto reason = [&](const Gemm& g) {
    return std::get<Unsupported>(device->prepare(g)).reason;
  };
  EXPECT_EQ(reason({DType::fp16, DType::fp16, 8, 8, 8}),
            "gemm of fp16 into fp16: the CPU back end sums int8 in int32, fp64 in fp64 and the "
            "other floating types in fp32");
  EXPECT_EQ(reason({DType::fp8_e5m2, DType::fp32, 8, 8, 1 << 20}),
            "no exact operands of fp8_e5m2 sum up 1048576 products in fp32: at most 8192");
  EXPECT_EQ(reason(gemm(kI8, {8, 8, 8}, Operands::random)), "int8 has no random operands");
  EXPECT_EQ(reason(gemm(kF32, {8, 0, 8}, Operands::exact)),
            "gemm 8 x 0 x 8: sizes are 1 ... 1048576");
}

}  // namespace
}  // namespace rackproof::cpu
