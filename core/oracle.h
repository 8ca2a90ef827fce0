// SPDX-License-Identifier: Apache-2.0
// The right answers: operands from a pattern, and the digest that every device must arrive at.
// Header-only arithmetic, so that device kernels and the host compute the same bits.
// Operands::exact gives integers whose sums are exact in any order, so one golden serves every
// device; it is a Freivalds fingerprint u'Cv modulo 2^61 - 1, computed here in O(n^2) as (u'A)(Bv).
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>

#include "core/workload.h"

namespace rackproof {

/// Finaliser of SplitMix64: a bijection of 64 bits. Source: Steele, Lea & Flood, OOPSLA 2014.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Word `index` of a pattern.
constexpr std::uint64_t pattern_word(std::uint64_t pattern, std::uint64_t index) {
  return mix64(pattern + (index + 1) * 0x9e3779b97f4a7c15ULL);
}

/// Digest of words: sum over i of digest_word(word_i) * (2 i + 1), modulo 2^64. Any single word
/// that is wrong changes it. Order of summation is free. The shift brings high bits down to where
/// sums carry: without it each two flips of bit 63 would cancel, and every second pair of bit 62's.
inline constexpr std::uint64_t kDigestSalt = 0xa0761d6478bd642fULL;
inline constexpr int kDigestShift = 33;
constexpr std::uint64_t digest_word(std::uint64_t word) {
  return word ^ word >> kDigestShift ^ kDigestSalt;
}
/// The word that changes no digest.
inline constexpr std::uint64_t kDigestNothing = kDigestSalt ^ kDigestSalt >> kDigestShift;
static_assert(digest_word(kDigestNothing) == 0);
constexpr std::uint64_t digest_term(std::uint64_t word, std::uint64_t index) {
  return digest_word(word) * (2 * index + 1);
}

/// Streams of one pattern, so that a, b, the sampled rows, the fingerprint's vectors and the ranks
/// of a collective differ.
enum class Stream : std::uint64_t {
  a = 0x61,
  b = 0x62,
  column = 0x63,
  rank = 0x72,
  u = 0x75,
  v = 0x76
};
constexpr std::uint64_t stream_pattern(std::uint64_t pattern, Stream stream) {
  return pattern ^ (static_cast<std::uint64_t>(stream) * 0xd1b54a32d192ed03ULL);
}
constexpr std::uint64_t stream_word(std::uint64_t pattern, Stream stream, std::uint64_t index) {
  return pattern_word(stream_pattern(pattern, stream), index);
}

/// Greatest odd magnitude of an exact operand: |a| <= bound gives k * bound^2 exactly representable
/// in what sums up `in` into `acc` (fp8: at most 2^13) and bound itself in `in`. 0: no exact
/// operands for these types and this k.
[[nodiscard]] std::int64_t exact_bound(DType in, DType acc, std::int64_t k);
/// Why there are none, with the greatest k where there is one; empty: there are.
[[nodiscard]] std::string why_not_exact(DType in, DType acc, std::int64_t k);

/// Odd integer in [-bound, bound] (bound odd) from one pattern word.
constexpr std::int64_t exact_operand(std::uint64_t word, std::int64_t bound) {
  const std::uint64_t count = static_cast<std::uint64_t>(bound) + 1;  // that many odd numbers
  return 2 * static_cast<std::int64_t>(((word >> 32) * count) >> 32) - bound;
}

/// Full-mantissa random number of magnitude [1/4, 2), random sign, from one pattern word.
constexpr float random_fp32(std::uint64_t word) {
  const std::uint32_t exponent = 127 - 2 + static_cast<std::uint32_t>(word >> 61) % 3;
  return std::bit_cast<float>(static_cast<std::uint32_t>(word >> 32 & 0x80000000u) |
                              exponent << 23 | static_cast<std::uint32_t>(word & 0x7fffffu));
}
constexpr double random_fp64(std::uint64_t word) {
  const std::uint64_t exponent = 1023 - 2 + (word >> 61) % 3;
  return std::bit_cast<double>((word << 4 & 0x8000000000000000ULL) | exponent << 52 |
                               (word & 0xfffffffffffffULL));
}

/// Bits of mantissa that a floating type keeps: tf32 and fp16 10, bf16 7, fp8 3 (e4m3) and 2
/// (e5m2), fp4 1. An fp4 operand is its code's number times 1/4, the scale of all blocks, so that
/// it holds all of random_operand.
constexpr std::uint32_t mantissa_bits(DType type) {
  switch (type) {
    case DType::fp4_e2m1:
      return 1;
    case DType::fp8_e5m2:
      return 2;
    case DType::fp8_e4m3:
      return 3;
    case DType::bf16:
      return 7;
    case DType::fp16:
    case DType::tf32:
      return 10;
    case DType::fp64:
      return 52;
    default:
      return 23;
  }
}
/// random_fp32 with no more mantissa than `in` holds: a value of every floating type up to 32 bits,
/// so that the product of two is exact in fp32 for all types below fp32.
constexpr float random_operand(DType in, std::uint64_t word) {
  const std::uint32_t cut = (1U << (23 - mantissa_bits(in))) - 1;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(random_fp32(word)) & ~cut);
}

