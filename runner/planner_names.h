// SPDX-License-Identifier: Apache-2.0
// Which of a numbered family is not there: "n3-d0" ... "n3-d6" of 8 lacks "n3-d7".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rackproof {

/// The members that lack among `seen` of `count`, "n3-d2, n3-d7", as well as their numbers tell; at
/// most 64 are named. `family` holds more names numbered in the same way and decides whether
/// numbers start at 0 or 1; where both are possible both are named. Empty: nothing can be told.
[[nodiscard]] std::string missing_names(const std::vector<std::string>& seen, std::uint64_t count,
                                        const std::vector<std::string>& family);

/// The members whose numbers lie outside those of `count`; all of `seen` when that cannot be told.
[[nodiscard]] std::string extra_names(const std::vector<std::string>& seen, std::uint64_t count,
                                      const std::vector<std::string>& family);

}  // namespace rackproof
