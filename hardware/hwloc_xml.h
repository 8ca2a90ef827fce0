// SPDX-License-Identifier: Apache-2.0
// Checks an hwloc XML before hwloc reads it: hwloc recurses and allocates as the file says, and
// would overrun its own memory on sizes that no machine has.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace rackproof {

inline constexpr std::uint64_t kMostHwlocXmlBytes = 256u << 20;

/// Begins and ends as `lstopo --of xml` writes it, version 1 or 2, no entities, at most 64 deep, at
/// most a million objects, numbers that a machine can have. Errors name `file` and the line.
[[nodiscard]] Expected<void> check_hwloc_xml(std::string_view text, const std::string& file);

}  // namespace rackproof
