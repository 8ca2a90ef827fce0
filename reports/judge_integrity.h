// SPDX-License-Identifier: Apache-2.0
// What no retry, resume or environment removes: wrong results, in every attempt of every task, and
// claims of a worker that clock and arithmetic contradict.
#pragma once

#include "reports/judge_case.h"
#include "reports/judge_cause.h"

namespace rackproof {

/// Miscompares, digests, missing checks and impossible numbers of one attempt.
[[nodiscard]] Causes integrity_of(const Attempt& attempt);

/// Results that a device did not repeat, where no golden exists to compare with.
[[nodiscard]] Causes repeatability_of(const Case& judged);

/// The claims alone: durations beyond the wall clock, NaN, statistics out of order.
[[nodiscard]] Causes impossible_claims_of(const Attempt& attempt);

/// A metric window that can be used: finite, not negative, min <= p1 <= median <= p99 <= max.
[[nodiscard]] bool is_sound(const MetricWindow& window);

}  // namespace rackproof
