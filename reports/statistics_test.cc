// SPDX-License-Identifier: Apache-2.0
#include "reports/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace rackproof {
namespace {

TEST(Median, IsTheMiddleOrTheMeanOfTwo) {
  EXPECT_EQ(median({3, 1, 2}), 2.0);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_FALSE(median({}).has_value());
}

TEST(Decision, RefusesWhatIsNoNumber) {
  EXPECT_EQ(decide_floor(std::nan(""), 1, 0), Verdict::incomplete);
  EXPECT_EQ(decide_floor(1, std::nan(""), 0), Verdict::incomplete);
  EXPECT_EQ(decide_ceiling(1, 1, -1), Verdict::incomplete);
  EXPECT_EQ(decide_ceiling(-INFINITY, 1, 0), Verdict::incomplete);
}

// Hand-checked: median 10, deviations 0 0 1 1 2 5, MAD 1, z = 0.6745 * -5.
TEST(Peers, NumbersCanBeCheckedByHand) {
  const auto peers = compare_with_peers(5, {10, 10, 9, 11, 12, 5});
  ASSERT_TRUE(peers.has_value());
  EXPECT_EQ(peers->n, 6u);
  EXPECT_EQ(peers->median, 10);
  EXPECT_EQ(peers->mad, 1);
  EXPECT_DOUBLE_EQ(peers->z, -3.3725);
  EXPECT_EQ(peers->shortfall, 0.5);
  EXPECT_EQ(decide_peers(*peers, 0.05), Verdict::pass);  // -3.37 is not below -3.5
}

TEST(Peers, EqualSiblingsLeaveTheShortfallAlone) {
  const auto peers = compare_with_peers(9, {10, 10, 10, 9});
  ASSERT_TRUE(peers.has_value());
  EXPECT_EQ(peers->mad, 0);
  EXPECT_EQ(decide_peers(*peers, 0.1), Verdict::fail);
  EXPECT_EQ(decide_peers(*peers, 0.11), Verdict::pass);
}

TEST(Peers, CannotBeAppliedToFewOrToZeros) {
  EXPECT_FALSE(compare_with_peers(1, {1, 1, 1}).has_value());
  EXPECT_FALSE(compare_with_peers(0, {0, 0, 0, 0}).has_value());
}

TEST(Peers, BeingFasterIsNoFault) {
  EXPECT_EQ(decide_peers(*compare_with_peers(50, {10, 10, 10, 50}), 0), Verdict::pass);
}

TEST(SuccessBound, OfNoMissIsTheNthRootOfFivePercent) {
  for (const std::uint64_t n : {1ULL, 10ULL, 300ULL, 30000ULL}) {
    EXPECT_NEAR(success_lower_bound_95(n, n), std::pow(0.05, 1.0 / static_cast<double>(n)), 1e-12);
  }
  EXPECT_EQ(success_lower_bound_95(0, 0), 0);
  EXPECT_EQ(success_lower_bound_95(0, 5), 0);
}

TEST(SuccessBound, OfOneMissMatchesTheTable) {
  // P(X >= 9 of 10 | p) = 0.05 at p = 0.6058 (Clopper-Pearson).
  EXPECT_NEAR(success_lower_bound_95(9, 10), 0.6058, 1e-4);
}

TEST(Mtbf, BoundsMatchTheTable) {
  EXPECT_NEAR(mtbf_lower_bound_90(2302.585, 0), 1000, 0.01);
  EXPECT_NEAR(mtbf_lower_bound_90(1000, 1), 2000 / 7.779440, 0.01);  // chi-square 0.90, 4 d.f.
  EXPECT_EQ(mtbf_lower_bound_90(0, 0), 0);
}

// A part exactly at the limit, measured with U = 2 sigma: accepted with probability 2.275 % at
// most.
TEST(GuardBand, FalseAcceptanceMatchesTheory) {
  std::mt19937_64 random(20260101);
  std::normal_distribution<double> noise(100, 1);
  constexpr int kDraws = 200000;
  int accepted = 0;
  for (int i = 0; i < kDraws; ++i) {
    accepted += decide_floor(noise(random), 100, 2) == Verdict::pass ? 1 : 0;
  }
  EXPECT_NEAR(100.0 * accepted / kDraws, 2.275, 0.1);
}

struct RackResult {
  bool found = false, false_flag = false;
};

RackResult judge_rack(std::mt19937_64& random, int siblings, double degraded) {
  std::normal_distribution<double> spread(100, 1);
  std::vector<double> values;
  for (int i = 0; i < siblings; ++i) values.push_back(spread(random));
  values[0] *= 1 - degraded;
  RackResult result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool flagged =
        decide_peers(*compare_with_peers(values[i], values), 0.03) == Verdict::fail;
    (i == 0 && degraded > 0 ? result.found : result.false_flag) |= flagged;
  }
  return result;
}

TEST(PeerRule, FindsOneDegradedPartOfARack) {
  std::mt19937_64 random(20260102);
  constexpr int kRacks = 2000;
  int found = 0, false_flags = 0;
  for (int i = 0; i < kRacks; ++i) {
    found += judge_rack(random, 8, 0.20).found ? 1 : 0;
    false_flags += judge_rack(random, 8, 0).false_flag ? 1 : 0;
  }
  EXPECT_GE(found, kRacks * 0.999);
  EXPECT_LE(false_flags, kRacks * 0.01);
}

}  // namespace
}  // namespace rackproof
