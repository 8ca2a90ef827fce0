// SPDX-License-Identifier: Apache-2.0
#include "core/mix.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <numeric>

#include "backends/cpu/device_under_test.h"
#include "backends/cpu/mix_check.h"
#include "backends/cpu/mix_kernels.h"
#include "backends/cpu/mix_oracle.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kWords = 2 * kMixBlock;

std::vector<MixKernel> kernels() {
  std::vector<MixKernel> all;
  for (int k = 0; k < kMixKernels; ++k) all.push_back(static_cast<MixKernel>(k));
  return all;
}

// Null where this CPU lacks the instructions.
std::unique_ptr<Prepared> ready_if_possible(Device& device, MixKernel kernel,
                                            std::uint64_t words = kWords) {
  auto preparation = device.prepare(Mix{kernel, words});
  if (std::holds_alternative<Unsupported>(preparation)) return nullptr;
  return std::get<std::unique_ptr<Prepared>>(std::move(preparation));
}

std::vector<std::uint32_t> cores_of(const Burst& burst) {
  std::vector<std::uint32_t> cores;
  for (const CoreTally& c : burst.cores) cores.push_back(c.core);
  return cores;
}

class CpuMixOf : public testing::TestWithParam<MixKernel> {
 protected:
  void SetUp() override {
    prepared = ready_if_possible(*device, GetParam());
    if (!prepared) GTEST_SKIP() << mix_worker_maker(GetParam()).error().message;
  }
  std::unique_ptr<CpuDevice> device = device_with_cores(3);
  std::unique_ptr<Prepared> prepared;
};

TEST_P(CpuMixOf, ArrivesAtTheGoldenOnEveryCore) {
  for (const std::uint64_t pattern : {1, 2, 3}) {
    const RunFor how{.iterations = 3, .pattern = pattern};
    const Burst burst = prepared->run(how);
    expect_clean(burst, Mix{GetParam(), kWords}, how);
    EXPECT_EQ(burst.iterations, 3U);
    EXPECT_EQ(cores_of(burst), (std::vector<std::uint32_t>{0, 1, 2}));
    for (const CoreTally& c : burst.cores) EXPECT_EQ(c.iterations, 3U);
    EXPECT_EQ(burst.bytes, 3.0 * 3 * 8 * kWords);
  }
}

TEST_P(CpuMixOf, RunsOnOneCoreAlone) {
  const RunFor how{.iterations = 2, .pattern = 4, .core = 1};
  const Burst burst = prepared->run(how);
  expect_clean(burst, Mix{GetParam(), kWords}, how);
  EXPECT_EQ(cores_of(burst), std::vector<std::uint32_t>{1});
  EXPECT_EQ(burst.bytes, 2.0 * 8 * kWords);
}

TEST_P(CpuMixOf, RunsForATime) {
  const RunFor how{.until = Clock::now() + std::chrono::milliseconds(3), .pattern = 5};
  const Burst burst = prepared->run(how);
  expect_clean(burst, Mix{GetParam(), kWords}, how);
  EXPECT_GE(burst.iterations, 1U);
}

TEST_P(CpuMixOf, PutsEachCoresMistakeOnThatCore) {
  for (std::uint32_t core = 0; core < 3; ++core) {
    const auto armed = prepared->arm({.element = core * kWords + 77, .mask = 1ULL << 40});
    const RunFor how{.iterations = 2, .pattern = 6};
    const Burst burst = prepared->run(how);
    const auto flips = armed->activations();
    ASSERT_EQ(flips.size(), 1U);
    ASSERT_EQ(burst.miscompares, 1U);
    EXPECT_EQ(burst.samples[0].core, core);
    EXPECT_EQ(burst.samples[0].element, flips[0].element);
    EXPECT_EQ(burst.samples[0].expected, flips[0].before);
    EXPECT_EQ(burst.samples[0].got, flips[0].after);
    EXPECT_EQ(burst.cores[core].miscompares, 1U);
    EXPECT_NE(burst.digest, golden_of(Mix{GetParam(), kWords}, how));
  }
}

