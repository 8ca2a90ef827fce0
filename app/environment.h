// SPDX-License-Identifier: Apache-2.0
// What a plan demands of the environment, looked at now: what would stop the run, before it is one.
#pragma once

#include <filesystem>
#include <string>

#include "core/plan.h"
#include "runner/planner.h"

namespace rackproof {

/// One line a condition: "ok", "BAD" with what to do, or "?" with why it is not known; nothing when
/// the plan demands none. Starts no load.
[[nodiscard]] std::string environment_now(const Plan& plan, const Rack& rack,
                                          const std::filesystem::path& root);

}  // namespace rackproof
