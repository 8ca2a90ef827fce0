// SPDX-License-Identifier: Apache-2.0
// One look at the conditions that the plan demands: each part in a process of its own with a
// deadline, so that a driver that hangs costs that part's conditions only, and no run.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "core/plan.h"
#include "runner/planner.h"
#include "runner/process.h"

namespace rackproof {

struct EnvironmentRequest {
  std::vector<ConditionDemand> demands;
  Rack rack;
  std::filesystem::path root = "/";
  std::vector<std::string> worker_command = default_worker_command();
  double deadline_s = 30;  ///< a driver without persistence takes seconds to wake eight GPUs
  const std::atomic<bool>* stop = nullptr;
  Spawn spawn = rackproof::spawn;
};

/// A record of each demand, in their order; `when` and `at_s` are left to the caller. What could
/// not be read is unknown with its reason. Empty when it was stopped.
[[nodiscard]] std::vector<ConditionRecord> look_at_environment(const EnvironmentRequest& request);

/// The records that stop a run before its load.
[[nodiscard]] std::vector<ConditionRecord> forbidding(const std::vector<ConditionDemand>& demands,
                                                      const std::vector<ConditionRecord>& records);

}  // namespace rackproof
