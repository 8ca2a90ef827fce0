// SPDX-License-Identifier: Apache-2.0
// The table of what a counter's rise means: hardware/sensors/counters.yaml, built in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "hardware/sensor.h"

namespace rackproof {

struct CounterRule {
  std::string sensor;  ///< "edac.*.*.ue"
  CounterClass told;   ///< with {1}, {2} in its part
  int line = 0;        ///< in the table, from 1
};

/// Every mistake is an Error with `file`, its line and what would be right.
[[nodiscard]] Expected<std::vector<CounterRule>> parse_counter_table(std::string_view yaml,
                                                                     const std::string& file);
/// The built-in one. Throws DeviceError when it cannot be read.
[[nodiscard]] const std::vector<CounterRule>& counter_table();

/// What each "*" of the pattern stands for, as short as possible from the left; none: no match.
[[nodiscard]] std::optional<std::vector<std::string>> stars_of(std::string_view pattern,
                                                               std::string_view name);

}  // namespace rackproof
