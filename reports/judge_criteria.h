// SPDX-License-Identifier: Apache-2.0
// Limits: each planned criterion against its measurement, with guard band, peers and environment.
#pragma once

#include "reports/judge_case.h"
#include "reports/judge_cause.h"
#include "reports/report.h"

namespace rackproof {

/// One row for each planned criterion; causes of those that count are appended.
[[nodiscard]] std::vector<CriterionResult> judge_criteria(const Case& judged, Causes& causes);

}  // namespace rackproof
