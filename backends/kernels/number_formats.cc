// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/number_formats.h"

#include <bit>

namespace rackproof::kernels {
namespace {

constexpr std::uint32_t kNan = 0x7fc00000;

std::uint32_t widened(const Format& f, std::uint32_t raw) {
  const std::uint32_t sign = raw >> (f.mantissa + f.exponent) << 31;
  const std::uint32_t exponent = raw >> f.mantissa & ((1U << f.exponent) - 1);
  const std::uint32_t mantissa = raw & ((1U << f.mantissa) - 1);
  const std::uint32_t largest = (1U << f.exponent) - 1, moved = mantissa << (23 - f.mantissa);
  if (f.exponent == 8) return sign | exponent << 23 | moved;
  const bool special =
      f.nan && exponent == largest && (f.infinite || mantissa == (1U << f.mantissa) - 1);
  if (!f.nan && raw >> (f.mantissa + f.exponent + 1) != 0) return kNan | raw;  // no code at all
  if (special) return sign | 0x7f800000U | moved;
  if (exponent != 0) return sign | (exponent + 127 - f.bias) << 23 | moved;
  if (mantissa == 0) return sign;
  const auto whole = std::bit_cast<std::uint32_t>(static_cast<float>(mantissa));
  return sign | (whole - ((f.bias + f.mantissa - 1) << 23));
}

}  // namespace

bool is_narrow(DType type) { return type != DType::i8 && size_of(type) <= 2; }

Format narrow_format(DType type) {
  switch (type) {
    case DType::fp4_e2m1:
      return {1, 2, 3, false, false};
    case DType::fp8_e4m3:
      return {3, 4, 7, false};
    case DType::fp8_e5m2:
      return {2, 5, 15, true};
    case DType::fp16:
      return {10, 5, 15, true};
    default:
      return {7, 8, 127, true};  // bf16
  }
}

std::uint64_t accumulator_bits(DType type, std::uint64_t raw) {
  if (type == DType::i8) {
    return static_cast<std::uint32_t>(static_cast<std::int8_t>(static_cast<std::uint8_t>(raw)));
  }
  return is_narrow(type) ? widened(narrow_format(type), static_cast<std::uint32_t>(raw)) : raw;
}

}  // namespace rackproof::kernels
