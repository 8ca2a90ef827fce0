// SPDX-License-Identifier: Apache-2.0
// Moves of bytes and of 32-bit words within a group, one by one.
#include <array>

#include "core/mix_chains.h"

namespace rackproof::mix {
namespace {

using Group = std::array<std::uint64_t, kGroup>;

std::uint64_t byte_of(const Group& g, std::uint64_t i) { return g[i / 8] >> 8 * (i % 8) & 0xff; }
std::uint64_t half_of(const Group& g, std::uint64_t i) {
  return g[i / 2] >> 32 * (i % 2) & 0xffffffffU;
}

// Every byte of a group from where `from` says.
template <class From>
Group bytes(const From& from) {
  Group moved{};
  for (std::uint64_t i = 0; i < 8 * kGroup; ++i) moved[i / 8] |= from(i) << 8 * (i % 8);
  return moved;
}

Group shuffled(const Group& x, const Group& y) {
  return bytes([&](std::uint64_t i) { return byte_of(x, i / 16 * 16 + byte_of(y, i) % 16); });
}

Group looked_up(const Group& y, const Group& w) {
  Group moved{};
  for (std::uint64_t i = 0; i < 2 * kGroup; ++i)
    moved[i / 2] |= half_of(y, half_of(w, i) % 16) << 32 * (i % 2);
  return moved;
}

Group shifted(const Group& w, const Group& x) {
  return bytes([&](std::uint64_t i) {
    const std::uint64_t start = i / 16 * 16, from = i % 16 + 5;
    return from < 16 ? byte_of(x, start + from) : byte_of(w, start + from - 16);
  });
}

void change(Group& state, const Group& moved) {
  for (std::uint64_t i = 0; i < kGroup; ++i) state[i] = std::rotr(state[i], 13) + moved[i];
}

Group start(std::uint64_t seed, std::uint64_t k, std::uint64_t lane) {
  Group g{};
  for (std::uint64_t i = 0; i < kGroup; ++i) g[i] = first_state(seed, k, lane + i);
  return g;
}

}  // namespace

void permute_block(std::uint64_t seed, std::uint64_t* block) {
  for (std::uint64_t lane = 0; lane < kRow; lane += kGroup) {
    Group w = start(seed, 0, lane), x = start(seed, 1, lane), y = start(seed, 2, lane);
    for (std::uint64_t row = 0; row < kRows; ++row) {
      for (int t = 0; t < kPermuteTurns; ++t) {
        change(w, shuffled(x, y));
        change(x, looked_up(y, w));
        change(y, shifted(w, x));
      }
      for (std::uint64_t i = 0; i < kGroup; ++i)
        block[kRow * row + lane + i] = give_out(w[i], x[i], y[i]);
    }
  }
}

}  // namespace rackproof::mix
