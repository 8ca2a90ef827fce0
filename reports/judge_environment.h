// SPDX-License-Identifier: Apache-2.0
// The environment: each demanded condition against every look at it. What is bad makes rates
// INVALID, what is not known leaves the verdict INCOMPLETE, and neither excuses a wrong result.
#pragma once

#include <string>
#include <vector>

#include "reports/judge_case.h"
#include "reports/judge_cause.h"
#include "reports/report.h"

namespace rackproof {

/// A row of every demand. A required condition must have been looked at before the first load and
/// after the last; one that is bad at any look, or a setting that changed in between, is INVALID.
[[nodiscard]] std::vector<ConditionResult> judge_environment(const Case& judged);
/// Why those rows that count do not pass.
[[nodiscard]] Causes causes_of(const std::vector<ConditionResult>& rows);
/// What spoils the rates of this device, in words; empty: nothing that counts.
[[nodiscard]] std::string spoiled_by(const std::vector<ConditionResult>& rows,
                                     const std::string& device);

}  // namespace rackproof
