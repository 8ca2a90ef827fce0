// SPDX-License-Identifier: Apache-2.0
#include "core/condition.h"

#include <array>

#include "core/json_fields.h"

namespace rackproof {

RACKPROOF_JSON_ENUM(ConditionState, condition_state_from_name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ConditionRecord, at_s, when, name, part, state, found, wanted,
                                   remedy, detail)

namespace {

constexpr std::array<std::string_view, 4> kStates{"good", "bad", "unknown", "unsupported"};

}  // namespace

std::string_view name(ConditionState state) {
  const auto index = static_cast<std::size_t>(state);
  return index < kStates.size() ? kStates[index] : "unknown";
}

Expected<ConditionState> condition_state_from_name(std::string_view wanted) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == wanted) return static_cast<ConditionState>(i);
  }
  return fail("unknown state '" + std::string(wanted) + "' of a condition");
}

Json to_json(const ConditionRecord& record) {
  Json json;
  to_json(json, record);
  return json;
}

Expected<ConditionRecord> condition_from_json(const Json& json) {
  return read_struct<ConditionRecord>(json, "condition");
}

bool is_of(const ConditionRecord& record, const ConditionDemand& demand) {
  return record.name == demand.name && record.part == demand.part;
}

bool stops(const ConditionDemand& demand, const ConditionRecord& record) {
  return demand.required && is_of(record, demand) && record.state == ConditionState::bad;
}

std::string describe(const ConditionRecord& record) {
  std::string text = record.part + " " + record.name + ": ";
  if (record.found.empty()) {
    text += std::string(name(record.state)) + ": " + record.detail;
  } else {
    text += record.found;
    if (!record.wanted.empty()) text += ", wanted " + record.wanted;
    if (!record.detail.empty()) text += " (" + record.detail + ")";
  }
  const bool good = record.state == ConditionState::good;
  return good || record.remedy.empty() ? text : text + "; to do: " + record.remedy;
}

}  // namespace rackproof
