// SPDX-License-Identifier: Apache-2.0
// The words of a region that one sweep touches: all, or those whose index has one bit as asked.
#pragma once

#include <algorithm>
#include <cstdint>

namespace rackproof::cpu {

/// Numbers the chosen words 0 ... count() - 1 in the order of their addresses.
class Half {
 public:
  /// `bit` -1: all words; else word i is chosen when bit `bit` of i equals `half`.
  Half(std::uint64_t words, int bit, int half)
      : words_(words), bit_(bit), half_(half != 0 ? 1 : 0), count_(count_of(words, bit, half_)) {}

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The word's index in the region.
  [[nodiscard]] std::uint64_t word(std::uint64_t number) const {
    if (bit_ < 0) return number;
    const std::uint64_t block = 1ULL << bit_;
    return (number & ~(block - 1)) << 1 | half_ << bit_ | (number & (block - 1));
  }
  /// Whether every line of 8 words has chosen and other words.
  [[nodiscard]] bool within_line() const { return bit_ >= 0 && bit_ < 3; }
  /// How many words of a line are chosen, where any are: 8 or 4.
  [[nodiscard]] std::uint64_t line_share() const { return within_line() ? 4 : 8; }
  /// The first word of chosen line `n`, counted over the lines that hold chosen words.
  [[nodiscard]] std::uint64_t chosen_line(std::uint64_t n) const {
    return within_line() ? n * 8 : word(n * 8);
  }
  /// Chosen lines between two gaps, a power of two; as many as a region can have when there is
  /// none.
  [[nodiscard]] std::uint64_t run_lines() const {
    return bit_ < 3 ? 1ULL << 59 : 1ULL << (bit_ - 3);
  }
  /// Word i is chosen when i & mask() == wanted(); `bit` is not -1.
  [[nodiscard]] std::uint64_t mask() const { return 1ULL << bit_; }
  [[nodiscard]] std::uint64_t wanted() const { return half_ << bit_; }
  /// The chosen word nearest to word `index` of the region: itself, or its partner across the bit.
  [[nodiscard]] std::uint64_t nearest(std::uint64_t index) const {
    if (bit_ < 0 || (index >> bit_ & 1) == half_) return index;
    const std::uint64_t partner = index ^ (1ULL << bit_);
    return partner < words_ ? partner : word(index % count_);
  }

 private:
  static std::uint64_t count_of(std::uint64_t words, int bit, std::uint64_t half) {
    if (bit < 0) return words;
    const std::uint64_t block = 1ULL << bit, whole = words / 2 / block;
    const std::uint64_t rest = words - whole * 2 * block, before = half * block;
    return whole * block + std::min(block, rest - std::min(rest, before));
  }

  std::uint64_t words_;
  int bit_;
  std::uint64_t half_, count_;
};

}  // namespace rackproof::cpu
