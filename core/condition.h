// SPDX-License-Identifier: Apache-2.0
// What can make a measurement worthless although the hardware is good: what the plan demands of the
// environment, and what was found of it before and after the load.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace rackproof {

/// `unsupported`: the machine has no such thing to read; `unknown`: it could not be read this time.
/// Neither is good or bad.
enum class ConditionState { good, bad, unknown, unsupported };
[[nodiscard]] std::string_view name(ConditionState state);
[[nodiscard]] Expected<ConditionState> condition_state_from_name(std::string_view name);

/// One condition of one part, fixed in the plan.
struct ConditionDemand {
  std::string name;                  ///< "gpu.power_limit"
  std::string part;                  ///< what is looked at: a device's id, or a node ("host")
  std::vector<std::string> devices;  ///< whose rates it spoils
  std::string wanted;                ///< the profile's value: "700 W"; empty: the condition's own
  bool required = true;
  bool steady = true;  ///< a setting: whoever changes it during the run spoils the run
  std::string source;  ///< where the value comes from
};

/// One look at it.
struct ConditionRecord {
  double at_s = 0;   ///< since the run began
  std::string when;  ///< kBeforeLoad or kAfterLoad
  std::string name, part;
  ConditionState state = ConditionState::unknown;
  std::string found, wanted;  ///< "500 W", "at least 700 W"; found is empty when nothing was read
  std::string remedy;         ///< what to type or do; nothing here ever changes a setting
  std::string detail;         ///< why it is not known; or more about what was found
};
inline constexpr const char* kBeforeLoad = "before load";
inline constexpr const char* kAfterLoad = "after load";
[[nodiscard]] Json to_json(const ConditionRecord& record);
/// Strict: a missing or mistyped field is an Error that names it.
[[nodiscard]] Expected<ConditionRecord> condition_from_json(const Json& json);

/// It stops a run before its load: required, and bad.
[[nodiscard]] bool stops(const ConditionDemand& demand, const ConditionRecord& record);
[[nodiscard]] bool is_of(const ConditionRecord& record, const ConditionDemand& demand);
/// "gpu:0 gpu.power_limit: 500 W, wanted at least 700 W; type: nvidia-smi -i 0 -pl 700".
[[nodiscard]] std::string describe(const ConditionRecord& record);

}  // namespace rackproof
