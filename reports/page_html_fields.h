// SPDX-License-Identifier: Apache-2.0
// Reads a report that may be older, newer or not ours at all: what is absent or of another type is
// empty, never an exception.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/units.h"

namespace rackproof {

/// The member, or null.
[[nodiscard]] const Json& field(const Json& object, const char* key);
/// Its elements; empty when it is no list.
[[nodiscard]] const Json& rows(const Json& object, const char* key);
[[nodiscard]] std::string text(const Json& object, const char* key);
/// The list's texts.
[[nodiscard]] std::vector<std::string> texts(const Json& object, const char* key);
[[nodiscard]] std::optional<double> number(const Json& object, const char* key);
/// As a number with unit, "–" when absent.
[[nodiscard]] std::string amount(const Json& object, const char* key, Unit unit = Unit::count);
/// `otherwise` when it is absent.
[[nodiscard]] bool flag(const Json& object, const char* key, bool otherwise = false);
/// The unit that the row names, as it is shown: integer arithmetic is not in FLOP/s.
[[nodiscard]] Unit unit_of(const Json& row);

}  // namespace rackproof
