// SPDX-License-Identifier: Apache-2.0
// What miscompares have in common: a field engineer reads from it whether one cell, one lane, one
// core or one bus line is at fault.
#pragma once

#include <string>
#include <vector>

#include "reports/judge_case.h"
#include "reports/report.h"

namespace rackproof {

/// One for each attempt with unexplained miscompares.
[[nodiscard]] std::vector<MiscompareSummary> judge_miscompares(const Case& judged);

/// Statistics of one attempt, without what sensors say.
[[nodiscard]] MiscompareSummary summarize(const Attempt& attempt);

/// "always bit 17, to 1; 12 elements 4096 apart; core 3"; empty when nothing was sampled.
[[nodiscard]] std::string in_common(const MiscompareSummary& summary);

}  // namespace rackproof
