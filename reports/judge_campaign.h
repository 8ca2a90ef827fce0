// SPDX-License-Identifier: Apache-2.0
// What concerns the run as a whole: inventory, events, its end, and what the plan forgot.
#pragma once

#include "reports/judge_case.h"
#include "reports/judge_cause.h"

namespace rackproof {

[[nodiscard]] Causes campaign_causes_of(const Case& judged);

}  // namespace rackproof
