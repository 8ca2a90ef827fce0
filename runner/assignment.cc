// SPDX-License-Identifier: Apache-2.0
#include "runner/assignment.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

constexpr std::uint64_t kElementStream = 1000, kMaskStream = 2000;
constexpr double kLateAnswer_s = 1.0;
constexpr double kLate_s = 5.0;  // at least; a step of long iterations has a longer silence

std::vector<Fault> faults_for(const PlannedStep& step, const std::string& device,
                              const Seed& seed) {
  std::vector<Fault> faults;
  for (std::uint64_t i = 0; i < step.faults.size(); ++i) {
    const PlannedFault& planned = step.faults[i];
    Fault fault;
    fault.id = i + 1;
    fault.site = planned.site;
    fault.kind = planned.kind;
    fault.element = derive(seed, device, step.id, kElementStream + i);
    fault.mask = std::uint64_t{1} << (derive(seed, device, step.id, kMaskStream + i) % 64);
    fault.delay_s = planned.kind == FaultKind::late ? kLateAnswer_s : 0;
    faults.push_back(fault);
  }
  return faults;
}

}  // namespace

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
  if (step.drill) {
    settings.drill = true;
    settings.burst_s = 0.05;
    settings.window_s = 0.05;
    settings.late_after_s = 0.5;
    settings.faults = faults_for(step, device, seed);
  }
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
