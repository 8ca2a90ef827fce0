// SPDX-License-Identifier: Apache-2.0
#include "runner/assignment.h"

#include <algorithm>
#include <bit>
#include <map>
#include <nlohmann/json.hpp>

#include "core/oracle.h"

namespace rackproof {
namespace {

// Apart, so that no number of faults makes one's draw another's.
constexpr std::uint64_t kElementStream = 1ULL << 32, kMaskStream = 2ULL << 32;
constexpr double kLateAnswer_s = 1.0, kLateInDrill_s = 0.5;
constexpr double kLate_s = 5.0;  // at least; a step of long iterations has a longer silence

// So many different bits, the lowest first in the order of drawing.
std::uint64_t mask_of(std::uint64_t draw, std::uint64_t bits) {
  std::uint64_t mask = 0;
  const auto wanted = static_cast<int>(std::clamp<std::uint64_t>(bits, 1, 64));
  for (std::uint64_t i = 0; std::popcount(mask) < wanted; ++i)
    mask |= std::uint64_t{1} << (pattern_word(draw, i) % 64);
  return mask;
}

std::vector<Fault> faults_for(const PlannedStep& step, const std::string& device,
                              const Seed& seed) {
  std::vector<Fault> faults;
  faults.reserve(count_of(step.faults));
  for (const PlannedFault& planned : step.faults) {
    for (std::uint64_t i = 0; i < planned.times; ++i) {
      Fault fault;
      fault.id = faults.size() + 1;
      fault.site = planned.site;
      fault.kind = planned.kind;
      fault.element = derive(seed, device, step.id, kElementStream + fault.id);
      fault.mask = mask_of(derive(seed, device, step.id, kMaskStream + fault.id), planned.bits);
      fault.delay_s = planned.kind == FaultKind::late ? kLateAnswer_s : 0;
      fault.count = planned.count;
      fault.stride = planned.stride;
      faults.push_back(fault);
    }
  }
  return faults;
}

bool strikes_time(const PlannedStep& step) {
  return std::any_of(step.faults.begin(), step.faults.end(),
                     [](const PlannedFault& f) { return f.site == FaultSite::timing; });
}

const DeviceInfo* find_device(const std::vector<DeviceInfo>& known, const std::string& id) {
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const DeviceInfo& d) { return d.id == id; });
  return found == known.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::vector<std::string>> gangs_of(const PlannedStep& step,
                                               const std::vector<std::string>& devices,
                                               const std::vector<DeviceInfo>& known) {
  const StressorInfo* stressor = find_stressor(step.stressor);
  if (stressor == nullptr || stressor->peers == Peers::none) return {devices};
  std::vector<std::vector<std::string>> gangs;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (const std::string& id : devices) {
    const DeviceInfo* device = find_device(known, id);
    const auto home = device == nullptr ? std::pair(id, std::string())  // alone
                                        : std::pair(device->node, device->backend);
    const auto [place, fresh] = places.try_emplace(home, gangs.size());
    if (fresh) gangs.emplace_back();
    gangs[place->second].push_back(id);
  }
  return gangs;
}

StepSettings settings_for(const PlannedStep& step, const std::string& device, const Seed& seed,
                          std::uint64_t attempt) {
  StepSettings settings;
  settings.step = step.id;
  settings.device = device;
  settings.stressor = step.stressor;
  settings.attempt = attempt;
  settings.params = step.params;
  settings.seed = seed;
  settings.duration_s = step.duration_s;
  settings.passes = step.passes;
  settings.gang = step.gang;
  settings.late_after_s = std::max(kLate_s, step.silence_s / 3);
  settings.faults = faults_for(step, device, seed);
  if (step.drill) {
    settings.drill = true;
    settings.burst_s = 0.05;
    settings.window_s = 0.05;
    if (strikes_time(step)) settings.late_after_s = kLateInDrill_s;
  }
  if (step.burst_s > 0) settings.burst_s = step.burst_s;
  return settings;
}

Json to_json(const Assignment& assignment) {
  return Json{{"t", "assignment"},
              {"settings", to_json(assignment.settings)},
              {"backend", assignment.backend},
              {"device", assignment.device},
              {"spec", assignment.spec}};
}

Expected<Assignment> assignment_from_json(const Json& json) {
  try {
    auto settings = settings_from_json(json.at("settings"));
    if (!settings) return tl::unexpected(settings.error());
    return Assignment{*std::move(settings), json.at("backend"), json.at("device"), json.at("spec")};
  } catch (const std::exception& problem) {
    return fail(std::string("not an assignment: ") + problem.what());
  }
}

}  // namespace rackproof
