// SPDX-License-Identifier: Apache-2.0
// What the members of a gang tell each other through the supervisor: any bytes, as hex digits in a
// line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace rackproof {

[[nodiscard]] std::string hex_of(std::string_view bytes);
/// Its inverse: refuses digits that are none, an odd number of them, and more than kMaxExchanged
/// bytes.
[[nodiscard]] Expected<std::string> bytes_of_hex(std::string_view digits);

}  // namespace rackproof
