// SPDX-License-Identifier: Apache-2.0
// Profile + what is there -> Plan: a pure function, so that --dry-run prints it and verify repeats
// it.
#pragma once

#include <string>
#include <vector>

#include "core/device.h"
#include "core/plan.h"
#include "hardware/inventory.h"
#include "profiles/profile.h"

namespace rackproof {

/// What is there: the host this runs on, every device that answered, and every back end that did
/// not.
struct Rack {
  Inventory host;
  std::vector<DeviceInfo> devices;
  std::vector<std::string> discovery_problems;  ///< "opencl: discovery ended by signal 11"
  std::vector<std::string> absent;              ///< "cuda: no NVIDIA driver: ..."
};
[[nodiscard]] Json to_json(const Rack& rack);
[[nodiscard]] Expected<Rack> rack_from_json(const Json& json);

struct PlanOptions {
  std::vector<std::string> stages;  ///< empty: the profile's default
};

/// Unknown stage: an Error. Missing, extra or wrong hardware: unmet InventoryChecks in the Plan.
[[nodiscard]] Expected<Plan> make_plan(const Profile& profile, const Rack& rack,
                                       const PlanOptions& options = {});

/// One stressor on the named devices for `duration_s`, without limits beyond integrity and
/// ceilings: `rackproof stress`. `unanswered`: back ends whose devices are missing, each an unmet
/// InventoryCheck.
[[nodiscard]] Expected<Plan> make_stress_plan(const std::string& stressor,
                                              const std::map<std::string, std::string>& params,
                                              const std::vector<DeviceInfo>& devices,
                                              double duration_s,
                                              const std::vector<std::string>& unanswered = {});

struct ProfileChoice {
  std::string profile, why;
};
/// The most specific non-abstract profile whose hardware is all there; never none while a generic
/// one fits.
[[nodiscard]] Expected<ProfileChoice> choose_profile(const std::vector<Profile>& profiles,
                                                     const Rack& rack);

}  // namespace rackproof
