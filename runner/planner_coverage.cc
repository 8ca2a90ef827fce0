// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_coverage.h"

#include <algorithm>
#include <set>

#include "runner/planner_inventory.h"

namespace rackproof {
namespace {

using Share = std::optional<double>;
using Devices = std::vector<const DeviceInfo*>;

ProfileCoverage overridden(ProfileCoverage base, const ProfileCoverage& stage) {
  if (stage.memory_installed) base.memory_installed = stage.memory_installed;
  if (stage.memory_allocatable) base.memory_allocatable = stage.memory_allocatable;
  if (stage.cores) base.cores = stage.cores;
  if (stage.links) base.links = stage.links;
  if (!stage.sensors.empty()) base.sensors = stage.sensors;
  if (stage.kernel_log) base.kernel_log = stage.kernel_log;
  return base;
}

Share stricter(Share a, Share b) {
  if (!a || !b) return a ? a : b;
  return std::max(*a, *b);
}

ProfileCoverage stricter(ProfileCoverage a, const ProfileCoverage& b) {
  a.memory_installed = stricter(a.memory_installed, b.memory_installed);
  a.memory_allocatable = stricter(a.memory_allocatable, b.memory_allocatable);
  a.cores = stricter(a.cores, b.cores);
  a.links = stricter(a.links, b.links);
  for (const std::string& sensor : b.sensors) {
    const bool known = std::find(a.sensors.begin(), a.sensors.end(), sensor) != a.sensors.end();
    if (!known) a.sensors.push_back(sensor);
  }
  a.kernel_log = stricter(a.kernel_log, b.kernel_log);
  return a;
}

bool tests_memory(const StressorInfo& info) {
  return info.subsystem == Subsystem::memory && info.by_passes;
}
bool loads_cores(const StressorInfo& info) {
  return info.subsystem == Subsystem::compute || info.subsystem == Subsystem::power;
}
bool loads_links(const StressorInfo& info) { return info.peers == Peers::copies; }

// What comes from each is a link of the device's own.
std::size_t peers_of(const Rack& rack, const DeviceInfo& device) {
  const Devices all = distinct(rack.devices);
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const DeviceInfo* d) {
    return d->id != device.id && d->node == device.node && d->kind == device.kind &&
           d->backend == device.backend;
  }));
}

// In the rack's order: the devices that the profile's hardware names, and those that a step of the
// wanted sort runs on.
template <class Wanted>
Devices answerable(const Profile& profile, const Rack& rack, const std::vector<StepDraft>& load,
                   Wanted wanted) {
  std::set<std::string> chosen;
  for (const DeviceInfo* device : devices_for(profile, rack)) chosen.insert(device->id);
  for (const StepDraft& draft : load) {
    if (!wanted(*draft.info)) continue;
    for (const DeviceInfo* device : draft.devices) chosen.insert(device->id);
  }
  Devices devices = distinct(rack.devices);
  std::erase_if(devices, [&](const DeviceInfo* device) { return !chosen.contains(device->id); });
  return devices;
}

// Of no device at all the demand still stands.
template <class Whole>
void demand(std::vector<CoverageDemand>& rows, const char* what, Share share,
            const Devices& devices, Whole whole) {
  if (!share) return;
  for (const DeviceInfo* device : devices) {
    rows.push_back({what, device->id, *share, static_cast<double>(whole(*device))});
  }
  if (devices.empty()) rows.push_back({what, "", *share, 0});
}

}  // namespace

ProfileCoverage strictest_coverage(const Profile& profile,
                                   const std::vector<const ProfileStage*>& selected) {
  ProfileCoverage strictest;
  for (const ProfileStage* stage : selected) {
    strictest = stricter(std::move(strictest), overridden(profile.coverage, stage->coverage));
  }
  return strictest;
}

std::vector<CoverageDemand> plan_coverage(const ProfileCoverage& coverage, const Profile& profile,
                                          const Rack& rack, const std::vector<StepDraft>& load) {
  std::vector<CoverageDemand> rows;
  const Devices with_memory = answerable(profile, rack, load, tests_memory);
  const Devices with_cores = answerable(profile, rack, load, loads_cores);
  demand(rows, "memory.installed", coverage.memory_installed, with_memory,
         [](const DeviceInfo& device) { return device.memory_bytes; });
  demand(rows, "memory.allocatable", coverage.memory_allocatable, with_memory,
         [](const DeviceInfo& device) { return device.allocatable_bytes; });
  demand(rows, "cores", coverage.cores, with_cores,
         [](const DeviceInfo& device) { return device.cores; });
  demand(rows, "links", coverage.links, answerable(profile, rack, load, loads_links),
         [&](const DeviceInfo& device) { return peers_of(rack, device); });
  for (const std::string& sensor : coverage.sensors) rows.push_back({"sensor " + sensor, "", 1, 0});
  if (coverage.kernel_log) rows.push_back({"kernel_log", "", *coverage.kernel_log, 0});
  return rows;
}

}  // namespace rackproof
