// SPDX-License-Identifier: Apache-2.0
// `hardware` and `coverage`: what must be there, and how much of it must be exercised.
#include <fmt/format.h>

#include <algorithm>

#include "profiles/lint.h"

namespace rackproof {
namespace {

ExpectedDevices read_devices(const Node& node) {
  ExpectedDevices devices;
  if (!node["kind"].blamed()) devices.kind = node["kind"].text();
  devices.count = node["count"].integer().value_or(0);
  devices.name = node["name"].text();
  devices.pci = node["pci"].text();
  devices.memory_bytes = node["memory"]["size"].positive(Unit::byte);
  devices.pcie_generation = node["pcie"]["generation"].integer().value_or(0);
  devices.pcie_width = node["pcie"]["width"].integer().value_or(0);
  const auto bandwidth = node["memory"]["bandwidth"].positive(Unit::bytes_per_second);
  if (bandwidth) devices.ceilings["memory"] = *bandwidth;
  for (const auto& [dtype, rate] : node["peak"].members()) {
    if (const auto peak = rate.positive(Unit::flops)) devices.ceilings["gemm." + dtype] = *peak;
  }
  return devices;
}

bool same_part(const ExpectedDevices& a, const ExpectedDevices& b) {
  return a.kind == b.kind && a.name == b.name && a.pci == b.pci;
}

}  // namespace

void read_hardware(const Node& hardware, Profile& profile) {
  profile.nodes = hardware["rack"]["nodes"].integer().value_or(1);
  for (const Node& node : hardware["node"]["accelerators"].items()) {
    const ExpectedDevices devices = read_devices(node);
    const auto same = [&](const ExpectedDevices& other) { return same_part(devices, other); };
    if (!devices.kind.empty() && std::ranges::any_of(profile.accelerators, same)) {
      node.wrong(
          fmt::format("accelerators of kind '{}' stand here twice; "
                      "tell them apart by 'name' or 'pci'",
                      devices.kind));
    }
    profile.accelerators.push_back(devices);
  }
}

void check_kind(const Node& on, const Profile& profile) {
  if (on.text().empty() || profile.accelerators.empty()) return;
  std::vector<std::string> kinds;
  for (const ExpectedDevices& devices : profile.accelerators) {
    if (std::ranges::count(kinds, devices.kind) == 0) kinds.push_back(devices.kind);
  }
  // An unnamed kind is a mistake that stands reported where it was made.
  if (std::ranges::count(kinds, on.text()) > 0 || std::ranges::count(kinds, "") > 0) return;
  on.wrong(fmt::format("on: no accelerators of kind '{}' stand under hardware{}", on.text(),
                       suggestion(on.text(), kinds)));
}

ProfileCoverage read_coverage(const Node& node) {
  ProfileCoverage coverage;
  coverage.memory_installed = node["memory"]["installed"].share();
  coverage.memory_allocatable = node["memory"]["allocatable"].share();
  coverage.cores = node["cores"].share();
  coverage.links = node["links"].share();
  const std::string log = node["kernel_log"].text();
  if (!log.empty()) coverage.kernel_log = log == "no gap" ? 1 : 0;
  for (const Node& sensor : node["sensors"].items()) {
    if (std::ranges::count(coverage.sensors, sensor.text()) > 0) {
      sensor.wrong(fmt::format("sensor '{}' stands here twice", sensor.text()));
    }
    coverage.sensors.push_back(sensor.text());
  }
  return coverage;
}

}  // namespace rackproof
