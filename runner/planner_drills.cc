// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_drills.h"

#include <algorithm>

#include "runner/planner_deadlines.h"

namespace rackproof {
namespace {

// A test pattern in memory may itself be all zeros or all ones, so that `zero` and `nan` would
// change nothing there.
std::vector<FaultKind> kinds_at(FaultSite site) {
  if (site == FaultSite::timing) return {};
  std::vector<FaultKind> kinds{FaultKind::flip, FaultKind::flip, FaultKind::flip, FaultKind::stuck};
  if (site != FaultSite::memory) kinds.push_back(FaultKind::nan);
  return kinds;
}

Expected<StepDraft> drill_of(const StepDraft& load) {
  Params wanted = load.step.params;
  for (const auto& [key, value] : load.info->drill_params) {
    wanted[std::string(key)] = std::string(value);
  }
  auto params = complete_params(*load.info, wanted);
  if (!params) return tl::unexpected(params.error());

  StepDraft drill = load;
  drill.label.clear();
  drill.step.params = std::move(*params);
  drill.step.duration_s = 0;
  drill.step.passes = 0;
  drill.step.gang = load.info->peers != Peers::none;
  drill.step.attempts = 1;
  drill.step.drill = true;
  drill.step.faults = drill_faults(*load.info);
  set_drill_deadlines(drill);
  return drill;
}

bool is_drilled(const std::vector<StepDraft>& drills, const StepDraft& load) {
  return std::any_of(drills.begin(), drills.end(), [&](const StepDraft& drill) {
    return drill.info == load.info && drill.kind == load.kind;
  });
}

}  // namespace

std::vector<PlannedFault> drill_faults(const StressorInfo& info) {
  std::vector<PlannedFault> faults;
  for (const FaultSite site : info.drill_sites) {
    for (const FaultKind kind : kinds_at(site)) faults.push_back({site, kind});
  }
  faults.push_back({FaultSite::timing, FaultKind::late});
  // It would end its whole gang, and with that the drill of each of the others.
  if (info.peers == Peers::none) faults.push_back({FaultSite::timing, FaultKind::missing});
  return faults;
}

std::vector<PlannedFault> unannounced_faults(const StressorInfo& info, const PlannedStep& load) {
  constexpr double kShortest_s = 2, kApart_s = 30;
  constexpr std::uint64_t kMost = 16;
  // It takes a burst of its own, which a device cannot run alone where all must take part.
  if (info.peers == Peers::collectives) return {};
  if (info.drill_sites.empty() || (load.passes == 0 && load.duration_s < kShortest_s)) return {};
  const auto count =
      std::min<std::uint64_t>(kMost, 1 + static_cast<std::uint64_t>(load.duration_s / kApart_s));
  std::vector<PlannedFault> faults;
  for (std::uint64_t i = 0; i < count; ++i) {
    const FaultSite site = info.drill_sites[i % info.drill_sites.size()];
    faults.push_back({.site = site, .kind = FaultKind::flip, .bits = i % 2 == 0 ? 1U : 5U});
  }
  return faults;
}

Expected<std::vector<StepDraft>> drill_steps(const std::vector<StepDraft>& load,
                                             const std::string& stage) {
  std::vector<StepDraft> drills;
  for (const StepDraft& step : load) {
    if (step.devices.empty() || is_drilled(drills, step)) continue;
    auto drill = drill_of(step);
    if (!drill) return fail("drill: " + drill.error().message);
    place(*drill, stage, drills.size() + 1);
    drills.push_back(std::move(*drill));
  }
  return drills;
}

}  // namespace rackproof
