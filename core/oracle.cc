// SPDX-License-Identifier: Apache-2.0
#include "core/oracle.h"

#include <fmt/format.h>

#include <cmath>

namespace rackproof {
namespace {

// Bits of integer that the operand type holds exactly, and the accumulator: largest exact integer.
std::int64_t largest_operand(DType in) {
  switch (in) {
    case DType::i8:
      return 127;
    case DType::fp4_e2m1:
      return 1;  // greatest: 1.5
    case DType::fp8_e5m2:
      return 7;  // 3 bits of significand
    case DType::fp8_e4m3:
      return 15;  // 4 bits
    case DType::bf16:
      return 255;  // 8 bits of significand
    case DType::fp16:
    case DType::tf32:
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

// Tensor cores sum products of fp8 with about 14 bits, whatever the type of the result, and one of
// these may be the sign's. Source: DeepSeek-V3 Technical Report, section 3.3.2. Of fp4 nothing is
// published: no more is taken for granted.
double largest_sum(DType in, DType acc) {
  if (in == DType::fp4_e2m1 || in == DType::fp8_e4m3 || in == DType::fp8_e5m2) return 8192.0;
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

}  // namespace

std::int64_t exact_bound(DType in, DType acc, std::int64_t k) {
  if (k < 1) return 0;
  auto bound = static_cast<std::int64_t>(std::sqrt(largest_sum(in, acc) / static_cast<double>(k)));
  while (bound > 0 &&
         static_cast<double>(bound) * static_cast<double>(bound) * static_cast<double>(k) >
             largest_sum(in, acc))
    --bound;
  bound = std::min(bound, largest_operand(in));
  return bound > 0 && bound % 2 == 0 ? bound - 1 : bound;
}

std::string why_not_exact(DType in, DType acc, std::int64_t k) {
  if (exact_bound(in, acc, k) >= 1) return "";
  const std::string reason =
      fmt::format("no exact operands of {} sum up {} products in {}", name(in), k, name(acc));
  const double most = largest_operand(in) > 0 ? largest_sum(in, acc) : 0;
  return most > 0 ? fmt::format("{}: at most {:.0f}", reason, most) : reason;
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

}  // namespace rackproof
