// SPDX-License-Identifier: Apache-2.0
#include "profiles/document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rackproof {
namespace {

Error placed(const std::map<std::string, Mark>& marks, const std::string& pointer,
             std::string message) {
  const auto found = marks.find(pointer);
  if (found == marks.end()) return Error{std::move(message)};
  const Mark& mark = found->second;
  return Error{std::move(message), mark.file, mark.line, mark.column};
}

}  // namespace

Error Document::at_value(const std::string& pointer, std::string message) const {
  return placed(values, pointer, std::move(message));
}

Error Document::at_key(const std::string& pointer, std::string message) const {
  return placed(keys.contains(pointer) ? keys : values, pointer, std::move(message));
}

std::string below(const std::string& pointer, const std::string& key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return pointer + "/" + escaped;
}

std::string below(const std::string& pointer, std::size_t index) {
  return pointer + "/" + std::to_string(index);
}

std::string nearest_key(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  if (!near.empty()) return near;
  const auto turned = std::ranges::find_if(
      known, [&](const auto& key) { return std::ranges::is_permutation(key, word); });
  return turned == known.end() ? "" : *turned;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = nearest_key(word, known);
  if (!near.empty()) return fmt::format("; did you mean '{}'?", near);
  return known.empty() ? "" : fmt::format("; known here: {}", fmt::join(known, ", "));
}

}  // namespace rackproof
