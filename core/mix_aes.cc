// SPDX-License-Identifier: Apache-2.0
#include "core/mix_aes.h"

#include "core/mix_chains.h"

namespace rackproof::mix {
namespace {

using Table = std::array<std::uint8_t, 256>;

// Modulo x^8 + x^4 + x^3 + x + 1.
constexpr std::uint8_t times_x(std::uint8_t a) {
  return static_cast<std::uint8_t>(a << 1 ^ (a >> 7) * 0x1b);
}
constexpr std::uint8_t times(std::uint8_t a, std::uint8_t b) {
  std::uint8_t sum = 0;
  for (; b != 0; b = static_cast<std::uint8_t>(b >> 1), a = times_x(a))
    sum = static_cast<std::uint8_t>(sum ^ ((b & 1) != 0 ? a : 0));
  return sum;
}

// 3 generates all of the field's non-zero elements, so that 3^i and 3^(255 - i) are inverses.
constexpr Table make_substitution() {
  Table power{}, box{};
  power[0] = 1;
  for (std::size_t i = 1; i < 256; ++i) power[i] = times(power[i - 1], 3);
  box[0] = 0x63;
  for (std::size_t i = 0; i < 255; ++i) {
    const std::uint8_t b = power[(255 - i) % 255];
    box[power[i]] = static_cast<std::uint8_t>(b ^ std::rotl(b, 1) ^ std::rotl(b, 2) ^
                                              std::rotl(b, 3) ^ std::rotl(b, 4) ^ 0x63);
  }
  return box;
}
constexpr Table make_inverse(const Table& box) {
  Table inverse{};
  for (std::size_t i = 0; i < 256; ++i) inverse[box[i]] = static_cast<std::uint8_t>(i);
  return inverse;
}
constexpr Table make_multiples(std::uint8_t factor) {
  Table all{};
  for (std::size_t i = 0; i < 256; ++i) all[i] = times(static_cast<std::uint8_t>(i), factor);
  return all;
}

constexpr Table kBox = make_substitution(), kInverseBox = make_inverse(kBox);
constexpr Table kTimes2 = make_multiples(2), kTimes3 = make_multiples(3);
constexpr Table kTimes9 = make_multiples(9), kTimes11 = make_multiples(11),
                kTimes13 = make_multiples(13), kTimes14 = make_multiples(14);

// Row r (byte r of each column) moves by r columns, to the left or to the right.
AesState substituted(const AesState& s, const Table& box, std::size_t columns) {
  AesState moved{};
  for (std::size_t i = 0; i < 16; ++i) moved[i] = box[s[(i + 4 * columns * (i % 4)) % 16]];
  return moved;
}
AesState forward(const AesState& s) { return substituted(s, kBox, 1); }
AesState backward(const AesState& s) { return substituted(s, kInverseBox, 3); }

// Byte r of a column becomes a s[r] + b s[r + 1] + c s[r + 2] + d s[r + 3].
struct Factors {
  const Table *a, *b, *c, *d;  // null: 1
};
std::uint8_t by(const Table* factor, std::uint8_t value) {
  return factor != nullptr ? (*factor)[value] : value;
}
AesState mixed(const AesState& s, const Factors& f) {
  AesState all{};
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t column = i / 4 * 4;
    const auto at = [&](std::size_t r) { return s[column + (i + r) % 4]; };
    all[i] = static_cast<std::uint8_t>(by(f.a, at(0)) ^ by(f.b, at(1)) ^ by(f.c, at(2)) ^
                                       by(f.d, at(3)));
  }
  return all;
}

AesState keyed(AesState s, const AesState& key) {
  for (std::size_t i = 0; i < 16; ++i) s[i] = static_cast<std::uint8_t>(s[i] ^ key[i]);
  return s;
}

using Pair = std::array<std::uint64_t, 2>;
AesState bytes_of(const Pair& words) {
  AesState s{};
  for (std::size_t i = 0; i < 16; ++i)
    s[i] = static_cast<std::uint8_t>(words[i / 8] >> 8 * (i % 8));
  return s;
}
Pair words_of(const AesState& s) {
  Pair words{};
  for (std::size_t i = 0; i < 16; ++i) words[i / 8] |= std::uint64_t{s[i]} << 8 * (i % 8);
  return words;
}

// One chain: a state and a key that steps.
struct Chain {
  AesState s;
  Pair key;

  void step() {
    key[0] += kStep;
    key[1] += kStep;
  }
  void turn() {
    s = aes_round(s, bytes_of(key));
    step();
    s = aes_inverse_round(s, bytes_of(key));
    step();
  }
  [[nodiscard]] Pair out() const {
    const AesState k = bytes_of(key);
    return words_of(aes_last_inverse_round(aes_last_round(s, k), k));
  }
};

}  // namespace

AesState aes_round(const AesState& state, const AesState& key) {
  return keyed(mixed(forward(state), {&kTimes2, &kTimes3, nullptr, nullptr}), key);
}
AesState aes_last_round(const AesState& state, const AesState& key) {
  return keyed(forward(state), key);
}
AesState aes_inverse_round(const AesState& state, const AesState& key) {
  return keyed(mixed(backward(state), {&kTimes14, &kTimes11, &kTimes13, &kTimes9}), key);
}
AesState aes_last_inverse_round(const AesState& state, const AesState& key) {
  return keyed(backward(state), key);
}

void aes_block(std::uint64_t seed, std::uint64_t* block) {
  for (std::uint64_t lane = 0; lane < kRow; lane += 2) {
    const auto pair = [&](std::uint64_t k) {
      return Pair{first_state(seed, k, lane), first_state(seed, k, lane + 1)};
    };
    Chain chain{bytes_of(pair(0)), pair(1)};
    for (std::uint64_t row = 0; row < kRows; ++row) {
      for (int t = 0; t < kAesTurns; ++t) chain.turn();
      const Pair out = chain.out();
      block[kRow * row + lane] = out[0];
      block[kRow * row + lane + 1] = out[1];
    }
  }
}

}  // namespace rackproof::mix
