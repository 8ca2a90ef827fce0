// SPDX-License-Identifier: Apache-2.0
// From hundreds of causes to the few problems that a person can act on.
#pragma once

#include <string>
#include <vector>

#include "reports/judge_case.h"
#include "reports/judge_cause.h"
#include "reports/report.h"

namespace rackproof {

/// Causes of one kind on one part, or on several devices with the very same causes.
struct CauseGroup {
  Verdict verdict = Verdict::pass;
  CauseKind kind{};
  std::vector<std::string> parts;
  Causes causes;              ///< of the first part; most telling first, none twice
  std::size_t later_steps{};  ///< not run because of these causes
};

/// Worst first; causes that only follow from others are left out. Empty only without causes.
[[nodiscard]] std::vector<CauseGroup> group_causes(const Case& judged, const Causes& causes);

[[nodiscard]] std::vector<Problem> problems_of(const Case& judged,
                                               const std::vector<CauseGroup>& groups);

/// "d0, d1"; of more than four "d0, d1, d2 ... d9 (10 devices)".
[[nodiscard]] std::string name_parts(const std::vector<std::string>& parts);

}  // namespace rackproof
