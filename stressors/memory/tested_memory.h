// SPDX-License-Identifier: Apache-2.0
// What the stressors that go through a share of a device's memory have in common: how much of it,
// and what they record of each sweep.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/context.h"

namespace rackproof {

inline constexpr Fraction kTestedShare{"memory", 0.95, 1e-6, 1,
                                       "share of the memory that can be allocated"};
inline constexpr Metric kSweepBandwidth{"bandwidth", Unit::bytes_per_second,
                                        "words read or written per sweep", "memory"};
inline constexpr Metric kWrongWords{"miscompares", Unit::count,
                                    "words that do not hold what was written"};

/// The region that the step's share asks for, at least 64 bytes.
[[nodiscard]] inline Region tested_region(Context& ctx) {
  const auto available = static_cast<double>(ctx.device().info().allocatable_bytes);
  const auto size = static_cast<std::uint64_t>(ctx[kTestedShare] * available);
  return ctx.device().allocate(std::max<std::uint64_t>(size / 64, 1) * 64);
}

/// Runs one sweep and records its speed and its wrong words. False, with nothing run, when the step
/// is over.
[[nodiscard]] inline bool swept(Context& ctx, Prepared& work, const RunFor& how) {
  if (!ctx.running()) return false;
  const Burst burst = work.run(how);
  ctx.record(kSweepBandwidth, burst.bytes_per_second());
  ctx.record(kWrongWords, static_cast<double>(burst.miscompares));
  return true;
}

/// The same for a sweep that touches too little of each line for its speed to say anything.
[[nodiscard]] inline bool swept_sparsely(Context& ctx, Prepared& work, const RunFor& how) {
  if (!ctx.running()) return false;
  ctx.record(kWrongWords, static_cast<double>(work.run(how).miscompares));
  return true;
}

}  // namespace rackproof
