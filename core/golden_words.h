// SPDX-License-Identifier: Apache-2.0
// Digests of words that nobody has to store, by this CPU's vectors.
#pragma once

#include <cstdint>

#include "core/workload.h"

namespace rackproof {

/// Sum of digest_term over content_word `first` to `last` - 1; `first` <= `last`.
[[nodiscard]] std::uint64_t content_digest(Content content, std::uint64_t pattern,
                                           std::uint64_t first, std::uint64_t last);
/// The same over the elements of triad's array a.
[[nodiscard]] std::uint64_t triad_digest(std::uint64_t pattern, std::uint64_t first,
                                         std::uint64_t last);

}  // namespace rackproof
