// SPDX-License-Identifier: Apache-2.0
#include "hardware/condition.h"

#include <fmt/format.h>

#include <algorithm>

#include "hardware/utf8_line.h"
#include "hardware/version_number.h"

namespace rackproof {
namespace {

std::vector<ConditionInfo>& registry() {
  static std::vector<ConditionInfo> all;
  return all;
}

// One line each, whatever a driver or a process calls itself.
void make_plain(ConditionRecord& record) {
  for (std::string* text : {&record.found, &record.wanted, &record.remedy, &record.detail}) {
    *text = utf8_line(*text);
  }
}

}  // namespace

bool register_condition(ConditionInfo info) {
  auto& all = registry();
  const auto place = std::find_if(all.begin(), all.end(),
                                  [&](const auto& known) { return info.name < known.name; });
  all.insert(place, info);
  return true;
}

const std::vector<ConditionInfo>& conditions() { return registry(); }

const ConditionInfo* find_condition(std::string_view name) {
  const auto& all = registry();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& known) { return known.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string_view name(ConditionInfo::Bound bound) {
  switch (bound) {
    case ConditionInfo::Bound::none:
      break;
    case ConditionInfo::Bound::at_least:
      return "at_least";
    case ConditionInfo::Bound::at_most:
      return "at_most";
  }
  return "";
}

Expected<std::string> canonical(const ConditionInfo& info, const std::string& text) {
  if (info.bound == ConditionInfo::Bound::none)
    return fail(fmt::format("{} takes no value", info.name));
  if (info.version) {
    const auto version = parse_version(text);
    if (!version) return tl::unexpected(version.error());
    return text;
  }
  const auto value = parse_as(text, info.unit);
  if (!value) return tl::unexpected(value.error());
  if (*value < 0) return fail(fmt::format("'{}' is below zero", text));
  const std::string readable = format(*value, info.unit);
  const bool exact = parse_as(readable, info.unit).value_or(-1) == *value;
  return exact ? readable : text;
}

ConditionRecord look_at(const std::string& name, const ConditionPlace& place) {
  const ConditionInfo* info = find_condition(name);
  ConditionRecord record =
      not_known("this build knows no condition of this name");  // a plan of another version
  try {
    if (info != nullptr) record = info->look(place);
  } catch (const std::exception& problem) {
    record = not_known(problem.what());
  }
  make_plain(record);
  record.name = name;
  return record;
}

ConditionRecord decided(bool good, std::string found, std::string wanted, std::string remedy) {
  ConditionRecord record;
  record.state = good ? ConditionState::good : ConditionState::bad;
  record.found = std::move(found);
  record.wanted = std::move(wanted);
  if (!good) record.remedy = std::move(remedy);
  return record;
}

ConditionRecord not_known(std::string why) {
  ConditionRecord record;
  record.state = ConditionState::unknown;
  record.detail = std::move(why);
  return record;
}

ConditionRecord not_supported(std::string why) {
  ConditionRecord record = not_known(std::move(why));
  record.state = ConditionState::unsupported;
  return record;
}

}  // namespace rackproof
