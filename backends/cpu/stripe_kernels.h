// SPDX-License-Identifier: Apache-2.0
// Loops over the words of a stripe, upwards through the addresses. No word of the other kind is
// stored or judged; those that share a line with the others' words are loaded with them.
#pragma once

#include <cstdint>

#include "backends/cpu/findings.h"
#include "backends/cpu/stripe_words.h"

namespace rackproof::cpu {

/// After so many words a stripe lies in lines of 8 words as it did before.
inline constexpr std::uint64_t kStripePeriod = 40;

/// The words [first, last) of a region: first is a multiple of the period, last one of 8.
struct StripePiece {
  std::uint64_t first = 0, last = 0;
};

/// For the best instruction set of this CPU.
struct StripeKernels {
  /// Compares with `word`; returns the sum of the chosen words' digest terms.
  std::uint64_t (*read)(const std::uint64_t* words, const StripePiece& piece,
                        const StripeWords& chosen, std::uint64_t word, Findings& findings);
  /// Writes `word`: whole lines past the caches, parts of lines word by word.
  void (*write)(std::uint64_t* words, const StripePiece& piece, const StripeWords& chosen,
                std::uint64_t word);
};
[[nodiscard]] const StripeKernels& stripe_kernels();

}  // namespace rackproof::cpu
