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
  /// The first word of the line that holds the chosen word `number`.
  [[nodiscard]] std::uint64_t line(std::uint64_t number) const { return word(number) & ~7ULL; }
  /// Word i is chosen when i & mask() == wanted(); `bit` is not -1.
  [[nodiscard]] std::uint64_t mask() const { return 1ULL << bit_; }
  [[nodiscard]] std::uint64_t wanted() const { return half_ << bit_; }
  /// The chosen word nearest to word `index` of the region: itself, or its partner across the bit.
  [[nodiscard]] std::uint64_t nearest(std::uint64_t index) const {
    if (bit_ < 0 || (index >> bit_ & 1) == half_) return index;
    const std::uint64_t partner = index ^ (1ULL << bit_);
    return partner < words_ ? partner : word(index % count_);
  }
  /// Calls visit(first, last) for each run of neighbouring words among the numbers [first, last).
  template <class Visit>
  void for_runs(std::uint64_t first, std::uint64_t last, Visit visit) const {
    const std::uint64_t block = bit_ < 0 ? ~0ULL : 1ULL << bit_;
    while (first < last) {
      const std::uint64_t left = bit_ < 0 ? last - first : block - (first & (block - 1));
      const std::uint64_t run = std::min(last - first, left);
      visit(word(first), word(first) + run);
      first += run;
    }
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
