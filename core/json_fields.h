// SPDX-License-Identifier: Apache-2.0
// For the .cc files that turn structs into JSON and back: optional fields, 64-bit hex, strict
// errors.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "core/json.h"
#include "core/record.h"

namespace nlohmann {

template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& j, const std::optional<T>& value) {
    if (value) {
      j = *value;
    } else {
      j = nullptr;
    }
  }
  static void from_json(const json& j, std::optional<T>& value) {
    if (j.is_null()) {
      value.reset();
    } else {
      value = j.get<T>();
    }
  }
};

template <>
struct adl_serializer<rackproof::Bits> {
  static void to_json(json& j, const rackproof::Bits& bits) { j = rackproof::hex64(bits); }
  static void from_json(const json& j, rackproof::Bits& bits) {
    const auto value = rackproof::parse_hex64(j.get_ref<const std::string&>());
    if (!value) throw std::invalid_argument(value.error().text());
    bits = *value;
  }
};

}  // namespace nlohmann

/// An enum with name() and a from_name() as its word.
#define RACKPROOF_JSON_ENUM(Enum, from_name)                                     \
  inline void to_json(nlohmann::json& j, const Enum& value) { j = name(value); } \
  inline void from_json(const nlohmann::json& j, Enum& value) {                  \
    const auto parsed = from_name(j.get_ref<const std::string&>());              \
    if (!parsed) throw std::invalid_argument(parsed.error().text());             \
    value = *parsed;                                                             \
  }

namespace rackproof {

/// Reads a struct with a from_json, turning nlohmann's exceptions into one Error.
template <class T>
Expected<T> read_struct(const Json& json, const char* what) {
  try {
    return json.get<T>();
  } catch (const std::exception& problem) {
    return fail(std::string("not a ") + what + ": " + problem.what());
  }
}

}  // namespace rackproof
