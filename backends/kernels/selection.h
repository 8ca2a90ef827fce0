// SPDX-License-Identifier: Apache-2.0
// Which words of a region one operation touches, and what they should hold: the host's side of
// words.cl.
#pragma once

#include <cstdint>

#include "backends/kernels/memory.h"

namespace rackproof::kernels {

/// Numbers the chosen words 0 ... count() - 1 in the order of their addresses.
class Selection {
 public:
  enum class Kind : std::uint32_t { all, half, stripe, others };

  /// Of a region of so many words.
  explicit Selection(std::uint64_t words) : Selection(words, Kind::all, 0, 0) {}
  /// `bit` -1: all; else the words whose index has that bit equal to `half`. Throws DeviceError
  /// above bit 62.
  [[nodiscard]] static Selection of_half(std::uint64_t words, int bit, int half);
  /// Every kStripe-th word from `phase` on, or all the others.
  [[nodiscard]] static Selection of_stripe(std::uint64_t words, std::uint64_t phase, bool others);

  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] bool holds(std::uint64_t index) const;
  /// The index of chosen word `number`.
  [[nodiscard]] std::uint64_t word(std::uint64_t number) const;
  /// `index` where it is chosen, else one that is; count() is not 0.
  [[nodiscard]] std::uint64_t near(std::uint64_t index) const {
    return holds(index) ? index : word(index % count());
  }
  /// What is chosen of one of the region's chunks, by indices from its first word on.
  [[nodiscard]] Selection within(const Memory& memory, const Chunk& chunk) const;

  [[nodiscard]] std::uint32_t kind() const { return static_cast<std::uint32_t>(kind_); }
  [[nodiscard]] std::uint64_t p() const { return p_; }
  [[nodiscard]] std::uint64_t q() const { return q_; }

 private:
  Selection(std::uint64_t words, Kind kind, std::uint64_t p, std::uint64_t q)
      : words_(words), kind_(kind), p_(p), q_(q) {}

  std::uint64_t words_;
  Kind kind_;
  std::uint64_t p_, q_;  // bit and half; or phase
};

/// What a word holds: a function of its index, or the same everywhere.
struct Rule {
  enum class Kind : std::uint32_t { pattern, address, inverse_address, constant };
  Kind kind = Kind::pattern;
  std::uint64_t datum = 0;  ///< the pattern, or the word
};
[[nodiscard]] Rule rule_of(Content content, std::uint64_t pattern);

}  // namespace rackproof::kernels
