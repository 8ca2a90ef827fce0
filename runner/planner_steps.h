// SPDX-License-Identifier: Apache-2.0
// A profile's stages as single steps: lists expanded, parameters complete, devices assigned.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/device.h"
#include "core/plan.h"
#include "core/stressor.h"
#include "profiles/profile.h"

namespace rackproof {

/// A planned step with what the rest of the planner needs to know of it. Points into the registry
/// and into the Rack's devices.
struct StepDraft {
  PlannedStep step;
  const StressorInfo* info = nullptr;
  std::string label;  ///< the parameters that were given: "dtype=fp32 size=1024"
  std::string kind;   ///< what `on:` names; empty: devices named by hand
  std::vector<const DeviceInfo*> devices;  ///< none: nothing of that kind is there
};

using Params = std::map<std::string, std::string>;

/// "dtype=fp32 size=1024".
[[nodiscard]] std::string label_of(const Params& params);

/// The stressor of that name, or an Error that names the nearest.
[[nodiscard]] Expected<const StressorInfo*> stressor_named(const std::string& name);

/// Every parameter of the stressor in canonical form: the given ones, and the defaults of the rest.
[[nodiscard]] Expected<Params> complete_params(const StressorInfo& info, const Params& given);

/// Each distinct device once (by id), in the order given.
[[nodiscard]] std::vector<const DeviceInfo*> distinct(const std::vector<DeviceInfo>& devices);

/// One step on these devices, without an id. Errors name the step's mistake, not its stage.
[[nodiscard]] Expected<StepDraft> draft_step(const ProfileStep& step, const Params& given,
                                             std::vector<const DeviceInfo*> devices);

/// Sets stage and id: "quick/03 compute.gemm dtype=int8 size=512".
void place(StepDraft& draft, const std::string& stage, std::size_t number);

/// All steps of a stage, one a combination of the lists in `with` (the last key varies fastest).
[[nodiscard]] Expected<std::vector<StepDraft>> expand_stage(const ProfileStage& stage,
                                                            const std::vector<DeviceInfo>& devices);

}  // namespace rackproof