TEST_P(CpuMixOf, FindsEachKindOfFault) {
  for (const FaultKind kind :
       {FaultKind::flip, FaultKind::stuck, FaultKind::zero, FaultKind::nan, FaultKind::inf,
        FaultKind::swap, FaultKind::lanes, FaultKind::scramble}) {
    const auto armed = prepared->arm(
        {.kind = kind, .element = 1234, .mask = 0x30, .count = 4, .stride = kWords / 2});
    const RunFor how{.iterations = 2, .pattern = 7};
    const Burst burst = prepared->run(how);
    const std::uint64_t times = kind == FaultKind::stuck ? 2 : 1;
    const std::size_t flips = armed->activations().size();
    ASSERT_GE(flips, 1U) << name(kind);
    EXPECT_EQ(burst.miscompares, times * flips) << name(kind);
    EXPECT_NE(burst.digest, golden_of(Mix{GetParam(), kWords}, how)) << name(kind);
  }
}

TEST_P(CpuMixOf, StrikesOnlyTheCoreThatRuns) {
  const auto armed = prepared->arm({.element = 5});
  const Burst burst = prepared->run({.iterations = 1, .pattern = 8, .core = 2});
  ASSERT_EQ(burst.miscompares, 1U);
  EXPECT_EQ(burst.samples[0].core, 2U);
  EXPECT_EQ(burst.samples[0].element, 2 * kWords + 5);
}

TEST_P(CpuMixOf, IsCleanAgainAfterAFault) {
  auto armed = prepared->arm({.kind = FaultKind::stuck, .element = 9});
  (void)prepared->run({.iterations = 2, .pattern = 9});
  armed.reset();
  const RunFor how{.iterations = 2, .pattern = 9};
  expect_clean(prepared->run(how), Mix{GetParam(), kWords}, how);
}

INSTANTIATE_TEST_SUITE_P(Kernels, CpuMixOf, testing::ValuesIn(kernels()),
                         [](const auto& each) { return std::string(name(each.param)); });

