// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/findings.h"

#include "backends/cpu/device_under_test.h"

namespace rackproof::cpu {
namespace {

using std::chrono::milliseconds;

TEST(CpuBurst, GoesOnUntilTheTimeAndFinishesTheIterationInHand) {
  const auto device = device_with_cores(2);
  const auto prepared = ready(*device, Gemm{DType::fp32, DType::fp32, 16, 16, 16});
  const RunFor how{.until = Clock::now() + milliseconds(30), .pattern = 2};
  const Burst burst = prepared->run(how);
  EXPECT_GE(burst.end, how.until);
  EXPECT_GE(burst.iterations, 1U);
  EXPECT_EQ(burst.flops, 2.0 * 16 * 16 * 16 * static_cast<double>(burst.iterations));
}

TEST(Tally, KeepsSamplesInTheOrderOfSections) {
  Tally tally(2);
  tally.of(1).add(10, 0, 1);
  tally.collect();
  tally.of(0).add(20, 0, 1);
  tally.checked(0);
  tally.collect();
  Burst burst;
  tally.write_to(burst);
  ASSERT_EQ(burst.samples.size(), 2U);
  EXPECT_EQ(burst.samples[0].core, 1U);
  EXPECT_EQ(burst.samples[1].element, 20U);
  EXPECT_EQ(burst.cores[0].iterations, 1U);
  EXPECT_EQ(burst.miscompares, 2U);
}

// A wrong operand spoils a whole row: it must not be lost among what it did.
TEST(Tally, PutsCausesBeforeAllResultsAndCountsBoth) {
  Tally tally(2);
  for (std::uint64_t i = 0; i < 2 * kMaxSamples; ++i) tally.of(0).add(i, 0, 1);
  tally.collect();
  tally.add_causes({{1, 1000, 4, 5}}, 3);
  Burst burst;
  tally.write_to(burst);
  ASSERT_EQ(burst.samples.size(), kMaxSamples);
  EXPECT_EQ(burst.samples[0].element, 1000U);
  EXPECT_EQ(burst.samples[1].element, 0U);
  EXPECT_EQ(burst.miscompares, 2 * kMaxSamples + 3);
  EXPECT_EQ(burst.cores[1].miscompares, 3U);
}

TEST(Tally, AddsUpWhatEachSectionFindsOfACore) {
  Tally tally(2);
  for (int section = 0; section < 2; ++section) {
    tally.of(1).add(10, 0, 1);
    tally.left_by(1).add(11, 0, 1);
    tally.collect();
  }
  Burst burst;
  tally.write_to(burst);
  EXPECT_EQ(burst.cores.at(0).miscompares, 0U);
  EXPECT_EQ(burst.cores.at(1).miscompares, 4U);
}

}  // namespace
}  // namespace rackproof::cpu
