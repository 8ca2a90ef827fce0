// SPDX-License-Identifier: Apache-2.0
// `stages` and `default_stages`: what is run, on what, with which parameters, for how long.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "profiles/lint.h"
#include "profiles/parameters.h"

namespace rackproof {
namespace {

constexpr double kLongestStep_s = 366.0 * 86400;
constexpr std::uint64_t kMostPasses = 1000000;

void read_with(const Node& with, const StressorInfo& info, ProfileStep& step) {
  for (const auto& [key, list] : with.members()) {
    const AnyParam* param = read_parameter(info, key, list);
    if (param == nullptr) continue;
    std::vector<std::string>& values = step.with[key];
    for (const Node& node : list.each()) {
      const auto value = read_setting(*param, node);
      if (!value) continue;
      if (std::ranges::count(values, *value) > 0) {
        node.wrong(fmt::format("{}: '{}' stands here twice", key, *value));
      }
      values.push_back(*value);
    }
  }
  if (count_combinations(step) > kMaxCombinations) {
    with.wrong_key(fmt::format("with: expands to {} steps; at most {}", count_combinations(step),
                               kMaxCombinations));
  }
}

// "one pass", "3 passes"; none: not written so.
std::optional<std::uint64_t> parse_passes(std::string_view text) {
  if (text == "one pass") return 1;
  std::uint64_t count = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view word(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (status != std::errc{} || (word != " pass" && word != " passes")) return {};
  return count;
}

void read_passes(const Node& how_long, std::uint64_t passes, const StressorInfo* info,
                 ProfileStep& step) {
  step.passes = passes;
  if (passes == 0 || passes > kMostPasses) {
    how_long.wrong(fmt::format("for: '{}' must be 1 to {} passes", how_long.text(), kMostPasses));
  } else if (info != nullptr && !info->by_passes) {
    how_long.wrong(
        fmt::format("for: {} does not run by passes; give a time, such as '60 s'", info->name));
  }
}

void read_time(const Node& how_long, ProfileStep& step) {
  step.duration_s = how_long.positive(Unit::second).value_or(0);
  if (step.duration_s > kLongestStep_s) {
    how_long.wrong(fmt::format("for: '{}' is longer than a year", how_long.text()));
  }
}

void read_for(const Node& how_long, const StressorInfo* info, ProfileStep& step) {
  const std::string text = how_long.text();
  if (const auto passes = parse_passes(text)) {
    read_passes(how_long, *passes, info, step);
  } else if (text.find("pass") != std::string::npos) {
    how_long.wrong(
        fmt::format("for: '{}': give either a time ('60 s') or passes ('one pass', "
                    "'3 passes')",
                    text));
  } else {
    read_time(how_long, step);
  }
}

void read_deadline(const Node& deadline, ProfileStep& step) {
  step.deadline_s = deadline.positive(Unit::second);
  if (!step.deadline_s) return;
  if (*step.deadline_s <= step.duration_s) {
    deadline.wrong(fmt::format("deadline: '{}' is not longer than the step itself ({})",
                               deadline.text(), format(step.duration_s, Unit::second)));
  } else if (*step.deadline_s > 2 * kLongestStep_s) {
    deadline.wrong(fmt::format("deadline: '{}' is longer than two years", deadline.text()));
  }
}

// What the rack has one of on each node has no peer there.
void check_peers(const Node& node, const StressorInfo& info, const ProfileStep& step,
                 const Profile& profile) {
  if (info.peers == Peers::none) return;
  const auto alone = std::ranges::find_if(profile.accelerators, [&](const ExpectedDevices& e) {
    return e.kind == step.on && e.count == 1;
  });
  const auto same = std::ranges::count_if(
      profile.accelerators, [&](const ExpectedDevices& e) { return e.kind == step.on; });
  if (alone == profile.accelerators.end() || same != 1) return;
  node.wrong(
      fmt::format("{} needs two devices of kind '{}' on a node at least; this profile's "
                  "nodes have one",
                  info.name, step.on));
}

ProfileStep read_step(const Node& node, const Profile& profile) {
  ProfileStep step;
  step.stressor = node["run"].text();
  step.on = node["on"].text();
  check_kind(node["on"], profile);
  step.gang = node["together"].text() == "all";
  step.attempts = node["attempts"].integer().value_or(1);
  const StressorInfo* info = find_stressor(step.stressor);
  if (info != nullptr) {
    read_with(node["with"], *info, step);
    check_peers(node["run"], *info, step, profile);
  } else if (!step.stressor.empty()) {
    node["run"].wrong(unknown_stressor(step.stressor).message);
  }
  read_for(node["for"], info, step);
  read_deadline(node["deadline"], step);
  return step;
}

bool same_work(const ProfileStep& a, const ProfileStep& b) {
  return a.stressor == b.stressor && a.on == b.on && a.with == b.with && a.gang == b.gang;
}

void read_steps(const Node& steps, const Profile& profile, ProfileStage& stage) {
  for (const Node& node : steps.items()) {
    const ProfileStep step = read_step(node, profile);
    const auto same = [&](const ProfileStep& other) { return same_work(step, other); };
    if (!step.stressor.empty() && std::ranges::any_of(stage.steps, same)) {
      node.wrong(fmt::format("stage '{}' runs this step a second time; run it longer instead",
                             stage.name));
    }
    stage.steps.push_back(step);
  }
}

void read_default_stages(const Node& list, Profile& profile) {
  std::vector<std::string> known;
  for (const ProfileStage& stage : profile.stages) known.push_back(stage.name);
  for (const Node& node : list.items()) {
    const std::string stage = node.text();
    if (std::ranges::count(profile.default_stages, stage) > 0) {
      node.wrong(fmt::format("default_stages: '{}' stands here twice", stage));
    } else if (!known.empty() && std::ranges::count(known, stage) == 0) {
      node.wrong(fmt::format("default_stages: no stage '{}'{}", stage, suggestion(stage, known)));
    }
    profile.default_stages.push_back(stage);
  }
}

}  // namespace

void read_stages(const Node& top, Profile& profile) {
  std::set<std::string> names;
  for (const Node& node : top["stages"].items()) {
    ProfileStage stage;
    stage.name = node["stage"].text();
    if (!stage.name.empty() && !names.insert(stage.name).second) {
      node["stage"].wrong(fmt::format("stage: two stages are named '{}'", stage.name));
    }
    stage.purpose = node["purpose"].text();
    stage.coverage = read_coverage(node["coverage"]);
    read_steps(node["steps"], profile, stage);
    profile.stages.push_back(stage);
  }
  read_default_stages(top["default_stages"], profile);
}

}  // namespace rackproof
