// SPDX-License-Identifier: Apache-2.0
// Whether memory still holds what it held: a fast hash whose terms several changes do not cancel,
// as they can in the digest of words, which is linear.
#pragma once

#include <cstdint>

#include "backends/cpu/memory.h"
#include "backends/cpu/threads.h"

namespace rackproof::cpu {

/// Of some words; those of neighbouring pieces add up to that of all.
struct Seal {
  std::uint64_t sum = 0;       ///< of the words: no single change leaves it
  std::uint64_t products = 0;  ///< of their halves under keys by position (NH; Black et al. 1999)

  void add(const Seal& other) {
    sum += other.sum;
    products += other.products;
  }
  friend bool operator==(const Seal&, const Seal&) = default;
};

/// All of the memory, by all cores. Several changed words leave it with probability about 2^-32.
[[nodiscard]] Seal seal_of(const NodeMemory& memory, Threads& threads);

}  // namespace rackproof::cpu
