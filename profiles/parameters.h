// SPDX-License-Identifier: Apache-2.0
// A stressor and its parameters as a profile names them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/stressor.h"
#include "profiles/node.h"
#include "profiles/profile.h"

namespace rackproof {

/// The parameter of that name; reports at the node's key when the stressor has none.
[[nodiscard]] const AnyParam* read_parameter(const StressorInfo& info, const std::string& key,
                                             const Node& node);

/// The canonical value; reports a wrong one.
[[nodiscard]] std::optional<std::string> read_setting(const AnyParam& param, const Node& value);

/// How many combinations the lists in `with` expand to; saturates instead of overflowing.
[[nodiscard]] std::uint64_t count_combinations(const ProfileStep& step);
inline constexpr std::uint64_t kMaxCombinations = 1000;

/// Every combination of the step's parameters, defaults filled in; at most kMaxCombinations.
[[nodiscard]] std::vector<std::map<std::string, std::string>> combinations(
    const ProfileStep& step, const StressorInfo& info);

}  // namespace rackproof
