// SPDX-License-Identifier: Apache-2.0
// Vector loops over 64-bit words: what Fill writes and Check expects, and copies. Every range
// starts and ends at a multiple of 8 words in memory aligned to 64 bytes.
#pragma once

#include <cstdint>

#include "backends/cpu/findings.h"

namespace rackproof::cpu {

/// What content_word (core/oracle.h) says of every word.
struct Contents {
  Content what = Content::seeded;
  std::uint64_t pattern = 0;
};

/// For the best instruction set of this CPU.
struct WordKernels {
  /// Writes the contents past the caches.
  void (*fill)(std::uint64_t* words, std::uint64_t first, std::uint64_t last,
               const Contents& contents);
  /// Compares with the contents; returns the sum of the digest terms.
  std::uint64_t (*check)(const std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                         const Contents& contents, Findings& findings);
  /// Copies past the caches.
  void (*copy)(const std::uint64_t* from, std::uint64_t* to, std::uint64_t first,
               std::uint64_t last);
};
[[nodiscard]] const WordKernels& word_kernels();

}  // namespace rackproof::cpu
