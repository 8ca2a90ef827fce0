// SPDX-License-Identifier: Apache-2.0
#include "core/mix_matrix.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>
#include <vector>

#include "core/mix_chains.h"

namespace rackproof::mix {
namespace {

using Matrix = std::vector<std::vector<float>>;

template <class Place>
Matrix matrix(std::uint64_t seed, std::uint64_t first, const Place& place) {
  Matrix all(kTile, std::vector<float>(kTile));
  for (std::uint64_t row = 0; row < kTile; ++row) {
    for (std::uint64_t column = 0; column < kTile; ++column) {
      const OperandPlace at = place(row, column);
      all[row][column] =
          static_cast<float>(matrix_operand(pattern_word(seed, first + at.word), at.byte));
    }
  }
  return all;
}

// One element the long way: every product of every round, one after the other in fp32.
float round_by_round(const std::vector<Matrix>& a, const std::vector<Matrix>& b, std::uint64_t i,
                     std::uint64_t j) {
  float sum = 0;
  for (std::uint64_t round = 0; round < kMatrixRounds; ++round) {
    for (const Matrix& each_a : a) {
      for (const Matrix& each_b : b) {
        for (std::uint64_t k = 0; k < kTile; ++k) sum += each_a[i][k] * each_b[k][j];
      }
    }
  }
  return sum;
}

float result(const std::vector<std::uint64_t>& block, std::uint64_t tile, std::uint64_t i,
             std::uint64_t j) {
  return std::bit_cast<float>(
      static_cast<std::uint32_t>(block[word_of_result(tile, i, j & ~1ULL)] >> 32 * (j % 2)));
}

TEST(MixMatrix, FactoredSumIsTheSumRoundByRound) {
  constexpr std::uint64_t kSeed = 9;
  std::vector<std::uint64_t> block(kMixBlock);
  matrix_block(kSeed, block.data());
  for (std::uint64_t tile = 0; tile < kTiles; ++tile) {
    std::vector<Matrix> a, b;
    for (std::uint64_t s = 0; s < kSummands; ++s) {
      a.push_back(matrix(kSeed, first_word_of_a(tile, s), place_of_a));
      b.push_back(matrix(kSeed, first_word_of_b(tile, s), place_of_b));
    }
    for (std::uint64_t j = 0; j < kTile; ++j) {
      for (const std::uint64_t i : {tile, tile + 9})
        EXPECT_EQ(result(block, tile, i, j), round_by_round(a, b, i, j)) << tile << " " << i;
    }
  }
}

TEST(MixMatrix, OperandsTakeEveryValueUpTo15AndFitBf16) {
  std::set<int> seen;
  for (std::uint64_t v = 0; v < 256; ++v) {
    const int operand = matrix_operand(v << 24 | 0xff00ff0000ULL << 24, 3);
    seen.insert(operand);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(static_cast<float>(operand)) & 0xffff, 0U) << v;
  }
  EXPECT_EQ(seen.size(), 31U);
  EXPECT_EQ(*seen.begin(), -15);
  EXPECT_EQ(*seen.rbegin(), 15);
}

// From the fragments' tables in the PTX ISA: element e of lane l of A, and of B's two halves.
TEST(MixMatrix, WordsHoldWhatALaneBringsToMma) {
  for (std::uint64_t lane = 0; lane < 32; ++lane) {
    const std::uint64_t group = lane / 4, in_group = lane % 4;
    for (std::uint64_t e = 0; e < 8; ++e) {
      const std::uint64_t row = group + ((e / 2) % 2 == 1 ? 8 : 0);
      const OperandPlace a = place_of_a(row, in_group * 2 + e % 2 + (e >= 4 ? 8 : 0));
      EXPECT_EQ(a.word, lane);
      EXPECT_EQ(a.byte, e);
      const std::uint64_t of_half = e % 4;
      const std::uint64_t k = in_group * 2 + of_half % 2 + (of_half >= 2 ? 8 : 0);
      const OperandPlace b = place_of_b(k, group + (e >= 4 ? 8 : 0));
      EXPECT_EQ(b.word, lane);
      EXPECT_EQ(b.byte, e);
    }
  }
}

// Pins the definition: kernels elsewhere were written to it.
TEST(MixMatrix, StaysTheSame) {
  std::vector<std::uint64_t> block(kMixBlock);
  matrix_block(1, block.data());
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < kMixBlock; ++i) digest += digest_term(block[i], i);
  EXPECT_EQ(digest, 0xac8c6afc63076000ULL);
}

TEST(MixMatrix, ResultsAreSpreadOverSignsAndMagnitudes) {
  std::vector<std::uint64_t> block(kMixBlock);
  matrix_block(4, block.data());
  int negative = 0, large = 0;
  for (std::uint64_t i = 0; i < kTile * kTile; ++i) {
    const float value = result(block, i / 64 % kTiles, i / kTile, i % kTile);
    negative += value < 0 ? 1 : 0;
    large += std::fabs(value) > 65536 ? 1 : 0;
  }
  EXPECT_GT(negative, 80);
  EXPECT_LT(negative, 176);
  EXPECT_GT(large, 80);
}

}  // namespace
}  // namespace rackproof::mix
