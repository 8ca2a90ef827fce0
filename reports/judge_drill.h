// SPDX-License-Identifier: Apache-2.0
// Proof that the detectors work: one row for each device and stressor that the plan runs or drills.
#pragma once

#include "reports/judge_case.h"
#include "reports/judge_cause.h"
#include "reports/report.h"

namespace rackproof {

/// Every drill, before the first and after the last load step, must have committed all its faults,
/// seen one take effect at every planned site, and found each that did; else INCOMPLETE
/// ("unproven").
[[nodiscard]] std::vector<DrillResult> judge_drills(const Case& judged, Causes& causes);

}  // namespace rackproof
