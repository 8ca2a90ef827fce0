// SPDX-License-Identifier: Apache-2.0
// The arithmetic of verdicts: guard bands, robust comparison with siblings, confidence bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/verdict.h"
#include "reports/report.h"

namespace rackproof {

/// Mean of the two middle values when their number is even. None of no values.
[[nodiscard]] std::optional<double> median(std::vector<double> values);

/// Decision against a limit that holds from above or from below; `u` is the expanded uncertainty
/// at k = 2 in the value's unit, 0 for a simple decision. Pass, fail or marginal; incomplete for
/// numbers that are not finite or a negative `u`. Source: JCGM 106:2012, guarded acceptance.
[[nodiscard]] Verdict decide_floor(double value, double limit, double u);
[[nodiscard]] Verdict decide_ceiling(double value, double limit, double u);

inline constexpr std::size_t kFewestPeers = 4;  ///< the device itself included
inline constexpr double kPeerZ = -3.5;          ///< Source: Iglewicz & Hoaglin 1993
inline constexpr double kNormalQuartile =
    0.6745;  ///< makes MAD comparable with a standard deviation

/// `value` against the `values` of all siblings, itself among them. None: too few, or their median
/// is not positive, so that a shortfall has no meaning.
[[nodiscard]] std::optional<PeerComparison> compare_with_peers(double value,
                                                               const std::vector<double>& values);
/// Fail: at least `min_effect` (ratio of the median) below, and by z an outlier where MAD is not 0.
[[nodiscard]] Verdict decide_peers(const PeerComparison& peers, double min_effect);

/// Lower bound of a success rate, Clopper-Pearson, one-sided 95 %; 0 when nothing was tried.
/// `found` <= `tried`. Source: Clopper & Pearson 1934; Boost.Math.
[[nodiscard]] double success_lower_bound_95(std::uint64_t found, std::uint64_t tried);

/// Lower bound of the mean time between failures at 90 % for a test ended by time: 2 T / chi-square
/// with 2 r + 2 degrees of freedom; T / 2.303 with no failure. Hours in, hours out.
[[nodiscard]] double mtbf_lower_bound_90(double hours, std::uint64_t failures);

}  // namespace rackproof
