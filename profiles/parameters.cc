// SPDX-License-Identifier: Apache-2.0
#include "profiles/parameters.h"

#include <fmt/format.h>

#include <algorithm>

namespace rackproof {
namespace {

std::vector<std::string> parameter_names(const StressorInfo& info) {
  std::vector<std::string> names;
  for (const AnyParam& param : info.params) names.emplace_back(name(param));
  return names;
}

using Settings = std::map<std::string, std::string>;

std::vector<Settings> with_each(const std::vector<Settings>& all, const std::string& key,
                                const std::vector<std::string>& values) {
  std::vector<Settings> more;
  for (const Settings& settings : all) {
    for (const std::string& value : values) {
      if (more.size() == kMaxCombinations) return more;
      more.push_back(settings);
      more.back()[key] = value;
    }
  }
  return more;
}

}  // namespace

const AnyParam* read_parameter(const StressorInfo& info, const std::string& key, const Node& node) {
  const AnyParam* param = info.param(key);
  if (param == nullptr) {
    node.wrong_key(fmt::format("{} has no parameter '{}'{}", info.name, key,
                               suggestion(key, parameter_names(info))));
  }
  return param;
}

std::optional<std::string> read_setting(const AnyParam& param, const Node& value) {
  if (value.text().empty()) return {};
  const auto text = canonical(param, value.text());
  if (text) return *text;
  value.wrong(text.error().message);
  return {};
}

std::uint64_t count_combinations(const ProfileStep& step) {
  std::uint64_t count = 1;
  for (const auto& [key, values] : step.with) {
    count = std::min<std::uint64_t>(count * std::max<std::size_t>(values.size(), 1), 1u << 30);
  }
  return count;
}

std::vector<Settings> combinations(const ProfileStep& step, const StressorInfo& info) {
  Settings defaults;
  for (const AnyParam& param : info.params) {
    defaults[std::string(name(param))] = fallback_text(param);
  }
  std::vector<Settings> all{defaults};
  for (const auto& [key, values] : step.with) all = with_each(all, key, values);
  return all;
}

}  // namespace rackproof
