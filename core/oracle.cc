// SPDX-License-Identifier: Apache-2.0
#include "core/oracle.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>
#include <vector>

#include "core/json.h"

namespace rackproof {
namespace {

// Bits of integer that the operand type holds exactly, and the accumulator: largest exact integer.
std::int64_t largest_operand(DType in) {
  switch (in) {
    case DType::i8:
      return 127;
    case DType::bf16:
      return 255;  // 8 bits of significand
    case DType::fp16:
      return 2047;  // 11 bits
    case DType::fp32:
      return 16777215;  // 24 bits
    case DType::fp64:
      return 1LL << 30;  // its square must fit the sum below
    case DType::i32:
      return 0;
  }
  return 0;
}

double largest_sum(DType acc) {
  switch (acc) {
    case DType::i32:
      return 2147483647.0;
    case DType::fp32:
      return 16777215.0;
    case DType::fp64:
      return 9007199254740991.0;
    default:
      return 0;
  }
}

std::uint64_t hash_of_bits(std::uint64_t bits) { return mod_reduce(mix64(bits ^ kDigestSalt)); }

constexpr std::uint64_t kMostBytes = 1ULL << 44;

struct GemmKey {
  DType in, acc;
  std::int64_t m, n, k;
  Operands operands;
};

Expected<GemmKey> parse_gemm(std::istream& in) {
  std::string in_name, acc_name, operands_name;
  std::int64_t m = 0, n = 0, k = 0;
  in >> in_name >> acc_name >> m >> n >> k >> operands_name;
  const auto in_type = dtype_from_name(in_name), acc_type = dtype_from_name(acc_name);
  const auto operands = operands_from_name(operands_name);
  constexpr std::int64_t kMost = 1 << 20;
  if (!in || !in_type || !acc_type || !operands || m < 1 || n < 1 || k < 1 || m > kMost ||
      n > kMost || k > kMost) {
    return fail("not a gemm");
  }
  return GemmKey{*in_type, *acc_type, m, n, k, *operands};
}

// u'A and Bv have k entries each; their product is u'Cv.
std::uint64_t exact_golden(const GemmKey& g, std::uint64_t pattern) {
  const std::int64_t bound = exact_bound(g.in, g.acc, g.k);
  const auto k = static_cast<std::uint64_t>(g.k), n = static_cast<std::uint64_t>(g.n);
  std::vector<std::uint64_t> left(k, 0);
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(g.m); ++i) {
    const std::uint64_t u = fingerprint_u(pattern, i);
    for (std::uint64_t p = 0; p < k; ++p) {
      const std::int64_t a = exact_operand(stream_word(pattern, Stream::a, i * k + p), bound);
      left[p] = mod_reduce(static_cast<Wide>(left[p]) + mod_mul(u, mod_from(a)));
    }
  }
  std::vector<std::uint64_t> v(n);
  for (std::uint64_t j = 0; j < n; ++j) v[j] = fingerprint_v(pattern, j);
  std::uint64_t sum = 0;
  for (std::uint64_t p = 0; p < k; ++p) {
    std::uint64_t right = 0;
    for (std::uint64_t j = 0; j < n; ++j) {
      const std::int64_t b = exact_operand(stream_word(pattern, Stream::b, p * n + j), bound);
      right = mod_reduce(static_cast<Wide>(right) + mod_mul(v[j], mod_from(b)));
    }
    sum = mod_reduce(static_cast<Wide>(sum) + mod_mul(left[p], right));
  }
  return sum;
}

std::uint64_t product_bits(DType type, std::uint64_t a, std::uint64_t b) {
  if (type == DType::fp32) return std::bit_cast<std::uint32_t>(random_fp32(a) * random_fp32(b));
  return std::bit_cast<std::uint64_t>(random_fp64(a) * random_fp64(b));
}

std::uint64_t error_free_golden(const GemmKey& g, std::uint64_t pattern) {
  const auto k = static_cast<std::uint64_t>(g.k), n = static_cast<std::uint64_t>(g.n);
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(g.m); ++i) {
    const std::uint64_t p = error_free_column(pattern, i, k);
    const std::uint64_t a = stream_word(pattern, Stream::a, i * k + p);
    for (std::uint64_t j = 0; j < n; ++j) {
      digest += digest_term(product_bits(g.acc, a, stream_word(pattern, Stream::b, p * n + j)),
                            i * n + j);
    }
  }
  return digest;
}

