// SPDX-License-Identifier: Apache-2.0
// Checks of limits against steps, hardware and each other.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "profiles/lint.h"
#include "profiles/parameters.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kFewestPeers = 4;

using Settings = std::map<std::string, std::string>;

/// A combination of parameters that a step of the limit's stressor runs, and on what.
struct Measured {
  std::string kind;
  Settings params;
};

bool includes(const Settings& params, const Settings& where) {
  return std::ranges::all_of(where, [&](const auto& wanted) {
    const auto found = params.find(wanted.first);
    return found != params.end() && found->second == wanted.second;
  });
}

std::vector<Measured> measured_by(const ProfileLimit& limit, const Profile& profile) {
  const StressorInfo* info = find_stressor(limit.stressor);
  std::vector<Measured> all;
  for (const ProfileStage& stage : profile.stages) {
    for (const ProfileStep& step : stage.steps) {
      if (step.stressor != limit.stressor) continue;
      for (Settings& params : combinations(step, *info)) {
        if (includes(params, limit.where)) all.push_back({step.on, std::move(params)});
      }
    }
  }
  return all;
}

std::string conditions(const Settings& where) {
  std::vector<std::string> words;
  for (const auto& [key, value] : where) words.push_back(key + "=" + value);
  return words.empty() ? "" : fmt::format(" with {}", fmt::join(words, ", "));
}

void check_against_peak(const PlacedLimit& placed, const std::vector<Measured>& all,
                        const Profile& profile) {
  const ProfileLimit& limit = placed.limit;
  const Metric* metric = find_stressor(limit.stressor)->metric(limit.metric);
  if (!limit.value || metric->peak.empty()) return;
  for (const Measured& measured : all) {
    const std::string key = peak_key(*metric, measured.params);
    for (const ExpectedDevices& devices : profile.accelerators) {
      const auto peak = devices.ceilings.find(key);
      if (devices.kind != measured.kind || peak == devices.ceilings.end()) continue;
      if (*limit.value <= peak->second) continue;
      placed.node.wrong(fmt::format("{}: '{}' is above the physical ceiling of {} ({})",
                                    name(limit.rule), placed.node.text(), key,
                                    format(peak->second, metric->unit)));
      return;
    }
  }
}

std::uint64_t expected_devices(const Profile& profile, const std::string& kind) {
  std::uint64_t count = 0;
  for (const ExpectedDevices& devices : profile.accelerators) {
    if (devices.kind == kind) count += std::max<std::uint64_t>(devices.count, 1) * profile.nodes;
  }
  return count;
}

void check_peers(const PlacedLimit& placed, const std::vector<Measured>& all,
                 const Profile& profile) {
  std::set<std::string> kinds;
  for (const Measured& measured : all) kinds.insert(measured.kind);
  for (const std::string& kind : kinds) {
    const std::uint64_t count = expected_devices(profile, kind);
    if (count == 0 || count >= kFewestPeers) continue;
    placed.node.wrong_key(fmt::format(
        "peers: needs at least {} devices of one kind to compare; hardware expects {} of kind '{}'",
        kFewestPeers, count, kind));
  }
}

void check_alone(const PlacedLimit& placed, const Profile& profile) {
  const ProfileLimit& limit = placed.limit;
  const std::vector<Measured> all = measured_by(limit, profile);
  if (all.empty() && !profile.abstract && !profile.stages.empty()) {
    placed.node.wrong_key(fmt::format("{}: this limit can never be applied: no step runs {}{}",
                                      name(limit.rule), limit.stressor, conditions(limit.where)));
    return;
  }
  check_against_peak(placed, all, profile);
  if (limit.rule == Rule::peers) check_peers(placed, all, profile);
}

bool same_metric(const ProfileLimit& a, const ProfileLimit& b) {
  return a.stressor == b.stressor && a.metric == b.metric;
}

bool overlap(const Settings& a, const Settings& b) {
  return std::ranges::all_of(a, [&](const auto& wanted) {
    const auto other = b.find(wanted.first);
    return other == b.end() || other->second == wanted.second;
  });
}

void check_pair(const PlacedLimit& first, const PlacedLimit& second) {
  const ProfileLimit& a = first.limit;
  const ProfileLimit& b = second.limit;
  if (!same_metric(a, b)) return;
  if (a.rule == b.rule && a.where == b.where) {
    second.node.wrong_key(fmt::format("{}: '{}'{} has this rule already", name(b.rule), b.metric,
                                      conditions(b.where)));
    return;
  }
  const PlacedLimit& floor = a.rule == Rule::floor ? first : second;
  const PlacedLimit& ceiling = a.rule == Rule::floor ? second : first;
  if (floor.limit.rule != Rule::floor || ceiling.limit.rule != Rule::ceiling) return;
  if (!a.value || !b.value || !overlap(a.where, b.where)) return;
  if (*floor.limit.value > *ceiling.limit.value) {
    floor.node.wrong(fmt::format("floor: '{}' is above the ceiling '{}'", floor.node.text(),
                                 ceiling.node.text()));
  }
}

}  // namespace

void check_limits_together(const std::vector<PlacedLimit>& limits, const Profile& profile) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    check_alone(limits[i], profile);
    for (std::size_t j = 0; j < i; ++j) check_pair(limits[j], limits[i]);
  }
}

}  // namespace rackproof
