// SPDX-License-Identifier: Apache-2.0
// How long a copy takes that is too small for a link's speed to matter.
#pragma once

#include <string>

#include "core/context.h"

namespace rackproof {

inline constexpr std::uint64_t kSmallCopy = 64;    ///< bytes
inline constexpr std::uint64_t kSmallCopies = 64;  ///< in one burst

/// Runs a burst of `small`, each copy queued and waited for by itself, and records the median.
inline void measure_latency(Context& ctx, Prepared& small, const Metric& latency,
                            const Metric& miscompares, const std::string& peer = {}) {
  RunFor how = ctx.burst();
  how.iterations = kSmallCopies;
  const Burst burst = small.run(how);
  ctx.record(latency, burst.transfer_latency(), peer);
  ctx.record(miscompares, static_cast<double>(burst.miscompares), peer);
}

}  // namespace rackproof
