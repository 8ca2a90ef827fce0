// SPDX-License-Identifier: Apache-2.0
// Which sensors there can be, by the first word of their names: docs/reference/sensors.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/units.h"

namespace rackproof {

/// The units that sensors matching `pattern` can have; empty: any, where the pattern leaves it
/// open.
[[nodiscard]] std::vector<Unit> units_of_sensors(std::string_view pattern);

/// Empty when some source can make a sensor that `pattern` matches; else what is wrong, with the
/// nearest family.
[[nodiscard]] std::string unknown_family(std::string_view pattern);

}  // namespace rackproof
