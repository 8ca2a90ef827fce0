// SPDX-License-Identifier: Apache-2.0
// What a profile's YAML says and where it says it: JSON, with the place of every key and value.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"
#include "core/json.h"

namespace rackproof {

/// A place in a file, line and column from 1.
struct Mark {
  std::string file;
  int line = 0, column = 0;
};

/// A YAML document. Scalars are text, quoted or not; an empty value is null.
struct Document {
  Json json;
  std::map<std::string, Mark> values;  ///< JSON pointer (RFC 6901) -> where the value begins
  std::map<std::string, Mark> keys;    ///< JSON pointer -> where the key of this value stands

  /// A mistake at a value, and one at its key.
  [[nodiscard]] Error at_value(const std::string& pointer, std::string message) const;
  [[nodiscard]] Error at_key(const std::string& pointer, std::string message) const;
};

/// The pointer of a member or item below `pointer`.
[[nodiscard]] std::string below(const std::string& pointer, const std::string& key);
[[nodiscard]] std::string below(const std::string& pointer, std::size_t index);

/// nearest() of core, or the known word of the very same letters ("nmae"); "": none.
[[nodiscard]] std::string nearest_key(const std::string& word,
                                      const std::vector<std::string>& known);

/// "; did you mean 'x'?" when one of `known` is near, else "; known here: a, b".
[[nodiscard]] std::string suggestion(const std::string& word,
                                     const std::vector<std::string>& known);

}  // namespace rackproof
