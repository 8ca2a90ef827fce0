// SPDX-License-Identifier: Apache-2.0
// The values of a synthetic rack's description: one key of it, set from its text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/synthetic/description.h"

namespace rackproof {

/// Sets what `key` names; the error says what would be right, without a place.
[[nodiscard]] Expected<void> set_hardware(SyntheticDescription& device, const std::string& key,
                                          std::string_view value);
[[nodiscard]] Expected<void> set_quirk(SyntheticDescription& device, const std::string& key,
                                       std::string_view value);

/// The keys that each of the two knows, quirks without a value apart.
[[nodiscard]] const std::vector<std::string>& hardware_keys();
[[nodiscard]] const std::vector<std::string>& quirk_keys();
[[nodiscard]] const std::vector<std::string>& quirk_flags();

/// A whole number from `least` to `most`.
[[nodiscard]] Expected<std::uint64_t> parse_whole(std::string_view text, std::uint64_t least,
                                                  std::uint64_t most);

/// "unknown WHAT 'word'; did you mean 'near'?", or the list when none is near.
[[nodiscard]] tl::unexpected<Error> unknown_word(const std::string& what, const std::string& word,
                                                 const std::vector<std::string>& known);

}  // namespace rackproof
