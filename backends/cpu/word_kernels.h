// SPDX-License-Identifier: Apache-2.0
// Vector loops over 64-bit words: March operations, seeded patterns, copies. Every range starts and
// ends at a multiple of 8 words in memory aligned to 64 bytes.
#pragma once

#include <cstdint>

#include "backends/cpu/findings.h"
#include "backends/cpu/half.h"

namespace rackproof::cpu {

/// For the best instruction set of this CPU.
struct WordKernels {
  /// Compares words [first, last) with `word`; returns the sum of their digest terms.
  std::uint64_t (*read)(const std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                        std::uint64_t word, Findings& findings);
  /// The same for the chosen words with numbers [first, last), where an address bit scatters them:
  /// over neighbouring lines or, below bit 3, within each line. `first` and `last` are multiples of
  /// a line's share of them.
  std::uint64_t (*read_scattered)(const std::uint64_t* words, const Half& half, std::uint64_t first,
                                  std::uint64_t last, std::uint64_t word, Findings& findings);
  /// Writes `word` past the caches; flush() makes it visible to others.
  void (*write)(std::uint64_t* words, std::uint64_t first, std::uint64_t last, std::uint64_t word);
  /// Writes pattern_word(pattern, i) past the caches.
  void (*fill)(std::uint64_t* words, std::uint64_t first, std::uint64_t last,
               std::uint64_t pattern);
  /// Compares with pattern_word(pattern, i); returns the sum of the digest terms.
  std::uint64_t (*check)(const std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                         std::uint64_t pattern, Findings& findings);
  /// Copies past the caches.
  void (*copy)(const std::uint64_t* from, std::uint64_t* to, std::uint64_t first,
               std::uint64_t last);
  /// Ends a series of write().
  void (*flush)();
};
[[nodiscard]] const WordKernels& word_kernels();

}  // namespace rackproof::cpu
