// SPDX-License-Identifier: Apache-2.0
// What the run can support and no more.
#pragma once

#include "reports/judge_case.h"
#include "reports/report.h"

namespace rackproof {

/// Device-hours under load outside drills, and what went wrong in them.
[[nodiscard]] Exposure exposure_of(const Case& judged, const std::vector<TaskResult>& tasks);

}  // namespace rackproof
