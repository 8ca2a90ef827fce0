// SPDX-License-Identifier: Apache-2.0
// What will be demanded of every step on every device: integrity, physical ceilings, the profile's
// limits.
#pragma once

#include <vector>

#include "core/plan.h"
#include "profiles/profile.h"
#include "runner/planner.h"
#include "runner/planner_steps.h"

namespace rackproof {

/// Rows for the selected steps (`load`). A limit that no step of the whole profile measures
/// (`left_out` holds those that do not run) and a step that no device is there for become rows
/// without a step, so that they cannot vanish. Ids are unique for one step and device.
[[nodiscard]] std::vector<PlannedCriterion> plan_criteria(const Profile& profile, const Rack& rack,
                                                          const std::vector<StepDraft>& load,
                                                          const std::vector<StepDraft>& left_out);

}  // namespace rackproof