/// Operand a[i,j] (or b[i,j]) is a function of stream word i * columns + j, where columns is k for
/// a and n for b. Operands::error_free: a[i,j] is random (random_operand, or random_fp64) at j ==
/// error_free_column(pattern, i, k) and +0 elsewhere; b is random throughout. Operands::random:
/// both are throughout.
constexpr std::uint64_t error_free_column(std::uint64_t pattern, std::uint64_t row,
                                          std::uint64_t k) {
  return stream_word(pattern, Stream::column, row) % k;
}

/// Digest of a gemm's operands as they lie in memory, since sums that round hide what happens to
/// some of them: the sum of these terms modulo 2^64. `bits` are the operand's value in the
/// accumulator's type, zero-extended; `index` is i * k + p for a, m * k + p * n + j for b.
constexpr std::uint64_t operand_term(std::uint64_t bits, std::uint64_t index) {
  return digest_term(bits, index);
}
/// A gemm's digest, of the result's and its operands'. Joining again takes the operands off.
constexpr std::uint64_t join_digests(std::uint64_t result, std::uint64_t operands) {
  return result ^ mix64(operands);
}

/// What word `index` of a region holds.
constexpr std::uint64_t content_word(Content content, std::uint64_t pattern, std::uint64_t index) {
  if (content == Content::seeded) return pattern_word(pattern, index);
  return content == Content::address ? 8 * index : ~(8 * index);
}
/// What a stripe's words hold.
constexpr std::uint64_t stripe_word(std::uint64_t pattern, std::uint64_t phase, bool inverted) {
  const std::uint64_t word = pattern_word(pattern, phase);
  return inverted ? ~word : word;
}

/// Triad's operands: exact integers of 20 bits; a_i = b_i + 3 c_i.
constexpr double triad_b(std::uint64_t word) { return static_cast<double>(word & 0xfffff); }
constexpr double triad_c(std::uint64_t word) { return static_cast<double>(word >> 20 & 0xfffff); }
inline constexpr double kTriadScalar = 3;

/// Arithmetic modulo the Mersenne prime 2^61 - 1.
__extension__ typedef unsigned __int128 Wide;
inline constexpr std::uint64_t kPrime = (1ULL << 61) - 1;
constexpr std::uint64_t mod_reduce(Wide x) {
  std::uint64_t r = static_cast<std::uint64_t>(x & kPrime) + static_cast<std::uint64_t>(x >> 61);
  r = (r & kPrime) + (r >> 61);
  return r >= kPrime ? r - kPrime : r;
}
constexpr std::uint64_t mod_mul(std::uint64_t a, std::uint64_t b) {
  return mod_reduce(static_cast<Wide>(a) * b);
}
constexpr std::uint64_t mod_from(std::int64_t value) {
  return value >= 0 ? mod_reduce(static_cast<std::uint64_t>(value))
                    : mod_reduce(kPrime - mod_reduce(static_cast<std::uint64_t>(-(value + 1)) + 1));
}

/// The fingerprint's vectors: u over rows, v over columns, entries below kPrime.
constexpr std::uint64_t fingerprint_u(std::uint64_t pattern, std::uint64_t row) {
  return mod_reduce(stream_word(pattern, Stream::u, row));
}
constexpr std::uint64_t fingerprint_v(std::uint64_t pattern, std::uint64_t column) {
  return mod_reduce(stream_word(pattern, Stream::v, column));
}

/// The residue of one result element: its integer value when the bits are that integer's own
/// canonical encoding, else a hash of the bits (so NaN, fractions and -0 never look right).
[[nodiscard]] std::uint64_t residue_i32(std::int32_t value);
[[nodiscard]] std::uint64_t residue_fp32(float value);
[[nodiscard]] std::uint64_t residue_fp64(double value);

/// Which result a digest is of: `work` as describe() names it, and the burst's data.
struct WorkKey {
  std::string work;
  std::uint64_t pattern = 0;
  int address_bit = -1;
  int half = 0;
  friend auto operator<=>(const WorkKey&, const WorkKey&) = default;
};

/// The digest a faultless device arrives at: for gemm/exact the fingerprint, else the digest of
/// words (gemm results: one word an element, bits zero-extended; triad: of array a); of gemm,
/// joined with that of its operands; of reduce, one word an element. None: this work reads nothing
/// (fill, writing sweeps and stripes) or has no golden (gemm/random). Costs O(m k + k n) or
/// O(words).
[[nodiscard]] Expected<std::optional<std::uint64_t>> golden(const WorkKey& key);

/// Digest of a gemm's operands, whatever they are. An Error where `work` is no gemm with such
/// operands.
[[nodiscard]] Expected<std::uint64_t> operand_golden(const std::string& work,
                                                     std::uint64_t pattern);

}  // namespace rackproof
