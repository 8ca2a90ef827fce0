// SPDX-License-Identifier: Apache-2.0
// Dotted versions, compared number by number: "580.65.06" is newer than "580.9".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace rackproof {

/// "580.65.06" as {580, 65, 6}: compares with < as versions do. At most eight parts of at most nine
/// digits; an Error says what was found.
[[nodiscard]] Expected<std::vector<std::uint32_t>> parse_version(std::string_view text);

}  // namespace rackproof
