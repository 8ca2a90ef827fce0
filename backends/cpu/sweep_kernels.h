// SPDX-License-Identifier: Apache-2.0
// Vector loops of March operations over the words of a region that one address bit chooses. They
// go up through the addresses, and touch no other word than those (where a line of 8 words has
// both kinds, its others are loaded with it, but neither judged nor stored).
#pragma once

#include <cstdint>

#include "backends/cpu/findings.h"
#include "backends/cpu/half.h"
#include "backends/cpu/sweep_ahead.h"

namespace rackproof::cpu {

/// The chosen words with numbers [first, last); first and last are multiples of a line's share.
struct Stretch {
  const Half& half;
  std::uint64_t first = 0, last = 0;
  std::uint64_t end = 0;  ///< of the stretches that follow: lines are asked for up to there
};

/// For the best instruction set of this CPU.
struct SweepKernels {
  /// Compares with `word`; returns the sum of the words' digest terms.
  std::uint64_t (*read)(const std::uint64_t* words, const Stretch& stretch, std::uint64_t word,
                        const Ahead& ahead, Findings& findings);
  /// Writes `word`: whole lines past the caches, parts of lines word by word.
  void (*write)(std::uint64_t* words, const Stretch& stretch, std::uint64_t word);
};
[[nodiscard]] const SweepKernels& sweep_kernels();

}  // namespace rackproof::cpu
