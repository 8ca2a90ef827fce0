// SPDX-License-Identifier: Apache-2.0
// What a worker is told of the conditions to look at, and what it answers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/device.h"
#include "core/json.h"

namespace rackproof {

/// {"t": "look", "root": ..., "device": {...}, "conditions": [{"name", "wanted"}, ...]}
struct LookOrder {
  std::filesystem::path root;
  DeviceInfo device;
  std::vector<ConditionDemand> demands;  ///< name and wanted alone
};
[[nodiscard]] Json to_json(const LookOrder& order);
[[nodiscard]] Expected<LookOrder> look_order_from_json(const Json& json);

/// {"t": "condition", "condition": {...}}; read back, its texts are of bounded length.
[[nodiscard]] Json condition_message(const ConditionRecord& record);
[[nodiscard]] Expected<ConditionRecord> condition_from_message(const Json& message);

}  // namespace rackproof
