// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace rackproof {
namespace {

const PlannedStep* planned(const std::map<std::string_view, const PlannedStep*>& steps,
                           const TaskRecord& task) {
  const auto found = steps.find(task.step);
  if (found == steps.end()) return nullptr;
  const std::vector<std::string>& on = found->second->devices;
  return std::find(on.begin(), on.end(), task.device) == on.end() ? nullptr : found->second;
}

std::vector<std::string> all_devices(const Plan& plan) {
  std::vector<std::string> devices;
  std::set<std::string_view> seen;
  const auto add = [&](const std::string& device) {
    if (!device.empty() && seen.insert(device).second) devices.push_back(device);
  };
  for (const std::string& device : plan.devices) add(device);
  for (const PlannedStep& step : plan.steps) {
    for (const std::string& device : step.devices) add(device);
  }
  for (const PlannedCriterion& criterion : plan.criteria) add(criterion.device);
  return devices;
}

}  // namespace

Case::Case(const Plan& plan, const Evidence& evidence)
    : plan_(plan), evidence_(evidence), devices_(all_devices(plan)) {
  for (const PlannedStep& step : plan.steps) steps_.emplace(step.id, &step);
  attempts_.reserve(evidence.tasks.size());
  for (const TaskRecord& task : evidence.tasks) {
    const PlannedStep* step = planned(steps_, task);
    attempts_.push_back({&task, step, match_faults(step, task)});
    by_place_[{task.step, task.device}].push_back(&attempts_.back());
  }
}

const std::vector<const Attempt*>& Case::of(const std::string& step,
                                            const std::string& device) const {
  static const std::vector<const Attempt*> kNone;
  const auto found = by_place_.find({step, device});
  return found == by_place_.end() ? kNone : found->second;
}

const PlannedStep* Case::step(const std::string& id) const {
  const auto found = steps_.find(id);
  return found == steps_.end() ? nullptr : found->second;
}

bool Case::is_device(const std::string& part) const {
  return std::find(devices_.begin(), devices_.end(), part) != devices_.end();
}

bool Case::unfinished(const std::string& id, const std::string& device) const {
  const PlannedStep* planned = step(id);
  if (planned == nullptr ||
      std::find(planned->devices.begin(), planned->devices.end(), device) == planned->devices.end())
    return false;
  const auto& attempts = of(id, device);
  return std::none_of(attempts.begin(), attempts.end(),
                      [](const Attempt* attempt) { return attempt->finished(); });
}

bool Case::fatal_event_on(const std::string& device) const {
  return std::any_of(evidence_.events.begin(), evidence_.events.end(), [&](const EventRecord& e) {
    return e.severity == "fatal" && e.device == device;
  });
}

std::uint64_t Case::stops_on(const std::string& device) const {
  return static_cast<std::uint64_t>(std::count_if(
      attempts_.begin(), attempts_.end(),
      [&](const Attempt& attempt) { return attempt.task->device == device && attempt.stopped(); }));
}

std::string outcome_text(Outcome outcome) {
  if (outcome < Outcome::finished || outcome > Outcome::not_run)
    return fmt::format("unknown outcome {}", static_cast<int>(outcome));
  return std::string(name(outcome));
}

}  // namespace rackproof
