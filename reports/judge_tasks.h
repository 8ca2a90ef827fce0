// SPDX-License-Identifier: Apache-2.0
// One step on one device: did it run, to its end, and did it do anything?
#pragma once

#include "reports/judge_case.h"
#include "reports/judge_cause.h"
#include "reports/report.h"

namespace rackproof {

/// A row for every step x device of the plan and for everything that ran unplanned; the causes of
/// each row, integrity included, are appended to `causes`.
[[nodiscard]] std::vector<TaskResult> judge_tasks(const Case& judged, Causes& causes);

}  // namespace rackproof
