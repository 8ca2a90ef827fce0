// SPDX-License-Identifier: Apache-2.0
// The shape of a profile as JSON Schema (draft 7), compiled in so that it is always at hand.
#pragma once

#include <string_view>
#include <vector>

#include "profiles/document.h"

namespace rackproof {

/// The JSON Schema's text, for editors and other programs.
[[nodiscard]] std::string_view profile_schema();

/// Turns the texts that the schema wants as integer or boolean into these (plain decimal, true,
/// false; anything else stays text), then validates. One error a mistake, the deepest.
[[nodiscard]] std::vector<Error> check_shape(Document& document);

}  // namespace rackproof
