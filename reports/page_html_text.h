// SPDX-License-Identifier: Apache-2.0
// Text that others wrote, made harmless for a page, and the page's templates.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/json.h"

namespace rackproof {

/// For HTML text and quoted attributes: markup is escaped; control characters, and those that turn
/// the writing direction around, become U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

/// Compact JSON for a script block: no '<' in it, so that nothing in it ends the block.
[[nodiscard]] std::string json_block(const Json& json);

/// Replaces each {{name}}; what is put in is not searched again. An unknown name stays empty.
[[nodiscard]] std::string fill(std::string_view pattern,
                               const std::map<std::string, std::string, std::less<>>& values);

/// What stands between the first `begin` and the next `end`; empty without `begin`.
[[nodiscard]] std::string_view between(std::string_view text, std::string_view begin,
                                       std::string_view end);

}  // namespace rackproof
