// SPDX-License-Identifier: Apache-2.0
// `environment`: which conditions must hold around which devices, by the names of the registry.
#include <fmt/format.h>

#include "hardware/condition.h"
#include "profiles/lint.h"

namespace rackproof {
namespace {

constexpr std::string_view kGpu = "gpu";

std::vector<std::string> condition_names() {
  std::vector<std::string> names;
  for (const ConditionInfo& info : conditions()) names.emplace_back(info.name);
  return names;
}

/// Reads one entry whose name is known.
class Entry {
 public:
  Entry(const Node& node, const ConditionInfo& info) : node_(node), info_(info) {}

  ProfileCondition read(const Profile& profile) const {
    ProfileCondition condition{std::string(info_.name), node_["on"].text(), value(),
                               node_["required"].flag(true), node_["source"].text()};
    check_kind(node_["on"], profile);
    if (info_.of == ConditionInfo::Of::gpu && !condition.on.empty() && condition.on != kGpu)
      node_["on"].wrong(fmt::format("on: {} is a condition of devices of kind 'gpu'", info_.name));
    if (!condition.wanted.empty() && condition.source.empty())
      node_.wrong("'source' is missing: say where the value comes from");
    return condition;
  }

 private:
  [[nodiscard]] std::string value() const {
    for (const auto bound : {ConditionInfo::Bound::at_least, ConditionInfo::Bound::at_most}) {
      const std::string word(name(bound));
      if (bound != info_.bound && node_[word]) refuse(node_[word], word);
    }
    if (info_.bound == ConditionInfo::Bound::none) return "";
    const std::string word(name(info_.bound));
    const Node given = node_[word];
    if (!given && info_.needs_value)
      node_.wrong(fmt::format("'{}' is missing: {} has nothing to compare with", word, info_.name));
    if (given.text().empty()) return "";
    const auto text = canonical(info_, given.text());
    if (!text) given.wrong(fmt::format("{}: {}", word, text.error().message));
    return text.value_or("");
  }

  void refuse(const Node& given, const std::string& word) const {
    const std::string_view right = name(info_.bound);
    given.wrong_key(right.empty() ? fmt::format("{}: {} takes no value", word, info_.name)
                                  : fmt::format("{}: {} takes '{}'", word, info_.name, right));
  }

  Node node_;
  const ConditionInfo& info_;
};

}  // namespace

std::vector<ProfileCondition> read_environment(const Node& environment, const Profile& profile) {
  std::vector<ProfileCondition> all;
  for (const auto& [key, node] : environment.members()) {
    const ConditionInfo* info = find_condition(key);
    if (info == nullptr) {
      node.wrong_key(
          fmt::format("unknown condition '{}'{}", key, suggestion(key, condition_names())));
    } else {
      all.push_back(Entry(node, *info).read(profile));
    }
  }
  return all;
}

}  // namespace rackproof
