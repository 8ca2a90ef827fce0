// SPDX-License-Identifier: Apache-2.0
// From the command line's words to a Plan: which profile, which stages, on what is there.
#pragma once

#include <string>
#include <vector>

#include "app/rack.h"
#include "core/plan.h"
#include "profiles/profile.h"

namespace rackproof {

struct Planned {
  Profile profile;
  Rack rack;
  Plan plan;
  std::string why;  ///< why this profile, when it was not named
  std::string
      caveat;  ///< what a plan for a machine that is not here cannot know; empty: it is here
};

/// An empty `profile` picks the best fitting one.
[[nodiscard]] ExpectedAll<Planned> plan_for(const std::string& profile,
                                            const std::vector<std::string>& stages,
                                            const RackOptions& options);

/// Every profile that is not only to be extended.
[[nodiscard]] ExpectedAll<std::vector<Profile>> usable_profiles();

/// For people: every step with its devices and time, and what is demanded.
[[nodiscard]] std::string describe(const Plan& plan);

}  // namespace rackproof
