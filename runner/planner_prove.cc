// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_prove.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/hash.h"
#include "core/stressor.h"
#include "runner/planner_deadlines.h"
#include "runner/planner_steps.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, kFaultClasses> kClassNames{"single", "structured",
                                                                  "deterministic"};
// Parameters that choose what is computed, not how much of it.
constexpr std::array<std::string_view, 4> kVaried{"dtype", "operands", "direction", "kind"};
constexpr std::int64_t kMostFaults = 10'000'000;
constexpr std::uint64_t kMostInAStep = 4000;  // they travel to the worker in one message
constexpr double kBurst_s = 1e-3;             // a few iterations
constexpr double kSilence_s = 60, kDeadline_s = 300, kSecondsPerFault = 0.2;

std::vector<std::map<std::string, std::string>> combinations(const StressorInfo& info) {
  std::vector<std::map<std::string, std::string>> all{{}};
  for (const std::string_view key : kVaried) {
    const AnyParam* param = info.param(key);
    const auto* choice = param == nullptr ? nullptr : std::get_if<Choice>(param);
    if (choice == nullptr) continue;
    std::vector<std::map<std::string, std::string>> longer;
    for (const auto& params : all) {
      for (const std::string_view word : choice->words) {
        longer.push_back(params);
        longer.back()[std::string(key)] = std::string(word);
      }
    }
    all = std::move(longer);
  }
  return all;
}

// Integers have no other operands than exact ones.
bool exists(const std::map<std::string, std::string>& params) {
  const auto type = params.find("dtype"), operands = params.find("operands");
  const bool both = type != params.end() && operands != params.end();
  return !both || type->second != "int8" || operands->second == "exact";
}

PlannedFault fault_of(FaultSite site, FaultKind kind, std::uint64_t bits, std::uint64_t count = 1,
                      std::uint64_t stride = 1) {
  return {.site = site, .kind = kind, .bits = bits, .count = count, .stride = stride};
}

// Zeros, NaN and exchanged elements may change nothing in a test pattern whose words are alike.
std::vector<PlannedFault> structured_at(FaultSite site) {
  std::vector<PlannedFault> kinds;
  for (const std::uint64_t bits : {2U, 3U, 4U, 8U, 16U, 32U})
    kinds.push_back(fault_of(site, FaultKind::flip, bits));
  for (const std::uint64_t stride : {1U, 4U, 8U, 16U})
    kinds.push_back(fault_of(site, FaultKind::lanes, 1 + stride % 3, 4, stride));
  for (const std::uint64_t count : {2U, 4U, 8U})
    kinds.push_back(fault_of(site, FaultKind::scramble, 1, count));
  if (site == FaultSite::memory) return kinds;
  for (const FaultKind kind : {FaultKind::zero, FaultKind::nan, FaultKind::inf, FaultKind::swap})
    kinds.push_back(fault_of(site, kind, 1));
  return kinds;
}

std::vector<PlannedFault> kinds_of(FaultClass fault_class, FaultSite site) {
  if (fault_class == FaultClass::structured) return structured_at(site);
  if (fault_class == FaultClass::single) return {fault_of(site, FaultKind::flip, 1)};
  return {fault_of(site, FaultKind::stuck, 1), fault_of(site, FaultKind::stuck, 4)};
}

// At least `count` in all, of every kind as many.
std::vector<PlannedFault> spread(std::vector<PlannedFault> kinds, std::uint64_t count) {
  for (PlannedFault& kind : kinds) kind.times = (count + kinds.size() - 1) / kinds.size();
  return kinds;
}

bool multiplies(const ProveCell& cell) {
  const StressorInfo* info = find_stressor(cell.stressor);
  return info != nullptr && std::any_of(info->metrics.begin(), info->metrics.end(),
                                        [](auto& m) { return m.peak.starts_with("gemm."); });
}

bool may_run(const DeviceInfo& device, const ProveCell& cell) {
  if (!multiplies(cell)) return true;
  const auto type = cell.params.find("dtype");
  const auto states = [](const auto& entry) { return entry.first.starts_with("gemm."); };
  if (type == cell.params.end() ||
      std::none_of(device.nominals.begin(), device.nominals.end(), states))
    return true;
  return device.nominals.contains("gemm." + type->second);
}

class Planner {
 public:
  Planner(const std::vector<DeviceInfo>& devices, const std::vector<ProveCell>& cells,
          std::uint64_t faults)
      : devices_(distinct(devices)), cells_(cells), faults_(faults) {}

  Expected<Plan> run() {
    plan_.profile = "prove";
    plan_.profile_sha256 = hex(sha256(""));  // there is none
    plan_.stages = {"prove"};
    for (const DeviceInfo* device : devices_) plan_.devices.push_back(device->id);
    for (const FaultClass fault_class :
         {FaultClass::single, FaultClass::structured, FaultClass::deterministic}) {
      for (const ProveCell& cell : cells_) {
        if (const auto added = add(cell, fault_class); !added) return tl::unexpected(added.error());
      }
    }
    return std::move(plan_);
  }

