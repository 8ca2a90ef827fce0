// SPDX-License-Identifier: Apache-2.0
#include "profiles/sensor_families.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"

namespace rackproof {
namespace {

struct Family {
  std::string word;
  std::vector<std::pair<std::string, Unit>> units;  // by how the last part begins; "": any other
};

const std::vector<Family>& families() {
  static const std::vector<Family> kFamilies{
      {"hwmon",
       {{"temp", Unit::celsius},
        {"fan", Unit::rpm},
        {"in", Unit::volt},
        {"curr", Unit::ampere},
        {"power", Unit::watt},
        {"energy", Unit::joule}}},
      {"thermal", {{"", Unit::celsius}}},
      {"rapl", {{"energy", Unit::joule}, {"power", Unit::watt}}},
      {"edac", {{"", Unit::count}}},
      {"mce", {{"", Unit::count}}},
      {"throttle", {{"time", Unit::second}, {"", Unit::count}}},
      {"pcie", {{"", Unit::count}}},
      {"nic", {{"", Unit::count}}},
      {"ib", {{"", Unit::count}}},
      {"block", {{"", Unit::count}}},
      {"md", {{"", Unit::count}}},
      {"psi", {{"", Unit::ratio}}},
      {"memory", {{"oom_kills", Unit::count}, {"", Unit::byte}}},
      {"cpu", {{"frequency", Unit::hertz}}},
      {"nvml",
       {{"temp", Unit::celsius},
        {"margin", Unit::celsius},
        {"to_slowdown", Unit::celsius},
        {"to_shutdown", Unit::celsius},
        {"memory", Unit::celsius},
        {"memory", Unit::hertz},
        {"sm", Unit::hertz},
        {"power", Unit::watt},
        {"instant", Unit::watt},
        {"limit", Unit::watt},
        {"energy", Unit::joule},
        {"time", Unit::second},
        {"fan", Unit::ratio},
        {"", Unit::count}}},
  };
  return kFamilies;
}

bool letter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

std::string_view letters(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, letter);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// True when a "*" may stand for the rest of the first word.
bool open_ended(std::string_view pattern) {
  const std::string_view word = letters(pattern);
  return word.size() < pattern.size() && pattern[word.size()] == '*';
}

std::vector<const Family*> families_of(std::string_view pattern) {
  const std::string_view word = letters(pattern);
  const bool open = open_ended(pattern);
  std::vector<const Family*> found;
  for (const Family& family : families()) {
    if (open ? std::string_view(family.word).starts_with(word) : family.word == word)
      found.push_back(&family);
  }
  return found;
}

}  // namespace

std::vector<Unit> units_of_sensors(std::string_view pattern) {
  const auto dot = pattern.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? "" : pattern.substr(dot + 1);
  const std::string_view stem = letters(last);
  std::vector<Unit> units;
  for (const Family* family : families_of(pattern)) {
    for (const auto& [start, unit] : family->units) {
      const bool open = stem.empty() || stem.size() < last.size();
      const bool fits = open ? start.starts_with(stem) || stem == start : stem == start;
      const bool other = start.empty() && !stem.empty();
      if (!fits && !(other && units.empty())) continue;
      if (std::ranges::count(units, unit) == 0) units.push_back(unit);
    }
  }
  return units;
}

std::string unknown_family(std::string_view pattern) {
  if (!families_of(pattern).empty()) return {};
  std::vector<std::string> words;
  for (const Family& family : families()) words.push_back(family.word);
  const std::string near = nearest(std::string(letters(pattern)), words);
  return fmt::format("sensor: no source makes sensors named '{}'; {}", pattern,
                     near.empty() ? fmt::format("their names begin with {}", fmt::join(words, ", "))
                                  : fmt::format("did you mean '{}'?", near));
}

}  // namespace rackproof
