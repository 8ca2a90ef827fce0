// SPDX-License-Identifier: Apache-2.0
// The profile's conditions as demands: one a device, or one a node where a host's is asked for.
#pragma once

#include <string>
#include <vector>

#include "core/plan.h"
#include "profiles/profile.h"
#include "runner/planner.h"

namespace rackproof {

/// The part of a host's conditions for devices without a node of their own.
inline constexpr const char* kThisHost = "host";

/// Of the devices that take part (`taking_part`, by id), in the profile's order. A condition on a
/// kind that nobody is of is none.
[[nodiscard]] std::vector<ConditionDemand> plan_environment(
    const Profile& profile, const Rack& rack, const std::vector<std::string>& taking_part);

}  // namespace rackproof