 private:
  // As many for each stressor, whatever the number of its types and sites.
  [[nodiscard]] std::uint64_t share_of(const ProveCell& cell, FaultClass fault_class) const {
    const bool lasting = fault_class == FaultClass::deterministic;
    const std::uint64_t all = lasting ? std::max<std::uint64_t>(1, faults_ / 10) : faults_;
    if (lacks_peers(cell)) return 1;  // so that the reason is told
    std::map<std::string_view, std::uint64_t> cells_of;
    for (const ProveCell& other : cells_) {
      if (!lacks_peers(other)) ++cells_of[other.stressor];
    }
    const std::uint64_t parts = cells_of.size() * cells_of[cell.stressor];
    return (all + parts - 1) / parts;
  }

  // Whether it needs two devices of one node and back end, and there are none.
  [[nodiscard]] bool lacks_peers(const ProveCell& cell) const {
    const StressorInfo* info = find_stressor(cell.stressor);
    if (info == nullptr || info->peers == Peers::none) return false;
    std::set<std::pair<std::string, std::string>> places;
    for (const DeviceInfo* device : devices_) {
      if (!places.emplace(device->node, device->backend).second) return false;
    }
    return true;
  }

  Expected<void> add(const ProveCell& cell, FaultClass fault_class) {
    std::vector<const DeviceInfo*> able;
    std::copy_if(devices_.begin(), devices_.end(), std::back_inserter(able),
                 [&](const DeviceInfo* device) { return may_run(*device, cell); });
    std::uint64_t left = able.empty() ? 0 : share_of(cell, fault_class);
    while (left > 0) {
      const std::uint64_t now = std::min(left, kMostInAStep);
      auto draft = draft_of(cell, able);
      if (!draft) return tl::unexpected(draft.error());
      finish(*draft, cell, fault_class, now);
      plan_.steps.push_back(std::move(draft->step));
      left -= now;
    }
    return {};
  }

  static Expected<StepDraft> draft_of(const ProveCell& cell,
                                      const std::vector<const DeviceInfo*>& devices) {
    const auto info = stressor_named(cell.stressor);
    if (!info) return tl::unexpected(info.error());
    Params wanted;
    for (const auto& [key, value] : (*info)->drill_params)
      wanted[std::string(key)] = std::string(value);
    for (const auto& [key, value] : cell.params) wanted[key] = value;
    ProfileStep step{.stressor = cell.stressor};
    step.duration_s = 1;  // of a load; a drill ends with its faults
    return draft_step(step, wanted, devices);
  }

  void finish(StepDraft& draft, const ProveCell& cell, FaultClass fault_class,
              std::uint64_t faults) const {
    PlannedStep& step = draft.step;
    step.stage = "prove";
    step.id = fmt::format("prove/{:03} {} {}{}{} {}", plan_.steps.size() + 1, cell.stressor,
                          label_of(cell.params), cell.params.empty() ? "" : " ", name(cell.site),
                          name(fault_class));
    step.duration_s = 0;
    step.drill = true;
    step.faults = spread(kinds_of(fault_class, cell.site), faults);
    step.burst_s = kBurst_s;
    step.silence_s = kSilence_s;
    step.deadline_s = kDeadline_s + kSecondsPerFault * static_cast<double>(faults);
  }

  std::vector<const DeviceInfo*> devices_;
  const std::vector<ProveCell>& cells_;
  std::uint64_t faults_;
  Plan plan_;
};

}  // namespace

std::string_view name(FaultClass fault_class) {
  return kClassNames[static_cast<std::size_t>(fault_class)];
}

std::optional<FaultClass> fault_class_of(const PlannedStep& step) {
  const std::string_view last = std::string_view(step.id).substr(step.id.rfind(' ') + 1);
  const auto found = std::find(kClassNames.begin(), kClassNames.end(), last);
  if (!step.drill || step.stage != "prove" || found == kClassNames.end()) return std::nullopt;
  return static_cast<FaultClass>(found - kClassNames.begin());
}

std::vector<ProveCell> prove_cells() {
  std::vector<ProveCell> cells;
  for (const StressorInfo& info : stressors()) {
    if (info.hidden) continue;
    for (const auto& params : combinations(info)) {
      if (!exists(params)) continue;
      for (const FaultSite site : info.drill_sites)
        cells.push_back({std::string(info.name), params, site});
    }
  }
  return cells;
}

Expected<Plan> make_prove_plan(const std::vector<DeviceInfo>& devices,
                               const std::vector<ProveCell>& cells, std::int64_t faults) {
  if (devices.empty()) return fail("no devices to prove detection on");
  if (cells.empty()) return fail("nothing to prove: no stressor has a place for faults");
  if (faults < 1 || faults > kMostFaults)
    return fail(
        fmt::format("a campaign takes 1 to {} faults of each class, not {}", kMostFaults, faults));
  return Planner(devices, cells, static_cast<std::uint64_t>(faults)).run();
}

}  // namespace rackproof
