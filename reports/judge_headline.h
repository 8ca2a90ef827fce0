// SPDX-License-Identifier: Apache-2.0
// The report's first line and its scope: what counts, said in full.
#pragma once

#include <string>
#include <vector>

#include "reports/judge_problems.h"

namespace rackproof {

/// "FAIL: 3 of 32 devices: n1-d3 wrong results, n1-d4 slow, ..."; a PASS says what it covers.
[[nodiscard]] std::string headline_of(const Case& judged, const Report& report,
                                      const std::vector<CauseGroup>& groups);

/// "ran stage quick; left out screen, soak; 0.5 % of allocatable memory tested"; "ran a part of"
/// and "ran nothing of" where a load step has no end.
[[nodiscard]] std::string scope_of(const Case& judged);

}  // namespace rackproof
