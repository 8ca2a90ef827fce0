// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/sweep_ahead.h"

#include <algorithm>

namespace rackproof::cpu {
namespace {

// Bit i of the counter becomes bit `to[i]` of the line's number within its block.
constexpr Ahead ahead(std::uint64_t blocks, const std::array<unsigned, 6>& to) {
  Ahead order{blocks, {}};
  for (unsigned j = 0; j < kBlockLines; ++j) {
    unsigned line = 0;
    for (unsigned i = 0; i < 6; ++i) line |= (j >> i & 1) << to[i];
    order.lines[j] = static_cast<std::uint8_t>(line);
  }
  return order;
}

// Ascending order, and the best of hundreds of permutations of the bits, one to eight blocks ahead,
// for the address bits 12 down to 3 on a Zen 5 CPU.
constexpr std::array<Ahead, kAheads> kOrders{
    ahead(2, {0, 1, 2, 3, 4, 5}), ahead(4, {1, 0, 2, 3, 4, 5}), ahead(2, {0, 4, 3, 1, 2, 5}),
    ahead(2, {0, 1, 5, 4, 2, 3}), ahead(2, {1, 2, 0, 5, 3, 4}), ahead(2, {5, 0, 1, 2, 3, 4}),
    ahead(2, {4, 5, 2, 3, 1, 0}), ahead(1, {3, 4, 1, 5, 2, 0}), ahead(2, {2, 3, 4, 0, 1, 5}),
    ahead(4, {1, 2, 3, 4, 5, 0})};

}  // namespace

const std::array<Ahead, kAheads>& aheads() { return kOrders; }

void AheadChoice::took(double seconds) {
  if (settled()) return;
  const bool measured = pieces_ % 2 == 1;
  if (measured) seconds_[current()][pieces_ / 2 / kAheads] = seconds;
  ++pieces_;
  if (settled()) best_ = fastest();
}

std::size_t AheadChoice::fastest() {
  std::array<double, kAheads> median{};
  for (std::size_t i = 0; i < kAheads; ++i) {
    std::ranges::sort(seconds_[i]);
    median[i] = seconds_[i][kTrials / 2];
  }
  return static_cast<std::size_t>(std::ranges::min_element(median) - median.begin());
}

}  // namespace rackproof::cpu
