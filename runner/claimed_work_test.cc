// SPDX-License-Identifier: Apache-2.0
#include "runner/claimed_work.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

WorkTally tally(const std::string& work, std::uint64_t iterations, double bytes, double flops) {
  WorkTally tally;
  tally.work = work;
  tally.iterations = iterations;
  tally.bytes = bytes;
  tally.flops = flops;
  tally.busy_s = 0.1;
  return tally;
}

std::string refusal(const WorkTally& tally) {
  const auto checked = check_claimed_work(tally);
  return checked ? "" : checked.error().message;
}

TEST(ClaimedWork, BelievesWhatTheIterationsCanHaveDone) {
  EXPECT_EQ(refusal(tally("copy 4096", 3, 3 * 4096, 0)), "");
  EXPECT_EQ(refusal(tally("copy 4096", 3, 6 * 4096, 0)), "");  // both of its sides
  EXPECT_EQ(refusal(tally("triad fp64 4096", 2, 2 * 3 * 4096, 2 * 2 * 512)), "");
  EXPECT_EQ(refusal(tally("gemm fp32 fp32 2 3 4 exact", 10, 1e9, 10 * 2 * 24)), "");
  EXPECT_EQ(refusal(tally("sweep 4096 read 5555555555555555", 1, 2048, 0)), "");  // one half
  EXPECT_EQ(refusal(tally("fill 4096", 0, 0, 0)), "");
}

TEST(ClaimedWork, RefusesTenTimesTheWork) {
  EXPECT_EQ(refusal(tally("copy 4096", 1, 40960, 0)), "40960 bytes in 1 iterations of copy 4096");
  EXPECT_EQ(refusal(tally("fill 4096", 1, 40960, 0)), "40960 bytes in 1 iterations of fill 4096");
  EXPECT_NE(refusal(tally("triad fp64 4096", 1, 122880, 0)), "");
  EXPECT_NE(refusal(tally("sweep 4096 read 5555555555555555", 1, 40960, 0)), "");
  EXPECT_EQ(refusal(tally("gemm fp32 fp32 2 3 4 exact", 1, 0, 480)),
            "480 operations in 1 iterations of gemm fp32 fp32 2 3 4 exact");
}

TEST(ClaimedWork, RefusesIterationsThatDidLess) {
  EXPECT_EQ(refusal(tally("copy 4096", 10, 4096, 0)), "4096 bytes in 10 iterations of copy 4096");
  EXPECT_NE(refusal(tally("gemm fp32 fp32 2 3 4 exact", 10, 0, 48)), "");
}

TEST(ClaimedWork, RefusesOperationsOfAMove) {
  EXPECT_EQ(refusal(tally("copy 4096", 1, 4096, 1)), "1 operations in 1 iterations of copy 4096");
}

TEST(ClaimedWork, RefusesMuchWorkInNoTime) {
  WorkTally much = tally("copy 1048576", 1, 1048576, 0);
  much.busy_s = 0;
  EXPECT_EQ(refusal(much), "work that took no time: copy 1048576");
  WorkTally little = tally("copy 4096", 1, 4096, 0);
  little.busy_s = 0;
  EXPECT_EQ(refusal(little), "");
}

TEST(ClaimedWork, LetsWorkPassThatItDoesNotKnow) {
  EXPECT_EQ(refusal(tally("mix aes 4096", 1, 1e12, 1e15)), "");
}

}  // namespace
}  // namespace rackproof
