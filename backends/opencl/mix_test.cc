// SPDX-License-Identifier: Apache-2.0
// Mix: the reference's words from every core, faults, refusals.
#include "backends/opencl/device_under_test.h"

namespace rackproof::opencl {
namespace {

constexpr MixKernel kOwn[] = {MixKernel::fma_fp32, MixKernel::fma_fp64, MixKernel::multiply,
                              MixKernel::copy};
constexpr std::uint64_t kWords = 512 + 130;  // the last block is not whole

class OpenClMix : public OnDevice {};
RACKPROOF_ON_BOTH(OpenClMix);

TEST_P(OpenClMix, EveryCoreArrivesAtTheReferencesWords) {
  for (const MixKernel kernel : kOwn) {
    const Mix work{kernel, kWords};
    const auto prepared = ready(device(), work);
    for (const std::uint64_t pattern : {1, 2}) {
      const RunFor how{.iterations = 2, .pattern = pattern};
      const Burst burst = prepared->run(how);
      expect_clean(burst, work, how);
      for (const CoreTally& core : burst.cores) EXPECT_GT(core.iterations, 0U);
    }
  }
}

TEST_P(OpenClMix, FindsEveryKindOfResultFault) {
  const Mix work{MixKernel::multiply, kWords};
  const auto prepared = ready(device(), work);
  for (const FaultKind kind : kKinds) {
    const RunFor how{.iterations = 2, .pattern = 3};
    const auto armed = prepared->arm({.kind = kind, .element = kWords + 600, .count = 3});
    const Burst burst = prepared->run(how);
    ASSERT_FALSE(armed->activations().empty());
    expect_found(burst, *armed, std::string(name(kind)));
    EXPECT_NE(burst.digest, golden_of(work, how));
  }
}

// Only one core of this machine's can be named; its groups take the copy's blocks in turn.
TEST_P(OpenClMix, GroupsOfOneCoreShareItsCopyWhereGroupsFindOutTheirCore) {
  Traits traits = traits_of(first_device());
  traits.cpu = traits.divisible = false;
  traits.directs_cores = true;
  KernelDevice directed(card_with(traits, kAllocatable));
  for (const MixKernel kernel : kOwn) {
    const Mix work{kernel, kWords};
    const auto prepared = ready(directed, work);
    for (const int core : {-1, 0}) {
      const RunFor how{.iterations = 2, .pattern = 3, .core = core};
      const Burst burst = prepared->run(how);
      expect_clean(burst, work, how);
      EXPECT_EQ(burst.cores[0].iterations, 4U);  // blocks of two iterations
    }
  }
}

TEST_P(OpenClMix, RunsOnOneCoreAloneWhereCoresCanBeHad) {
  const bool divided = GetParam() == As::itself && traits_of(first_device()).divisible;
  if (!divided) GTEST_SKIP() << "the device spreads work out itself";
  const Mix work{MixKernel::multiply, kWords};
  const RunFor how{.iterations = 1, .pattern = 3, .core = 1};
  const auto prepared = ready(device(), work);
  const Burst burst = prepared->run(how);
  expect_clean(burst, work, how);
  EXPECT_EQ(burst.cores[0].iterations, 0U);
  EXPECT_EQ(burst.cores[1].iterations, 2U);  // blocks
  EXPECT_THROW((void)prepared->run({.iterations = 1, .core = 4096}), DeviceError);
}

TEST_P(OpenClMix, RefusesWhatOpenClHasNoWordsFor) {
  EXPECT_EQ(
      refusal(device(), Mix{MixKernel::aes, kWords}),
      "mix aes: kernels in OpenCL C have no words for these instructions; they have fma_fp32, "
      "fma_fp64, multiply and copy");
  EXPECT_EQ(refusal(device(), Mix{MixKernel::copy, 0}), "mix of 0 words: 1 ... 16777216");
}

}  // namespace
}  // namespace rackproof::opencl
