// SPDX-License-Identifier: Apache-2.0
#include "profiles/yaml_writer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace rackproof {
namespace {

// What a reader wants to see first; all other keys follow by alphabet.
constexpr std::array<std::string_view, 22> kFirst{
    "schema", "name", "revision", "title",          "abstract", "confidence", "hardware", "rack",
    "node",   "kind", "count",    "default_stages", "stages",   "stage",      "purpose",  "run",
    "on",     "with", "for",      "metric",         "where",    "coverage"};

auto rank(const std::string& key) {
  return std::make_pair(std::ranges::find(kFirst, std::string_view(key)), std::string_view(key));
}

std::vector<std::string> ordered_keys(const Json& map) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : map.items()) keys.push_back(key);
  std::ranges::sort(keys, [](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return keys;
}

bool is_plain(const std::string& text) {
  constexpr std::string_view kSafe = " ._/%+-";
  const auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (text.empty() || !letter(text.front()) || text.back() == ' ') return false;
  if (text == "null" || text == "Null" || text == "NULL") return false;
  return std::ranges::all_of(
      text, [&](char c) { return letter(c) || kSafe.find(c) != std::string_view::npos; });
}

// A JSON string is a YAML double-quoted scalar; in ASCII, so that no reader's idea of
// printable Unicode matters.
std::string scalar(const Json& value) {
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  return is_plain(text) ? text : value.dump(-1, ' ', true);
}

bool is_leaf(const Json& value) { return !value.is_structured() || value.empty(); }

bool one_line(const Json& value) {
  return is_leaf(value) || (value.is_array() && std::ranges::all_of(value, is_leaf));
}

std::string in_line(const Json& value) {
  if (!value.is_array() || value.empty()) return scalar(value);
  std::string text = "[";
  for (const Json& item : value) text += (text.size() > 1 ? ", " : "") + scalar(item);
  return text + "]";
}

std::string block(const Json& value, const std::string& indent);

std::string map_block(const Json& map, const std::string& indent) {
  std::string text;
  for (const std::string& key : ordered_keys(map)) {
    const Json& value = map.at(key);
    text += indent + scalar(key) + ":";
    text += one_line(value) ? " " + in_line(value) + "\n" : "\n" + block(value, indent + "  ");
  }
  return text;
}

std::string list_block(const Json& list, const std::string& indent) {
  std::string text;
  for (const Json& item : list) {
    const std::string body =
        one_line(item) ? indent + "  " + in_line(item) + "\n" : block(item, indent + "  ");
    text += indent + "- " + body.substr(indent.size() + 2);
  }
  return text;
}

std::string block(const Json& value, const std::string& indent) {
  return value.is_array() ? list_block(value, indent) : map_block(value, indent);
}

}  // namespace

std::string write_yaml(const Json& document) { return block(document, ""); }

}  // namespace rackproof
