// SPDX-License-Identifier: Apache-2.0
// What the hidden self-tests share: a light honest load on every device, and on one of them, at a
// chosen moment, a misdeed.
#pragma once

#include <array>
#include <functional>
#include <string_view>

#include "core/context.h"

namespace rackproof::selftest {

inline constexpr std::array<std::string_view, 4> kMoments{"first_burst", "preparing", "later",
                                                          "leaving"};
inline constexpr Choice kMoment{
    "moment", kMoments,
    "when: in the first burst, before anything was prepared, after three bursts, or once the "
    "worker has said its last word"};
inline constexpr Param kCulprit{"culprit", 0, 0, 1 << 20,
                                "which device misbehaves: the number that its name ends with"};
inline constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second,
                                   "bytes copied per second, rests included", "memory"};

/// The device of this worker is the one that is to misbehave.
[[nodiscard]] bool is_culprit(const Context& ctx);

/// What the honest load asks of its device: a small copy.
[[nodiscard]] Workload light_work(Device& device);

/// One burst of what was prepared, and a rest: a self-test is not to heat anything.
Burst light_burst(Context& ctx, Prepared& prepared);

/// Runs the honest load; on the culprit `misdeed` is called at `moment`.
void run_with(Context& ctx, std::string_view moment, const std::function<void()>& misdeed);

/// Blocks for good.
[[noreturn]] void sleep_forever();

/// Gives the signal its default action and lets it through: what a library or a sanitizer installed
/// would hide it.
void restore_default(int signal);

}  // namespace rackproof::selftest
