// SPDX-License-Identifier: Apache-2.0
// In which order a read sweep asks for lines ahead of its loads. The loads go up through the
// addresses; what differs is what the prefetchers of the CPU make of the requests: where half of
// the lines are left out they fetch the other half as well, unless the order keeps them quiet.
// Which order does is each CPU's own, so a sweep tries them on its first pieces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rackproof::cpu {

inline constexpr std::uint64_t kBlockLines = 64;  ///< chosen lines that one order permutes

/// Line j of a block is read while line `lines[j]` of the block `blocks` further on is asked for.
struct Ahead {
  std::uint64_t blocks = 0;
  std::array<std::uint8_t, kBlockLines> lines{};
};

inline constexpr std::size_t kAheads = 10;
[[nodiscard]] const std::array<Ahead, kAheads>& aheads();

/// Finds the fastest order for one core's share of one kind of sweep: each is timed three times on
/// pieces of equal size, and the median counts.
class AheadChoice {
 public:
  /// The order for the next piece.
  [[nodiscard]] const Ahead& next() const { return aheads()[current()]; }
  /// What a piece with next() took.
  void took(double seconds);
  [[nodiscard]] bool settled() const { return pieces_ >= 2 * kTrials * kAheads; }

 private:
  // Two pieces an order and trial: the first starts with what the order before it left undone.
  static constexpr std::size_t kTrials = 3;
  [[nodiscard]] std::size_t current() const { return settled() ? best_ : pieces_ / 2 % kAheads; }
  [[nodiscard]] std::size_t fastest();

  std::size_t pieces_ = 0, best_ = 0;
  std::array<std::array<double, kTrials>, kAheads> seconds_{};
};

}  // namespace rackproof::cpu
