// SPDX-License-Identifier: Apache-2.0
#include "core/mix.h"

#include <gtest/gtest.h>

#include "backends/synthetic/device_on_test.h"

namespace rackproof {
namespace {

constexpr Mix kMix{MixKernel::aes, 512};

std::uint64_t mix_golden(const RunFor& how) { return **golden({describe(kMix), how.pattern}); }

TEST(SyntheticMix, ArrivesAtTheGoldenOnEveryCore) {
  const auto device = small_device();
  const Burst burst = prepared_on(*device, kMix)->run(once());
  EXPECT_EQ(burst.digest, mix_golden(once()));
  EXPECT_EQ(burst.cores.size(), 4U);
  EXPECT_EQ(burst.bytes, 4 * 8 * 512);
}

TEST(SyntheticMix, RunsOnOneCoreAlone) {
  const auto device = small_device();
  const RunFor alone{.iterations = 1, .pattern = 7, .core = 2};
  const Burst burst = prepared_on(*device, kMix)->run(alone);
  EXPECT_EQ(burst.digest, mix_golden(alone));
  ASSERT_EQ(burst.cores.size(), 1U);
  EXPECT_EQ(burst.cores[0].core, 2U);
  EXPECT_THROW((void)prepared_on(*device, kMix)->run({.iterations = 1, .core = 4}), DeviceError);
}

TEST(SyntheticMix, AWrongCoreIsWrongAloneAndAmongOthers) {
  const auto device = small_device("wrong=core:2 every=1");
  const auto prepared = prepared_on(*device, kMix);
  for (const int core : {-1, 0, 1, 2, 3}) {
    const RunFor how{.iterations = 1, .pattern = 7, .core = core};
    const Burst burst = prepared->run(how);
    const bool wrong = core == -1 || core == 2;
    ASSERT_EQ(burst.miscompares, wrong ? 1U : 0U) << core;
    EXPECT_EQ(burst.digest == mix_golden(how), !wrong) << core;
    if (wrong) {
      EXPECT_EQ(burst.samples[0].core, 2U);
    }
  }
}

TEST(SyntheticMix, ReportsAFaultWhereItStruck) {
  const auto device = small_device();
  const auto prepared = prepared_on(*device, kMix);
  for (const int core : {-1, 1}) {
    const auto armed = prepared->arm({.element = 1000001, .mask = 4});
    const Burst burst = prepared->run({.iterations = 1, .pattern = 7, .core = core});
    ASSERT_EQ(armed->activations().size(), 1U);
    ASSERT_EQ(burst.miscompares, 1U);
    EXPECT_EQ(burst.samples[0].element, armed->activations()[0].element);
    EXPECT_EQ(burst.samples[0].got, armed->activations()[0].after);
    if (core >= 0) {
      EXPECT_EQ(burst.samples[0].core, 1U);
    }
  }
}

TEST(SyntheticMix, CanLackAKernel) {
  const auto device = small_device("unsupported=sha256");
  const auto refused = device->prepare(Mix{MixKernel::sha256, 512});
  EXPECT_EQ(std::get<Unsupported>(refused).reason, "n0-d0 does not support mix of sha256");
  EXPECT_EQ(prepared_on(*device, kMix)->run(once()).miscompares, 0U);
}

}  // namespace
}  // namespace rackproof
