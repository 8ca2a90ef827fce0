// SPDX-License-Identifier: Apache-2.0
// matrix, the kernel of Mix that keeps matrix units busy: layout and operands. A block is four
// tiles; tile t, 16 x 16, is D = R * (A_0 + ... + A_7) * (B_0 + ... + B_7), to be made as R rounds
// of 64 products A_s * B_r of bf16 matrices, every pair (s, r) once a round, all summed in fp32.
// Operands are integers of magnitude up to 15, so that every partial sum is a whole number below
// 2^24, exact in any order; D's zeros are +0.
#pragma once

#include <cstdint>

#include "core/mix.h"

namespace rackproof::mix {

inline constexpr std::uint64_t kTile = 16;     ///< rows and columns of every matrix
inline constexpr std::uint64_t kTiles = 4;     ///< in a block
inline constexpr std::uint64_t kSummands = 8;  ///< matrices A_s of a tile, and B_r
inline constexpr std::uint64_t kMatrixRounds = 64;
inline constexpr std::uint64_t kMostOperand = 15;
static_assert(kMatrixRounds * kSummands * kSummands * kTile * kMostOperand * kMostOperand <
              1 << 24);

/// A matrix's operands take 32 words, 8 operands each: pattern_word(block's seed, first + word).
inline constexpr std::uint64_t kOperandWords = kTile * kTile / 8;
/// `first` of matrix A_s of a tile; B_r follows all of a tile's A.
constexpr std::uint64_t first_word_of_a(std::uint64_t tile, std::uint64_t s) {
  return (tile * 2 * kSummands + s) * kOperandWords;
}
constexpr std::uint64_t first_word_of_b(std::uint64_t tile, std::uint64_t r) {
  return first_word_of_a(tile, kSummands + r);
}

/// Where an operand is: the word of its matrix and the byte in there, from the lowest on.
struct OperandPlace {
  std::uint64_t word = 0, byte = 0;
};
/// Of A[i][k] and B[k][j]. Word w holds what lane w of a warp brings to mma.m16n8k16 for 16-bit
/// types: byte e of A is a_e; bytes 0 to 3 of B are b_0 to b_3 of columns 0 to 7, bytes 4 to 7
/// those of columns 8 to 15. Source: PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating
/// point type".
constexpr OperandPlace place_of_a(std::uint64_t i, std::uint64_t k) {
  return {i % 8 * 4 + k % 8 / 2, k / 8 * 4 + i / 8 * 2 + k % 2};
}
constexpr OperandPlace place_of_b(std::uint64_t k, std::uint64_t j) {
  return {j % 8 * 4 + k % 8 / 2, j / 8 * 4 + k / 8 * 2 + k % 2};
}
/// The operand in a byte of a word, in [-15, 15].
constexpr int matrix_operand(std::uint64_t word, std::uint64_t byte) {
  return static_cast<int>((word >> 8 * byte & 0xff) * (2 * kMostOperand + 1) >> 8) -
         static_cast<int>(kMostOperand);
}

/// The word of a block that holds D[i][j], as fp32, and D[i][j + 1] of a tile; j is even and in the
/// low half.
constexpr std::uint64_t word_of_result(std::uint64_t tile, std::uint64_t i, std::uint64_t j) {
  return (tile * kTile + i) * kTile / 2 + j / 2;
}
static_assert(word_of_result(kTiles, 0, 0) == kMixBlock);

}  // namespace rackproof::mix
