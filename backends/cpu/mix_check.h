// SPDX-License-Identifier: Apache-2.0
// The check of the words that one core made.
#pragma once

#include <cstdint>
#include <span>

#include "backends/cpu/findings.h"

namespace rackproof::cpu {

/// Compares each word with the right one and spoils it, so that what the next iteration does not
/// write is found; word 0 is element `first`. Returns the digest of the words as they were. Both
/// are aligned to 64 bytes, a multiple of 8 words long.
[[nodiscard]] std::uint64_t check_mix(std::span<const std::uint64_t> right, std::uint64_t* words,
                                      std::uint64_t first, Findings& findings);

}  // namespace rackproof::cpu
