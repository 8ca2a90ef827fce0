// SPDX-License-Identifier: Apache-2.0
// The host's own part of the work: words of its memory, and rows that it vouches for, on as many
// threads as help.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "backends/kernels/lanes.h"
#include "core/device.h"

namespace rackproof::kernels {

/// Calls work(part) for parts that make up [0, count), from several threads at once; `smallest`
/// is the least that is worth a thread. Rethrows what any of them threw.
void for_parts(std::uint64_t count, std::uint64_t smallest,
               const std::function<void(const Range& part)>& work);

/// Writes the pattern into host memory.
void fill_on_host(std::uint64_t* words, std::uint64_t count, std::uint64_t pattern);

struct HostCheck {
  std::uint64_t digest = 0;
  std::uint64_t wrong = 0;
  std::vector<Miscompare> samples;  ///< the first kMaxSamples by index
};
/// Reads every word and compares it with the pattern.
[[nodiscard]] HostCheck check_on_host(const std::uint64_t* words, std::uint64_t count,
                                      std::uint64_t pattern);

}  // namespace rackproof::kernels
