// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_environment.h"

#include <algorithm>

#include "hardware/condition.h"
#include "runner/planner_steps.h"

namespace rackproof {
namespace {

std::string part_of(const ConditionInfo& info, const DeviceInfo& device) {
  if (info.of == ConditionInfo::Of::gpu) return device.id;
  return device.node.empty() ? kThisHost : device.node;
}

ConditionDemand demand_of(const ProfileCondition& condition, const ConditionInfo& info,
                          const DeviceInfo& device) {
  ConditionDemand demand;
  demand.name = condition.name;
  demand.part = part_of(info, device);
  demand.wanted = condition.wanted;
  demand.required = condition.required;
  demand.steady = info.steady;
  demand.source = condition.source;
  return demand;
}

// A node's devices share its demand.
ConditionDemand& place_for(std::vector<ConditionDemand>& demands, ConditionDemand demand) {
  const auto same = std::find_if(demands.begin(), demands.end(), [&](const ConditionDemand& other) {
    return other.name == demand.name && other.part == demand.part;
  });
  return same == demands.end() ? demands.emplace_back(std::move(demand)) : *same;
}

}  // namespace

std::vector<ConditionDemand> plan_environment(const Profile& profile, const Rack& rack,
                                              const std::vector<std::string>& taking_part) {
  std::vector<ConditionDemand> demands;
  for (const ProfileCondition& condition : profile.environment) {
    const ConditionInfo* info = find_condition(condition.name);
    if (info == nullptr) continue;  // the linter has refused it
    for (const DeviceInfo* device : distinct(rack.devices)) {
      const bool takes_part =
          std::find(taking_part.begin(), taking_part.end(), device->id) != taking_part.end();
      if (device->kind != condition.on || !takes_part) continue;
      place_for(demands, demand_of(condition, *info, *device)).devices.push_back(device->id);
    }
  }
  return demands;
}

}  // namespace rackproof
