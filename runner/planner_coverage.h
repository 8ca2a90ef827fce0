// SPDX-License-Identifier: Apache-2.0
// How much of what is there the selected stages must cover.
#pragma once

#include <vector>

#include "core/plan.h"
#include "profiles/profile.h"
#include "runner/planner.h"
#include "runner/planner_steps.h"

namespace rackproof {

/// The profile's demands as each selected stage overrides them; where several stages do, the
/// strictest.
[[nodiscard]] ProfileCoverage strictest_coverage(const Profile& profile,
                                                 const std::vector<const ProfileStage*>& selected);

/// One row a demand and device. Devices of the hardware that the profile names stay in it whether a
/// step covers them or not.
[[nodiscard]] std::vector<CoverageDemand> plan_coverage(const ProfileCoverage& coverage,
                                                        const Profile& profile, const Rack& rack,
                                                        const std::vector<StepDraft>& load);

}  // namespace rackproof
