// SPDX-License-Identifier: Apache-2.0
// Conditions of the environment that can be looked at. A condition is one file in
// hardware/conditions/ that registers itself; it only reads, and never changes a setting.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition.h"
#include "core/device.h"
#include "core/units.h"

namespace rackproof {

/// Where a condition is looked at.
struct ConditionPlace {
  std::filesystem::path root = "/";  ///< of the file system: a fixture in tests
  DeviceInfo device;                 ///< whose condition it is; without a meaning for a host's
  std::string wanted;                ///< ConditionDemand::wanted, canonical
};

/// Everything that the linter, the planner and the documents say about a condition.
struct ConditionInfo {
  enum class Of { host, gpu };
  enum class Bound { none, at_least, at_most };

  std::string_view name;     ///< "gpu.power_limit"
  std::string_view summary;  ///< what must hold
  Of of = Of::host;
  Bound bound = Bound::none;  ///< which value a profile may give
  Unit unit = Unit::count;    ///< of that value
  bool version = false;       ///< the value is a version ("580.65.06") instead
  bool needs_value = false;   ///< there is nothing to compare with without one
  bool steady = true;         ///< a setting, which stays as it is unless somebody changes it
  /// Fills in state, found, wanted, remedy and detail. May block as long as a driver does, so only
  /// a process of its own calls it.
  ConditionRecord (*look)(const ConditionPlace& place) = nullptr;
};

bool register_condition(ConditionInfo info);
/// All, sorted by name.
[[nodiscard]] const std::vector<ConditionInfo>& conditions();
[[nodiscard]] const ConditionInfo* find_condition(std::string_view name);
/// "at_least", "at_most"; "" for none.
[[nodiscard]] std::string_view name(ConditionInfo::Bound bound);

/// The one spelling of a value that plans and records use; an Error says what would be right.
[[nodiscard]] Expected<std::string> canonical(const ConditionInfo& info, const std::string& text);

/// Looks at it; what is thrown becomes `unknown` with its text. A name without a reader is unknown.
[[nodiscard]] ConditionRecord look_at(const std::string& name, const ConditionPlace& place);

/// What readers return: found against wanted, with what to do when it is bad.
[[nodiscard]] ConditionRecord decided(bool good, std::string found, std::string wanted,
                                      std::string remedy);
[[nodiscard]] ConditionRecord not_known(std::string why);
[[nodiscard]] ConditionRecord not_supported(std::string why);

}  // namespace rackproof
