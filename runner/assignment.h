// SPDX-License-Identifier: Apache-2.0
// What one worker is told to do: a planned step on one device, with the drill's faults from the
// seed.
#pragma once

#include <string>
#include <vector>

#include "core/context.h"
#include "core/plan.h"

namespace rackproof {

struct Assignment {
  StepSettings settings;
  std::string backend, device, spec;  ///< spec: the back end's own text
};
[[nodiscard]] Json to_json(const Assignment& assignment);
[[nodiscard]] Expected<Assignment> assignment_from_json(const Json& json);

/// The devices of one step that are peers of one another, each group in the step's order: of its
/// stressor's kind of peers, those of one node and one back end; without such a kind all of them.
[[nodiscard]] std::vector<std::vector<std::string>> gangs_of(
    const PlannedStep& step, const std::vector<std::string>& devices,
    const std::vector<DeviceInfo>& known);

/// The step's settings on one device; each planned fault gets its id (from 1), element and bits
/// from the campaign's seed, so that a verifier can tell which faults were due.
[[nodiscard]] StepSettings settings_for(const PlannedStep& step, const std::string& device,
                                        const Seed& seed, std::uint64_t attempt);

}  // namespace rackproof
