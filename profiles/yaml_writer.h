// SPDX-License-Identifier: Apache-2.0
// A profile's document as canonical YAML: the same document gives the same bytes, anywhere.
#pragma once

#include <string>

#include "core/json.h"

namespace rackproof {

/// Block style, lists of words in one line, keys in a fixed order. read_yaml() gives the document
/// back (integers and booleans as their texts).
[[nodiscard]] std::string write_yaml(const Json& document);

}  // namespace rackproof
