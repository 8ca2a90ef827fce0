// SPDX-License-Identifier: Apache-2.0
// The drill: deliberate faults for each stressor on each device that it loads.
#pragma once

#include "runner/planner_steps.h"

namespace rackproof {

inline constexpr const char* kDrillStart = "drill-start";
inline constexpr const char* kDrillEnd = "drill-end";

/// One drill step a stressor and kind of device that `load` holds, on all of its devices, named as
/// steps of `stage`.
[[nodiscard]] Expected<std::vector<StepDraft>> drill_steps(const std::vector<StepDraft>& load,
                                                           const std::string& stage);

/// What strikes a stressor: the kinds that always change what its sites hold, then a late answer,
/// and last, but not in a gang of peers, the one that never comes, for it ends the worker.
[[nodiscard]] std::vector<PlannedFault> drill_faults(const StressorInfo& info);

/// Faults among an ordinary load's bursts, of the load's own size and settings: one at least, and
/// one more for every half minute up to sixteen. None for a load too short to hide any, and none
/// for collectives.
[[nodiscard]] std::vector<PlannedFault> unannounced_faults(const StressorInfo& info,
                                                           const PlannedStep& load);

}  // namespace rackproof