Expected<std::optional<std::uint64_t>> gemm_golden(const GemmKey& g, std::uint64_t pattern) {
  if (g.operands == Operands::random) return std::nullopt;
  if (g.operands == Operands::exact) {
    if (exact_bound(g.in, g.acc, g.k) < 1) return fail("no exact operands for these types");
    return exact_golden(g, pattern);
  }
  if (g.in != g.acc || (g.acc != DType::fp32 && g.acc != DType::fp64))
    return fail("no error-free operands for these types");
  return error_free_golden(g, pattern);
}

// Sum of (2 i + 1) modulo 2^64 over the word indices i < words whose bit `bit` equals `half` (-1:
// all).
std::uint64_t odd_sum(std::uint64_t words, int bit, int half) {
  if (bit < 0) return words * words;
  const std::uint64_t block = 1ULL << bit, period = 2 * block, periods = words / period;
  const auto offset = static_cast<std::uint64_t>(half) * block;
  const std::uint64_t whole =
      block * (period * (periods * (periods - 1)) + periods * (2 * offset + block));
  const std::uint64_t first = std::min(words, periods * period + offset),
                      last = std::min(words, first + block);
  return whole + last * last - first * first;
}

std::uint64_t copy_golden(std::uint64_t words, std::uint64_t pattern) {
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < words; ++i) digest += digest_term(pattern_word(pattern, i), i);
  return digest;
}

std::uint64_t triad_golden(std::uint64_t words, std::uint64_t pattern) {
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < words; ++i) {
    const std::uint64_t word = pattern_word(pattern, i);
    digest +=
        digest_term(std::bit_cast<std::uint64_t>(triad_b(word) + kTriadScalar * triad_c(word)), i);
  }
  return digest;
}

}  // namespace

std::int64_t exact_bound(DType in, DType acc, std::int64_t k) {
  if (k < 1) return 0;
  auto bound = static_cast<std::int64_t>(std::sqrt(largest_sum(acc) / static_cast<double>(k)));
  while (bound > 0 &&
         static_cast<double>(bound) * static_cast<double>(bound) * static_cast<double>(k) >
             largest_sum(acc))
    --bound;
  bound = std::min(bound, largest_operand(in));
  return bound > 0 && bound % 2 == 0 ? bound - 1 : bound;
}

std::uint64_t residue_i32(std::int32_t value) { return mod_from(value); }

std::uint64_t residue_fp32(float value) {
  if (std::fabs(value) <= 16777216.0F) {
    const auto whole = static_cast<std::int64_t>(value);
    if (std::bit_cast<std::uint32_t>(static_cast<float>(whole)) ==
        std::bit_cast<std::uint32_t>(value))
      return mod_from(whole);
  }
  return hash_of_bits(std::bit_cast<std::uint32_t>(value));
}

std::uint64_t residue_fp64(double value) {
  if (std::fabs(value) <= 9007199254740992.0) {
    const auto whole = static_cast<std::int64_t>(value);
    if (std::bit_cast<std::uint64_t>(static_cast<double>(whole)) ==
        std::bit_cast<std::uint64_t>(value))
      return mod_from(whole);
  }
  return hash_of_bits(std::bit_cast<std::uint64_t>(value));
}

Expected<std::optional<std::uint64_t>> golden(const WorkKey& key) {
  std::istringstream in(key.work);
  std::string kind, extra;
  in >> kind;
  if (kind == "gemm") {
    const auto gemm = parse_gemm(in);
    if (!gemm || in >> extra) return fail(fmt::format("unknown work '{}'", key.work));
    return gemm_golden(*gemm, key.pattern);
  }
  if (kind == "triad") in >> extra;
  std::uint64_t bytes = 0;
  in >> bytes;
  const bool sized = static_cast<bool>(in) && bytes % 8 == 0 &&
                     bytes <= kMostBytes;  // "-8" wraps to a huge number
  if (sized && kind == "fill") return std::nullopt;
  if (sized && kind == "copy") return copy_golden(bytes / 8, key.pattern);
  if (sized && kind == "triad" && extra == "fp64") return triad_golden(bytes / 8, key.pattern);
  std::string op, word_text;
  in >> op >> word_text;
  const auto word = parse_hex64(word_text);
  if (sized && kind == "sweep" && word && key.address_bit < 63) {
    if (op == "write") return std::nullopt;
    if (op == "read") return (*word ^ kDigestSalt) * odd_sum(bytes / 8, key.address_bit, key.half);
  }
  return fail(fmt::format("unknown work '{}'", key.work));
}

}  // namespace rackproof