// The golden is the same on every instruction set that this CPU has.
TEST(CpuMix, ArrivesAtTheGoldenOnEveryTarget) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    for (const MixKernel kernel : kernels()) {
      const auto maker = mix_worker_maker(kernel);
      if (!maker) continue;
      const auto right = mix_words(kernel, kMixBlock, 11);
      alignas(64) std::uint64_t words[kMixBlock];
      (*maker)(kernel, kMixBlock)->make({11, right, words});
      EXPECT_TRUE(std::equal(right.begin(), right.end(), words))
          << name(kernel) << " " << hwy::TargetName(target);
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(CpuMix, RefusesInsteadOfFallingBackToOtherInstructions) {
  hwy::SetSupportedTargetsForTest(HWY_STATIC_TARGET);
  const auto device = device_with_cores(1);
  const auto preparation = device->prepare(Mix{MixKernel::fma_fp64, kWords});
  const auto aes = mix_worker_maker(MixKernel::aes), matrix = mix_worker_maker(MixKernel::matrix);
  hwy::SetSupportedTargetsForTest(0);
#if HWY_ARCH_X86
  EXPECT_EQ(std::get<Unsupported>(preparation).reason,
            "mix fma_fp64 1024: this CPU has no FMA instructions");
  ASSERT_FALSE(aes);
  EXPECT_EQ(aes.error().message, "this CPU has no AES instructions");
  ASSERT_FALSE(matrix);
  EXPECT_EQ(matrix.error().message, "this CPU has no FMA instructions");
#endif
}

TEST(CpuMix, RefusesPartsOfBlocks) {
  const auto device = device_with_cores(1);
  EXPECT_EQ(std::get<Unsupported>(device->prepare(Mix{MixKernel::copy, 100})).reason,
            "mix copy 100: the number of words must be a multiple of 512, at most 16777216");
}

TEST(CpuMix, RefusesACoreThatIsNotThere) {
  const auto device = device_with_cores(2);
  const auto prepared = ready(*device, Mix{MixKernel::copy, kWords});
  EXPECT_THROW((void)prepared->run({.iterations = 1, .core = 2}), DeviceError);
}

TEST(CpuMix, IsNotStruckElsewhereThanInItsResult) {
  const auto device = device_with_cores(1);
  const auto prepared = ready(*device, Mix{MixKernel::copy, kWords});
  EXPECT_EQ(prepared->arm({.site = FaultSite::memory}), nullptr);
  EXPECT_EQ(prepared->arm({.site = FaultSite::operand}), nullptr);
}

TEST(CpuMix, RunsOnASingleCore) {
  const auto device = device_with_cores(1);
  const Mix mix{MixKernel::multiply, kWords};
  const RunFor how{.iterations = 2, .pattern = 3};
  expect_clean(ready(*device, mix)->run(how), mix, how);
}

TEST(CpuMixCheck, CountsEachWrongWordAndLeavesNoneRight) {
  const auto right = mix_words(MixKernel::copy, kMixBlock, 1);
  alignas(64) std::uint64_t words[kMixBlock];
  std::copy(right.begin(), right.end(), words);
  words[3] ^= 1;
  words[500] ^= 1ULL << 63;
  Findings findings;
  EXPECT_NE(check_mix(right, words, 1000, findings), 0U);
  ASSERT_EQ(findings.miscompares, 2U);
  EXPECT_EQ(findings.samples[0].element, 1003U);
  EXPECT_EQ(findings.samples[1].element, 1500U);
  (void)check_mix(right, words, 0, findings);
  EXPECT_EQ(findings.miscompares, 2 + kMixBlock);
}

TEST(CpuMixCompressor, IsDeterministicAndCompresses) {
  const Mix mix{MixKernel::compress, kWords};
  const MixAnswer answer = mix_answer(mix, 5);
  EXPECT_EQ(answer, mix_answer(mix, 5));
  EXPECT_LT(answer.packed.size(), kWords * 3 / 4);
  EXPECT_GT(answer.packed.size(), kWords / 4);
}

// Answers of three cores, the liars' first word wrong.
MixOracle oracle_with_liars(unsigned cores, const std::vector<unsigned>& liars,
                            std::vector<unsigned>* asked = nullptr) {
  return {cores, [=](const std::vector<unsigned>& which, std::uint64_t pattern) {
            std::vector<MixAnswer> all;
            for (const unsigned core : which) {
              if (asked != nullptr) asked->push_back(core);
              const bool lies = std::count(liars.begin(), liars.end(), core) > 0;
              all.push_back({{pattern + (lies ? 1 : 0), 7}, {}});
            }
            return all;
          }};
}

TEST(CpuMixOracle, AsksTwoCoresOnceForEachPattern) {
  std::vector<unsigned> asked;
  MixOracle oracle = oracle_with_liars(4, {}, &asked);
  EXPECT_EQ(oracle.right(5).words[0], 5U);
  EXPECT_EQ(oracle.right(5).words[0], 5U);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_NE(asked[0], asked[1]);
  EXPECT_TRUE(oracle.take_outvoted().empty());
}

TEST(CpuMixOracle, OutvotesALyingCore) {
  for (unsigned liar = 0; liar < 3; ++liar) {
    MixOracle oracle = oracle_with_liars(3, {liar});
    std::uint64_t outvoted = 0;
    for (std::uint64_t pattern = 1; pattern <= 30; ++pattern) {
      EXPECT_EQ(oracle.right(pattern).words[0], pattern);
      for (const auto& one : oracle.take_outvoted()) {
        EXPECT_EQ(one.core, liar);
        ++outvoted;
      }
    }
    EXPECT_GE(outvoted, 1U);
  }
}

TEST(CpuMixOracle, NoticesThatTwoCoresDisagree) {
  MixOracle oracle = oracle_with_liars(2, {1});
  (void)oracle.right(1);
  EXPECT_EQ(oracle.take_outvoted().size(), 1U);
}

}  // namespace
}  // namespace rackproof::cpu
