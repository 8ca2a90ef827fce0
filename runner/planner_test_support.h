// SPDX-License-Identifier: Apache-2.0
// Small racks and profiles for the planner's tests.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "core/stressor.h"
#include "runner/planner.h"

namespace rackproof::planner_test {

inline constexpr double kMiB = 1 << 20;

inline DeviceInfo synthetic(int node, int index) {
  DeviceInfo device;
  device.node = fmt::format("n{}", node);
  device.id = fmt::format("n{}-d{}", node, index);
  device.backend = device.kind = "synthetic";
  device.name = "synthetic accelerator";
  device.uuid = "uuid-" + device.id;
  device.memory_bytes = 256u << 20;
  device.allocatable_bytes = 250u << 20;
  device.cores = 16;
  device.ceilings = {{"gemm.fp32", 22e12}, {"gemm.int8", 88e12}, {"memory", 440e9}};
  device.nominals = {{"gemm.fp32", 20e12}, {"gemm.int8", 80e12}, {"memory", 400e9}};
  return device;
}

inline DeviceInfo host_cpu() {
  DeviceInfo device;
  device.id = "cpu:0";
  device.backend = device.kind = "cpu";
  device.name = "Some CPU";
  device.memory_bytes = 24ull << 30;
  device.allocatable_bytes = 20ull << 30;
  device.cores = 2;
  return device;
}

inline Rack rack_of(int nodes, int devices) {
  Rack rack;
  for (int n = 0; n < nodes; ++n) {
    for (int d = 0; d < devices; ++d) rack.devices.push_back(synthetic(n, d));
  }
  return rack;
}

inline void remove(Rack& rack, const std::string& id) {
  std::erase_if(rack.devices, [&](const DeviceInfo& device) { return device.id == id; });
}

inline DeviceInfo& device(Rack& rack, const std::string& id) {
  for (DeviceInfo& each : rack.devices) {
    if (each.id == id) return each;
  }
  throw std::out_of_range(id);
}

inline ProfileStep gemm(std::vector<std::string> dtypes, double duration_s = 2) {
  ProfileStep step;
  step.stressor = "compute.gemm";
  step.on = "synthetic";
  step.with["dtype"] = std::move(dtypes);
  step.duration_s = duration_s;
  return step;
}

inline ProfileStep march() {
  ProfileStep step;
  step.stressor = "memory.march";
  step.on = "synthetic";
  step.passes = 1;
  return step;
}

/// Two stages, "quick" (gemm) and "screen" (march), on `nodes` of `devices` synthetic devices.
inline Profile synthetic_profile(std::uint64_t nodes, std::uint64_t devices) {
  Profile profile;
  profile.name = "synthetic-rack";
  profile.revision = 3;
  profile.nodes = nodes;
  profile.accelerators.push_back({.kind = "synthetic", .count = devices});
  profile.stages.push_back({.name = "quick", .steps = {gemm({"int8", "fp32"})}});
  profile.stages.push_back({.name = "screen", .steps = {march()}});
  profile.default_stages = {"quick"};
  profile.resolved_yaml = "schema: rackproof/profile/1\n";
  return profile;
}

inline Profile host_profile() {
  Profile profile;
  profile.name = "generic-host";
  profile.accelerators.push_back({.kind = "cpu"});
  ProfileStep step = gemm({"fp32"});
  step.on = "cpu";
  profile.stages.push_back({.name = "quick", .steps = {step}});
  return profile;
}

inline ProfileLimit floor_of_nominal(double share) {
  ProfileLimit limit;
  limit.stressor = "compute.gemm";
  limit.metric = "throughput";
  limit.of_nominal = share;
  limit.uncertainty = 0.01;
  limit.source = "a test";
  return limit;
}

/// The steps that are no drill.
inline std::vector<PlannedStep> load_steps(const Plan& plan) {
  std::vector<PlannedStep> steps = plan.steps;
  std::erase_if(steps, [](const PlannedStep& step) { return step.drill; });
  return steps;
}

/// The rows whose id begins so, of one device ("" : all).
inline std::vector<PlannedCriterion> rows(const Plan& plan, const std::string& id,
                                          const std::string& device = "") {
  std::vector<PlannedCriterion> found = plan.criteria;
  std::erase_if(found, [&](const PlannedCriterion& row) {
    return !row.id.starts_with(id) || (!device.empty() && row.device != device);
  });
  return found;
}

/// The details of the inventory checks that are not met.
inline std::vector<std::string> unmet(const Plan& plan) {
  std::vector<std::string> details;
  for (const InventoryCheck& check : plan.inventory) {
    if (!check.met) details.push_back(check.detail);
  }
  return details;
}

}  // namespace rackproof::planner_test
