// SPDX-License-Identifier: Apache-2.0
// Fused multiply-subtract by integer arithmetic alone. An operand is a whole number of units of
// 2^-26 (fp32) or 2^-55 (fp64) below 2^27 or 2^56, so that products and their differences from a
// third operand are exact in 128 bits; they are rounded once, to nearest, ties to even (IEEE 754).
#include "core/mix_chains.h"

namespace rackproof::mix {
namespace {

__extension__ typedef __int128 Signed;

template <class Bits>
struct Format {
  static constexpr int kMantissa = sizeof(Bits) == 4 ? 23 : 52;
  static constexpr int kBias = sizeof(Bits) == 4 ? 127 : 1023;
  static constexpr int kUnit = kMantissa + 3;  // operands are multiples of 2^-kUnit
  static constexpr Bits kLeading = Bits{1} << kMantissa;
};

template <class Bits>
Signed in_units(Bits x) {
  using F = Format<Bits>;
  const int exponent = static_cast<int>(x >> F::kMantissa & 3);  // the others are the base's
  const auto magnitude = static_cast<Signed>((x & (F::kLeading - 1)) | F::kLeading) << exponent;
  return x >> (8 * sizeof(Bits) - 1) != 0 ? -magnitude : magnitude;
}

int bit_length(Wide x) {
  const auto high = static_cast<std::uint64_t>(x >> 64);
  return high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(x));
}

// The nearest number to value * 2^-(2 kUnit).
template <class Bits>
Bits rounded(Signed value) {
  using F = Format<Bits>;
  if (value == 0) return 0;
  const Wide magnitude = value < 0 ? -static_cast<Wide>(value) : static_cast<Wide>(value);
  const int excess = bit_length(magnitude) - (F::kMantissa + 1);
  Wide kept = excess > 0 ? magnitude >> excess : magnitude << -excess;
  if (excess > 0) {
    const Wide rest = magnitude & ((Wide{1} << excess) - 1), half = Wide{1} << (excess - 1);
    kept += rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0;
  }
  // Rounding up to the next power of two carries from the mantissa into the exponent.
  const int exponent = excess + F::kMantissa - 2 * F::kUnit + F::kBias;
  const Bits sign = value < 0 ? Bits{1} << (8 * sizeof(Bits) - 1) : 0;
  return sign | ((static_cast<Bits>(exponent - 1) << F::kMantissa) + static_cast<Bits>(kept));
}

// Bits of x * y - z.
template <class Bits>
Bits fused(Bits x, Bits y, Bits z) {
  return rounded<Bits>(in_units(x) * in_units(y) -
                       in_units(z) * (Signed{1} << Format<Bits>::kUnit));
}

template <class Bits>
void change(Bits& w, Bits x, Bits y, Bits z) {
  const Bits f = fused(x, y, z);
  w = Fma<Bits>::kBase | ((w ^ f ^ f >> Fma<Bits>::kFold) & Fma<Bits>::kFree);
}

template <class Bits>
struct Chain {
  Bits w, x, y, z;
  void turn() {
    change(w, x, y, z);
    change(x, y, z, w);
    change(y, z, w, x);
    change(z, w, x, y);
  }
};

template <class Bits>
Chain<Bits> chain(std::uint64_t seed, std::uint64_t lane, int shift) {
  const auto state = [&](std::uint64_t k) {
    return Fma<Bits>::kBase |
           (static_cast<Bits>(first_state(seed, k, lane) >> shift) & Fma<Bits>::kFree);
  };
  return {state(0), state(1), state(2), state(3)};
}

}  // namespace

void fma_fp64_block(std::uint64_t seed, std::uint64_t* block) {
  for (std::uint64_t lane = 0; lane < kRow; ++lane) {
    auto c = chain<std::uint64_t>(seed, lane, 0);
    for (std::uint64_t row = 0; row < kRows; ++row) {
      for (int t = 0; t < kFmaTurns; ++t) c.turn();
      block[kRow * row + lane] = give_out(c.w, c.x, c.y, c.z);
    }
  }
}

void fma_fp32_block(std::uint64_t seed, std::uint64_t* block) {
  const auto both = [](std::uint64_t low, std::uint64_t high) { return high << 32 | low; };
  for (std::uint64_t lane = 0; lane < kRow; ++lane) {
    auto low = chain<std::uint32_t>(seed, lane, 0), high = chain<std::uint32_t>(seed, lane, 32);
    for (std::uint64_t row = 0; row < kRows; ++row) {
      for (int t = 0; t < kFmaTurns; ++t) {
        low.turn();
        high.turn();
      }
      block[kRow * row + lane] = give_out(both(low.w, high.w), both(low.x, high.x),
                                          both(low.y, high.y), both(low.z, high.z));
    }
  }
}

}  // namespace rackproof::mix
