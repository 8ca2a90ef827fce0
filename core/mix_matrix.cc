// SPDX-License-Identifier: Apache-2.0
// Products of matrices in integers, of the sums of the operands instead of each pair of them.
#include "core/mix_matrix.h"

#include <array>
#include <bit>

#include "core/mix_chains.h"

namespace rackproof::mix {
namespace {

using Matrix = std::array<std::array<std::int32_t, kTile>, kTile>;

// The sum of kSummands matrices that lie one behind the other from word `first` on.
template <class Place>
Matrix sum_of(std::uint64_t seed, std::uint64_t first, const Place& place) {
  Matrix sum{};
  for (std::uint64_t s = 0; s < kSummands; ++s) {
    std::array<std::uint64_t, kOperandWords> words{};
    for (std::uint64_t w = 0; w < kOperandWords; ++w)
      words[w] = pattern_word(seed, first + s * kOperandWords + w);
    for (std::uint64_t row = 0; row < kTile; ++row) {
      for (std::uint64_t column = 0; column < kTile; ++column) {
        const OperandPlace at = place(row, column);
        sum[row][column] += matrix_operand(words[at.word], at.byte);
      }
    }
  }
  return sum;
}

std::uint64_t result_bits(const Matrix& a, const Matrix& b, std::uint64_t i, std::uint64_t j) {
  std::int32_t sum = 0;
  for (std::uint64_t k = 0; k < kTile; ++k) sum += a[i][k] * b[k][j];
  constexpr auto kRounds = static_cast<std::int32_t>(kMatrixRounds);
  return std::bit_cast<std::uint32_t>(static_cast<float>(kRounds * sum));
}

}  // namespace

void matrix_block(std::uint64_t seed, std::uint64_t* block) {
  for (std::uint64_t tile = 0; tile < kTiles; ++tile) {
    const Matrix a = sum_of(seed, first_word_of_a(tile, 0), place_of_a);
    const Matrix b = sum_of(seed, first_word_of_b(tile, 0), place_of_b);
    for (std::uint64_t i = 0; i < kTile; ++i) {
      for (std::uint64_t j = 0; j < kTile; j += 2)
        block[word_of_result(tile, i, j)] = result_bits(a, b, i, j) | result_bits(a, b, i, j + 1)
                                                                          << 32;
    }
  }
}

}  // namespace rackproof::mix
