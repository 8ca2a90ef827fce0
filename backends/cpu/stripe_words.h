// SPDX-License-Identifier: Apache-2.0
// The words of a region that one stripe touches: every 20th, or all the others.
#pragma once

#include <cstdint>

#include "core/workload.h"

namespace rackproof::cpu {

/// Numbers the chosen words 0 ... count() - 1 in the order of their addresses.
class StripeWords {
 public:
  StripeWords(std::uint64_t phase, bool others) : phase_(phase), others_(others) {}

  [[nodiscard]] std::uint64_t phase() const { return phase_; }
  [[nodiscard]] bool others() const { return others_; }
  [[nodiscard]] bool holds(std::uint64_t index) const {
    return (index % kStripe == phase_) != others_;
  }
  /// How many of the words below `words` are chosen.
  [[nodiscard]] std::uint64_t count(std::uint64_t words) const {
    const std::uint64_t own = words > phase_ ? (words - phase_ - 1) / kStripe + 1 : 0;
    return others_ ? words - own : own;
  }
  /// The chosen word's index in the region.
  [[nodiscard]] std::uint64_t word(std::uint64_t number) const {
    if (!others_) return number * kStripe + phase_;
    const std::uint64_t within = number % (kStripe - 1);
    return number / (kStripe - 1) * kStripe + within + (within >= phase_ ? 1 : 0);
  }

 private:
  std::uint64_t phase_;
  bool others_;
};

}  // namespace rackproof::cpu
