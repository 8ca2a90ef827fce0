// SPDX-License-Identifier: Apache-2.0
// How long a step may take and how long it may be silent, before its device counts as hung.
#pragma once

#include <optional>

#include "runner/planner_steps.h"

namespace rackproof {

/// Seconds that one iteration of the step's work should take on the device, by its nominal rates (a
/// slow guess where it names none).
[[nodiscard]] double iteration_s(const StepDraft& draft, const DeviceInfo& device);

/// Fills deadline_s (`wanted`, when the profile says so) and silence_s for the slowest of its
/// devices.
void set_deadlines(StepDraft& draft, const std::optional<double>& wanted);

/// The same for a drill, whose `missing` answer must be noticed soon.
void set_drill_deadlines(StepDraft& draft);

}  // namespace rackproof
