// SPDX-License-Identifier: Apache-2.0
#include "reports/page_html_fields.h"

#include <nlohmann/json.hpp>

#include "core/stressor.h"

namespace rackproof {
namespace {

const Json& null_json() {
  static const Json kNull;
  return kNull;
}

const Json& no_rows() {
  static const Json kEmpty = Json::array();
  return kEmpty;
}

// A step's name ends with its parameters: "quick/01 compute.gemm dtype=int8 size=512".
std::string dtype_in(const std::string& step) {
  const auto at = step.find(" dtype=");
  if (at == std::string::npos) return {};
  const auto begin = at + 7;
  return step.substr(begin, step.find(' ', begin) - begin);
}

}  // namespace

const Json& field(const Json& object, const char* key) {
  if (!object.is_object()) return null_json();
  const auto found = object.find(key);
  return found == object.end() ? null_json() : *found;
}

const Json& rows(const Json& object, const char* key) {
  const Json& list = field(object, key);
  return list.is_array() ? list : no_rows();
}

std::string text(const Json& object, const char* key) {
  const Json& value = field(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::vector<std::string> texts(const Json& object, const char* key) {
  std::vector<std::string> all;
  for (const Json& value : rows(object, key)) {
    if (value.is_string()) all.push_back(value.get<std::string>());
  }
  return all;
}

std::optional<double> number(const Json& object, const char* key) {
  const Json& value = field(object, key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::string amount(const Json& object, const char* key, Unit unit) {
  const auto value = number(object, key);
  return value ? format(*value, unit) : "–";
}

bool flag(const Json& object, const char* key, bool otherwise) {
  const Json& value = field(object, key);
  return value.is_boolean() ? value.get<bool>() : otherwise;
}

Unit unit_of(const Json& row) {
  const auto unit = unit_from_name(text(row, "unit"));
  if (!unit) return Unit::count;
  return shown_unit(*unit, {{"dtype", dtype_in(text(row, "step"))}});
}

}  // namespace rackproof
