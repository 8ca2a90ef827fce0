// SPDX-License-Identifier: Apache-2.0
// Products of integers by shifts and additions.
#include "core/mix_chains.h"

namespace rackproof::mix {
namespace {

// Without branches: the bits are random, and goldens are computed often.
template <class T>
T product_in(std::uint64_t a, std::uint64_t b) {
  T sum = 0, shifted = a;
  for (; b != 0; b >>= 1, shifted <<= 1) sum += shifted & (T{0} - (b & 1));
  return sum;
}
Wide product(std::uint64_t a, std::uint64_t b) { return product_in<Wide>(a, b); }
std::uint64_t low_product(std::uint64_t a, std::uint64_t b) {
  return product_in<std::uint64_t>(a, b);
}
std::uint64_t low32(std::uint64_t a) { return a & 0xffffffffU; }

// Modulo 2^64, a negative factor is its low 32 bits less 2^32.
std::uint64_t signed_product(std::uint64_t a, std::uint64_t b) {
  const auto excess = [](std::uint64_t v, std::uint64_t other) {
    return (v & 0x80000000U) != 0 ? other << 32 : 0;
  };
  return low_product(low32(a), low32(b)) - excess(a, low32(b)) - excess(b, low32(a));
}

// By lanes of `width` bits: bits [shift, shift + width) of each unsigned product.
std::uint64_t by_lanes(std::uint64_t a, std::uint64_t b, int width, int shift) {
  const std::uint64_t lane = (1ULL << width) - 1;
  std::uint64_t all = 0;
  for (int at = 0; at < 64; at += width)
    all |= (low_product(a >> at & lane, b >> at & lane) >> shift & lane) << at;
  return all;
}

struct Chain {
  std::uint64_t w, x, y;

  static void scalar(std::uint64_t& w, std::uint64_t x, std::uint64_t y) {
    const Wide p = product(x, y);
    w = (std::rotr(w, 17) + static_cast<std::uint64_t>(p)) ^ static_cast<std::uint64_t>(p >> 64);
  }
  void scalar_turn() {
    scalar(w, x, y);
    scalar(x, y, w);
    scalar(y, w, x);
  }
  void turn() {
    w = (std::rotr(w, 17) + low_product(low32(x), low32(y))) ^ by_lanes(x, y, 32, 0);
    x = (std::rotr(x, 17) + low_product(y, w)) ^ by_lanes(y, w, 16, 16);
    y = (std::rotr(y, 17) + signed_product(w, x)) ^ by_lanes(w, x, 16, 0);
  }
};

Chain chain(std::uint64_t seed, std::uint64_t lane, std::uint64_t lanes) {
  return {first_state(seed, 0, lane, lanes), first_state(seed, 1, lane, lanes),
          first_state(seed, 2, lane, lanes)};
}

}  // namespace

void multiply_block(std::uint64_t seed, std::uint64_t* block) {
  for (std::uint64_t c = 0; c < kScalarChains; ++c) {
    Chain scalar = chain(~seed, c, kScalarChains);
    for (std::uint64_t at = c; at < kScalarRows * kRow; at += kScalarChains) {
      for (int t = 0; t < kScalarTurns; ++t) scalar.scalar_turn();
      block[at] = give_out(scalar.w, scalar.x, scalar.y);
    }
  }
  for (std::uint64_t lane = 0; lane < kRow; ++lane) {
    Chain vector = chain(seed, lane, kRow);
    for (std::uint64_t row = kScalarRows; row < kRows; ++row) {
      for (int t = 0; t < kMultiplyTurns; ++t) vector.turn();
      block[kRow * row + lane] = give_out(vector.w, vector.x, vector.y);
    }
  }
}

}  // namespace rackproof::mix
