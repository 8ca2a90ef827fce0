// SPDX-License-Identifier: Apache-2.0
// What the kernels of Mix compute: the one definition that the reference and every back end follow.
// A block is kMixBlock words. Its chains start from the pattern, take many rounds for each word
// they give out, and are bijections of their state in each round: a wrong result of one instruction
// cannot be masked, since the states differ from then on until the block's end.
#pragma once

#include <bit>
#include <cstdint>

#include "core/mix.h"
#include "core/oracle.h"

namespace rackproof::mix {

/// Vector kernels give out rows: word `kRow * row + lane` comes from chain `lane`.
inline constexpr std::uint64_t kRow = 64, kRows = kMixBlock / kRow;
/// What operands step by; the golden ratio, odd.
inline constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;

/// Seeds block `block` of a kernel.
constexpr std::uint64_t block_seed(MixKernel kernel, std::uint64_t pattern, std::uint64_t block) {
  const std::uint64_t which = static_cast<std::uint64_t>(kernel) + 1;
  return pattern_word(pattern ^ mix64(which * 0xd1b54a32d192ed03ULL), block);
}
/// State `k` that chain `lane` of `lanes` starts with.
constexpr std::uint64_t first_state(std::uint64_t seed, std::uint64_t k, std::uint64_t lane,
                                    std::uint64_t lanes = kRow) {
  return pattern_word(seed, k * lanes + lane);
}
/// What a chain with these states gives out: each bit of each state counts.
constexpr std::uint64_t give_out(std::uint64_t w, std::uint64_t x, std::uint64_t y,
                                 std::uint64_t z = 0) {
  return w ^ std::rotr(x, 17) ^ std::rotr(y, 34) ^ std::rotr(z, 51);
}

/// fma: states w, x, y, z are numbers of magnitude [1/8, 2) with full mantissas. A round is
/// w = base | ((w ^ f ^ f >> shift) & free), f the bits of x * y - z rounded once; the states then
/// change roles. Cancellation and shifts by up to 7 places are common; there are no subnormals.
/// A turn is four rounds, so that each state is made once. fp32: two chains a word, low half first.
template <class Bits>
struct Fma;
template <>
struct Fma<std::uint32_t> {
  static constexpr std::uint32_t kFree = 0x81ffffffU, kBase = 0x3e000000U;
  static constexpr int kFold = 17;  // sign and exponent fall on mantissa bits
};
template <>
struct Fma<std::uint64_t> {
  static constexpr std::uint64_t kFree = 0x803fffffffffffffULL, kBase = 0x3fc0000000000000ULL;
  static constexpr int kFold = 41;
};
inline constexpr int kFmaTurns = 8;  ///< a row

/// multiply: the first kScalarRows rows' words come from 4 scalar chains (word 4 * step + chain),
/// w = (rotr(w, 17) + low(x * y)) ^ high(x * y); the others from vector chains whose turn is
///   w = (rotr(w, 17) + x0 * y0) ^ (x *32 y)      x0, y0: low 32 bits; *32, *16: products by lane
///   x = (rotr(x, 17) + y * w) ^ high16(y *16 w)  high16: the upper half of unsigned products
///   y = (rotr(y, 17) + signed w0 * x0) ^ (w *16 x)
inline constexpr std::uint64_t kScalarChains = 4, kScalarRows = 2;
inline constexpr int kScalarTurns = 4, kMultiplyTurns = 8;

/// permute: chains are groups of 8 words, 64 bytes; indices are
/// taken modulo 16. A turn is
///   w = rotr(w, 13) + bytes of x at y's bytes, within each 16 bytes
///   x = rotr(x, 13) + 32-bit words of y at w's 32-bit words, within all 64 bytes
///   y = rotr(y, 13) + bytes 5 to 20 of x followed by w, within each 16 bytes
inline constexpr std::uint64_t kGroup = 8;
inline constexpr int kPermuteTurns = 12;

/// aes: chains are 16 bytes, a state s and a key k. A turn is s = round(s, k), k += kStep in each
/// 64 bits, s = inverse round(s, k), k += kStep; what is given out is
/// last inverse round(last round(s, k), k). Rounds as the CPU's instructions have them.
inline constexpr int kAesTurns = 40;

/// sha256: one chain, hash = compress(hash, message), the message's 8 words stepping by kStep.
inline constexpr std::uint64_t kHashWords = 4, kMessageWords = 8;

/// crc32c: 4 chains (word 4 * step + chain) of two checksums each: low and high half of a word.
inline constexpr std::uint64_t kCrcChains = 4;
inline constexpr int kCrcTurns = 8;

/// matrix: products of small matrices, no chain; core/mix_matrix.h.

/// What kernels that only move data must bring back: every word its own (copy), or what a
/// compressor has work with (compress).
void copy_content(std::uint64_t seed, std::uint64_t* block);
void compress_content(std::uint64_t seed, std::uint64_t* block);

/// One block by the reference.
void fma_fp32_block(std::uint64_t seed, std::uint64_t* block);
void fma_fp64_block(std::uint64_t seed, std::uint64_t* block);
void multiply_block(std::uint64_t seed, std::uint64_t* block);
void permute_block(std::uint64_t seed, std::uint64_t* block);
void aes_block(std::uint64_t seed, std::uint64_t* block);
void sha256_block(std::uint64_t seed, std::uint64_t* block);
void crc32c_block(std::uint64_t seed, std::uint64_t* block);
void matrix_block(std::uint64_t seed, std::uint64_t* block);

}  // namespace rackproof::mix
