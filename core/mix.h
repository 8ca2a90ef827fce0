// SPDX-License-Identifier: Apache-2.0
// The right answers of compute.mix, in plain scalar code that shares no instruction of interest
// with the kernels that it judges. What each kernel computes: core/mix_chains.h.
#pragma once

#include <cstdint>
#include <vector>

#include "core/workload.h"

namespace rackproof {

inline constexpr std::uint64_t kMostMixWords = 1 << 24;
/// Words are made in blocks of so many; blocks are independent of each other.
inline constexpr std::uint64_t kMixBlock = 512;

/// Block `block` of the result words: kMixBlock of them.
void mix_block(MixKernel kernel, std::uint64_t pattern, std::uint64_t block, std::uint64_t* words);
/// What every core arrives at: `words` result words from the pattern.
[[nodiscard]] std::vector<std::uint64_t> mix_words(MixKernel kernel, std::uint64_t words,
                                                   std::uint64_t pattern);

}  // namespace rackproof
