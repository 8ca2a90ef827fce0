// SPDX-License-Identifier: Apache-2.0
#include <hwy/targets.h>

#include <algorithm>
#include <set>

#include "backends/cpu/device_under_test.h"

namespace rackproof::cpu {
namespace {

struct Types {
  DType in, acc;
};
constexpr Types kI8{DType::i8, DType::i32}, kF32{DType::fp32, DType::fp32},
    kF64{DType::fp64, DType::fp64};

struct Size {
  std::int64_t m, n, k;
};
constexpr Size kSizes[] = {{1, 1, 1},      {1, 77, 1},    {2, 3, 5},
                           {13, 33, 7},    {70, 65, 129}, {37, 100, 391},
                           {128, 64, 256}, {5, 300, 193}, {9, 40, 2000}};

Gemm gemm(Types types, Size size, Operands operands) {
  return {types.in, types.acc, size.m, size.n, size.k, operands};
}

TEST(CpuGemm, ArrivesAtTheGoldenForEveryTypeAndSize) {
  const auto device = device_with_cores(3);
  for (const Types types : {kI8, kF32, kF64}) {
    for (const Size size : kSizes) {
      for (const Operands operands : {Operands::exact, Operands::error_free}) {
        if (types.in == DType::i8 && operands != Operands::exact) continue;
        const Workload work = gemm(types, size, operands);
        const RunFor how{.iterations = 2, .pattern = 99};
        expect_clean(ready(*device, work)->run(how), work, how);
      }
    }
  }
}

TEST(CpuGemm, IsCleanOnRandomOperandsWithinTheErrorBound) {
  const auto device = device_with_cores(2);
  for (const Types types : {kF32, kF64}) {
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
#if HWY_ARCH_X86
constexpr std::int64_t kTargets[] = {HWY_SCALAR, HWY_SSE4, HWY_AVX2, HWY_AVX3, 0};
#else
constexpr std::int64_t kTargets[] = {HWY_NEON, 0};
#endif
INSTANTIATE_TEST_SUITE_P(CpuKernels, EachTarget, ::testing::ValuesIn(kTargets));

struct FaultCase {
  Types types;
  Operands operands;
  FaultKind kind;
};

std::vector<FaultCase> fault_cases() {
  std::vector<FaultCase> all;
  for (const Types types : {kI8, kF32, kF64}) {
    for (const Operands operands : {Operands::exact, Operands::error_free, Operands::random}) {
      if (types.in == DType::i8 && operands != Operands::exact) continue;
      for (const FaultKind kind :
           {FaultKind::flip, FaultKind::stuck, FaultKind::zero, FaultKind::nan, FaultKind::swap}) {
        all.push_back({types, operands, kind});
      }
    }
  }
  return all;
}

// Findings, as (element, expected, got), must be exactly what the observer saw.
void expect_found(const std::vector<Activation>& flips, const Burst& burst, std::uint64_t times) {
  ASSERT_FALSE(flips.empty());
  EXPECT_EQ(burst.miscompares, flips.size() * times);
  std::set<std::uint64_t> elements;
  for (const Miscompare& m : burst.samples) elements.insert(m.element);
  for (const Activation& flip : flips) {
    EXPECT_TRUE(elements.contains(flip.element));
    const auto same = [&](const Miscompare& m) {
      return m.element == flip.element && m.expected == flip.before && m.got == flip.after;
    };
    EXPECT_TRUE(std::ranges::any_of(burst.samples, same));
  }
  EXPECT_EQ(elements.size(), flips.size());
}

// In the very first burst the struck result is the candidate itself, where it can be judged; that
// is one product more than iterations.
TEST(CpuGemm, FindsEveryKindOfResultFaultInItsFirstBurst) {
  const auto device = device_with_cores(2);
  for (const FaultCase& c : fault_cases()) {
    SCOPED_TRACE(std::string(name(c.types.in)) + " " + std::string(name(c.operands)) + " " +
                 std::string(name(c.kind)));
    const Workload work = gemm(c.types, {29, 70, 33}, c.operands);
    const auto prepared = ready(*device, work);
    const auto armed = prepared->arm({.kind = c.kind, .element = 1234, .mask = 0x100});
    const RunFor how{.iterations = 3, .pattern = 3};
    const Burst burst = prepared->run(how);
    const std::uint64_t products = c.operands == Operands::exact ? 4 : 3;
    expect_found(armed->activations(), burst, c.kind == FaultKind::stuck ? products : 1);
    EXPECT_EQ(prepared->run(how).miscompares, 0U);
  }
}

TEST(CpuGemm, FindsEveryKindOfResultFaultInALaterBurst) {
  const auto device = device_with_cores(2);
  for (const FaultCase& c : fault_cases()) {
    SCOPED_TRACE(std::string(name(c.types.in)) + " " + std::string(name(c.operands)) + " " +
                 std::string(name(c.kind)));
    const auto prepared = ready(*device, gemm(c.types, {29, 70, 33}, c.operands));
    const RunFor how{.iterations = 3, .pattern = 3};
    EXPECT_EQ(prepared->run(how).miscompares, 0U);
    const auto armed = prepared->arm({.kind = c.kind, .element = 1234, .mask = 0x100});
    const Burst burst = prepared->run(how);
    expect_found(armed->activations(), burst, c.kind == FaultKind::stuck ? 3 : 1);
  }
}

// The digest knows nothing of the compare's findings: were the compare blind, it would still tell.
TEST(CpuGemm, ShowsAWrongIterationInTheDigestThoughTheLastIsRight) {
  const auto device = device_with_cores(2);
  for (const Types types : {kI8, kF32, kF64}) {
    for (const Operands operands : {Operands::exact, Operands::error_free}) {
      if (types.in == DType::i8 && operands != Operands::exact) continue;
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

TEST(CpuGemm, FindsACorruptedGolden) {
  const auto device = device_with_cores(2);
  for (const Operands operands : {Operands::exact, Operands::error_free, Operands::random}) {
    const auto prepared = ready(*device, gemm(kF64, {29, 70, 33}, operands));
    const RunFor how{.iterations = 2, .pattern = 3};
    auto armed =
        prepared->arm({.site = FaultSite::memory, .kind = FaultKind::flip, .element = 777});
    const Burst burst = prepared->run(how);
    expect_found(armed->activations(), burst, 1);
    EXPECT_EQ(prepared->run(how).miscompares, 0U);
    armed.reset();
    EXPECT_EQ(prepared->run(how).miscompares, 0U);
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

TEST(CpuGemm, CutsAMaskToTheElementAndKeepsBitZero) {
  const auto device = device_with_cores(1);
  const auto prepared = ready(*device, gemm(kF32, {4, 4, 4}, Operands::exact));
  const auto armed =
      prepared->arm({.kind = FaultKind::flip, .element = 16 + 3, .mask = 1ULL << 40});
  (void)prepared->run({.iterations = 1, .pattern = 3});
  ASSERT_EQ(armed->activations().size(), 1U);
  EXPECT_EQ(armed->activations()[0].element, 3U);
  EXPECT_EQ(armed->activations()[0].before ^ armed->activations()[0].after, 1U);
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
  EXPECT_EQ(reason({DType::fp16, DType::fp32, 8, 8, 8}),
            "gemm of fp16 into fp32: the CPU back end has int8 into int32, fp32 and fp64");
  EXPECT_EQ(reason(gemm(kI8, {8, 8, 8}, Operands::random)), "int8 has no random operands");
  EXPECT_EQ(reason(gemm(kF32, {8, 0, 8}, Operands::exact)),
            "gemm 8 x 0 x 8: sizes are 1 ... 1048576");
}

}  // namespace
}  // namespace rackproof::cpu
