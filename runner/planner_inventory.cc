// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_inventory.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "hardware/pci_link.h"
#include "runner/planner_names.h"
#include "runner/planner_steps.h"

namespace rackproof {
namespace {

constexpr double kMemoryTolerance = 0.05;
constexpr const char* kHostKind =
    "cpu";  // every node has some, whether the profile names them or not

using Devices = std::vector<const DeviceInfo*>;

std::vector<std::string> ids(const Devices& devices) {
  std::vector<std::string> all;
  for (const DeviceInfo* device : devices) all.push_back(device->id);
  return all;
}

std::string join(const std::vector<std::string>& words, const char* between = ", ") {
  return fmt::format("{}", fmt::join(words, between));
}

template <class Wanted>
Devices those(Devices devices, Wanted wanted) {
  std::erase_if(devices, [&](const DeviceInfo* device) { return !wanted(*device); });
  return devices;
}

// "n3: " before what is said of a node; nothing for this host.
std::string at_node(const std::string& node) { return node.empty() ? "" : node + ": "; }

std::string title(const ExpectedDevices& entry) {
  const std::string part = entry.name.empty() ? entry.pci : entry.name;
  return "devices of kind " + entry.kind + (part.empty() ? "" : " (" + part + ")");
}

// The inventory's entry of the device; null: it has none.
const PciDevice* pci_of(const Rack& rack, const DeviceInfo& device) {
  if (device.bdf.empty() || !device.node.empty()) return nullptr;
  const auto same = [&](const PciDevice& pci) { return pci.bdf == device.bdf; };
  const auto found = std::find_if(rack.host.pci.begin(), rack.host.pci.end(), same);
  return found == rack.host.pci.end() ? nullptr : &*found;
}

std::string pci_id(const Rack& rack, const DeviceInfo& device) {
  const PciDevice* pci = pci_of(rack, device);
  return pci == nullptr ? "" : pci->vendor_id + ":" + pci->device_id;
}

std::string not_listed(const DeviceInfo& device) {
  return device.bdf.empty() ? "has no PCI address" : device.bdf + " is not in the inventory";
}

std::set<std::string> kinds_of_steps(const Profile& profile) {
  std::set<std::string> kinds;
  for (const ProfileStage& stage : profile.stages) {
    for (const ProfileStep& step : stage.steps) kinds.insert(step.on);
  }
  return kinds;
}

std::set<std::string> kinds_of_hardware(const Profile& profile) {
  std::set<std::string> kinds;
  for (const ExpectedDevices& entry : profile.accelerators) kinds.insert(entry.kind);
  return kinds;
}

InventoryCheck check_nodes(const Profile& profile, const Devices& devices) {
  const std::vector<std::string> nodes = nodes_of(devices);
  InventoryCheck check{"nodes", std::to_string(profile.nodes), std::to_string(nodes.size())};
  check.met = nodes.size() == profile.nodes;
  if (check.met) return check;
  const bool fewer = nodes.size() < profile.nodes;
  const std::string names =
      fewer ? missing_names(nodes, profile.nodes, nodes) : extra_names(nodes, profile.nodes, nodes);
  check.detail = fmt::format("{} of {} nodes", nodes.size(), profile.nodes);
  if (!names.empty()) check.detail += (fewer ? "; missing " : "; extra ") + names;
  return check;
}

// One node's devices that count for one entry of the profile.
struct Slot {
  const ExpectedDevices& entry;
  std::string node;
  Devices devices;
};

InventoryCheck check_count(const Slot& slot, const std::vector<std::string>& family) {
  const std::uint64_t found = slot.devices.size();
  const std::uint64_t count = slot.entry.count;
  InventoryCheck check{at_node(slot.node) + title(slot.entry)};
  check.expected = count == 0 ? "at least 1" : std::to_string(count);
  check.found = std::to_string(found);
  check.met = count == 0 ? found > 0 : found == count;
  if (check.met) return check;
  const bool fewer = found < std::max<std::uint64_t>(count, 1);
  const std::string names = fewer ? missing_names(ids(slot.devices), count, family)
                                  : extra_names(ids(slot.devices), count, family);
  check.detail =
      fmt::format("{}{} of {} {}", at_node(slot.node), found, check.expected, title(slot.entry));
  if (!names.empty()) check.detail += (fewer ? "; missing " : "; extra ") + names;
  return check;
}

// A check of every device of a slot; `wrong` says what is wrong with one, or nothing.
template <class Wrong>
InventoryCheck check_each(const Slot& slot, const std::string& what, std::string expected,
                          Wrong wrong) {
  InventoryCheck check{at_node(slot.node) + what + " of " + title(slot.entry), std::move(expected)};
  std::vector<std::string> complaints;
  for (const DeviceInfo* device : slot.devices) {
    const std::string complaint = wrong(*device);
    if (!complaint.empty()) complaints.push_back(device->id + " " + complaint);
  }
  const std::size_t all = slot.devices.size();
  check.found = fmt::format("{} of {} devices", all - complaints.size(), all);
  check.met = complaints.empty() && all > 0;
  check.detail = all == 0 ? "there is none" : join(complaints, "; ");
  return check;
}

InventoryCheck check_name(const Slot& slot) {
  return check_each(slot, "name", slot.entry.name, [&](const DeviceInfo& device) -> std::string {
    if (device.name.find(slot.entry.name) != std::string::npos) return "";
    return fmt::format("is a '{}', profile says '{}'", device.name, slot.entry.name);
  });
}

InventoryCheck check_pci(const Slot& slot, const Rack& rack) {
  return check_each(slot, "PCI id", slot.entry.pci, [&](const DeviceInfo& device) -> std::string {
    const std::string id = pci_id(rack, device);
    if (id == slot.entry.pci) return "";
    if (!id.empty()) return fmt::format("is {}, profile says {}", id, slot.entry.pci);
    return not_listed(device);
  });
}

// Links slow down when idle, so that the speed counts that both ends can do; width does not change.
std::string wrong_link(const PciLink& link, double wanted_gts, int wanted_width) {
  const double speed_gts = std::max(link.speed_gts, link.max_speed_gts);
  if (speed_gts == 0 || link.width == 0) return "does not show its link";
  if (speed_gts >= wanted_gts && link.width >= wanted_width) return "";
  return fmt::format("has a link of {} GT/s x{}", speed_gts, link.width);
}

InventoryCheck check_link(const Slot& slot, const Rack& rack) {
  const double wanted_gts = gts_of_code(static_cast<unsigned>(slot.entry.pcie_generation));
  const auto wanted_width = static_cast<int>(slot.entry.pcie_width);
  const std::string expected = fmt::format("{} GT/s x{}", wanted_gts, wanted_width);
  return check_each(slot, "PCIe link", expected, [&](const DeviceInfo& device) -> std::string {
    const PciDevice* pci = pci_of(rack, device);
    if (pci == nullptr) return not_listed(device);
    const std::string wrong = wrong_link(pci->link, wanted_gts, wanted_width);
    return wrong.empty() ? "" : fmt::format("{}, profile says {}", wrong, expected);
  });
}

InventoryCheck check_memory(const Slot& slot) {
  const double wanted = *slot.entry.memory_bytes;
  const std::string text = format(wanted, Unit::byte);
  return check_each(slot, "memory", text, [&](const DeviceInfo& device) -> std::string {
    const auto claimed = static_cast<double>(device.memory_bytes);
    if (claimed == 0) return "does not say how much memory it has";
    if (std::fabs(claimed - wanted) <= kMemoryTolerance * wanted) return "";
    return fmt::format("claims {}, profile says {}", format(claimed, Unit::byte), text);
  });
}

void check_slot(std::vector<InventoryCheck>& checks, const Slot& slot, const Rack& rack,
                const std::vector<std::string>& family) {
  checks.push_back(check_count(slot, family));
  if (!slot.entry.name.empty()) checks.push_back(check_name(slot));
  if (!slot.entry.pci.empty()) checks.push_back(check_pci(slot, rack));
  if (slot.entry.memory_bytes) checks.push_back(check_memory(slot));
  if (slot.entry.pcie_generation > 0) checks.push_back(check_link(slot, rack));
}

void check_hardware(std::vector<InventoryCheck>& checks, const Profile& profile, const Rack& rack,
                    const Devices& devices) {
  std::vector<std::string> nodes = nodes_of(devices);
  if (nodes.empty()) nodes.emplace_back();  // nothing is there: still one row an entry
  for (const std::string& node : nodes) {
    for (const ExpectedDevices& entry : profile.accelerators) {
      const Devices all = those(devices, [&](const DeviceInfo& device) {
        return entry_for(profile, rack, device) == &entry;
      });
      Slot slot{entry, node, those(all, [&](const DeviceInfo& d) { return d.node == node; })};
      check_slot(checks, slot, rack, ids(all));
    }
  }
}

InventoryCheck check_unmatched(const Profile& profile, const Rack& rack, const Devices& devices) {
  const Devices strays = those(devices, [&](const DeviceInfo& device) {
    return entry_for(profile, rack, device) == nullptr;
  });
  InventoryCheck check{"devices like no entry of their kind", "0", std::to_string(strays.size())};
  check.met = strays.empty();
  check.detail = join(ids(strays));
  return check;
}

// A profile of hosts alone says nothing of accelerators: they are shown, and not tested.
InventoryCheck check_unexpected(const Profile& profile, const Rack& rack) {
  std::set<std::string> named = kinds_of_hardware(profile);
  named.merge(kinds_of_steps(profile));
  named.insert(kHostKind);
  const Devices strays = those(distinct(rack.devices), [&](const DeviceInfo& device) {
    return !named.contains(device.kind);
  });
  const bool host_only = named.size() == 1;
  InventoryCheck check{"accelerators that the profile does not name", host_only ? "any" : "0",
                       std::to_string(strays.size())};
  check.met = strays.empty() || host_only;
  if (strays.empty()) return check;
  std::vector<std::string> texts;
  for (const DeviceInfo* d : strays) texts.push_back(fmt::format("{} (kind {})", d->id, d->kind));
  check.detail = (host_only ? "not tested under this profile: " : "unexpected: ") + join(texts);
  return check;
}

// Whether devices of this kind may have been lost with a back end: its own kind, one of which it
// showed devices, or one of which no other back end showed any.
bool may_provide(const std::string& backend, const std::string& kind, const Rack& rack) {
  bool from_another = false;
  for (const DeviceInfo& device : rack.devices) {
    if (device.kind != kind) continue;
    if (device.backend == backend) return true;
    from_another = true;
  }
  return backend == kind || !from_another;
}

InventoryCheck check_discovery(const std::string& problem, const std::set<std::string>& kinds,
                               const Rack& rack) {
  const std::size_t colon = problem.find(':');
  const std::string backend = colon == std::string::npos ? "" : problem.substr(0, colon);
  const bool needed = backend.empty() || std::any_of(kinds.begin(), kinds.end(), [&](auto& kind) {
                        return may_provide(backend, kind, rack);
                      });
  InventoryCheck check{"discovery" + (backend.empty() ? "" : " by back end " + backend)};
  check.expected = needed ? "an answer" : "none needed";
  check.found = "no answer";
  check.met = !needed;
  check.detail = problem;
  return check;
}

// Hardware that is missing may be there without its driver.
void tell_absence(std::vector<InventoryCheck>& checks, const std::vector<std::string>& reasons) {
  for (InventoryCheck& check : checks) {
    if (check.met || check.name.rfind("devices of kind", 0) != 0) continue;
    for (const std::string& reason : reasons)
      check.detail += (check.detail.empty() ? "" : "; ") + reason;
  }
}

}  // namespace

std::vector<std::string> nodes_of(const std::vector<const DeviceInfo*>& devices) {
  std::set<std::string> nodes;
  for (const DeviceInfo* device : devices) nodes.insert(device->node);
  return {nodes.begin(), nodes.end()};
}

std::vector<const DeviceInfo*> devices_for(const Profile& profile, const Rack& rack) {
  std::set<std::string> kinds = kinds_of_hardware(profile);
  if (kinds.empty()) kinds = kinds_of_steps(profile);
  return those(distinct(rack.devices), [&](const DeviceInfo& d) { return kinds.contains(d.kind); });
}

bool is_the_part(const ExpectedDevices& entry, const Rack& rack, const DeviceInfo& device) {
  return device.kind == entry.kind && device.name.find(entry.name) != std::string::npos &&
         (entry.pci.empty() || pci_id(rack, device) == entry.pci);
}

const ExpectedDevices* entry_for(const Profile& profile, const Rack& rack,
                                 const DeviceInfo& device) {
  const ExpectedDevices* only = nullptr;
  std::size_t of_kind = 0;
  for (const ExpectedDevices& entry : profile.accelerators) {
    if (entry.kind != device.kind) continue;
    if (of_kind++ == 0) only = &entry;
  }
  if (of_kind == 1) return only;
  for (const ExpectedDevices& entry : profile.accelerators) {
    if (is_the_part(entry, rack, device)) return &entry;
  }
  return nullptr;
}

InventoryCheck check_distinct(const std::vector<DeviceInfo>& devices) {
  std::set<std::string> seen;
  std::set<std::string> uuids;
  std::vector<std::string> twice;
  for (const DeviceInfo& device : devices) {
    if (!seen.insert(device.id).second) {
      twice.push_back(device.id);
    } else if (!device.uuid.empty() && !uuids.insert(device.uuid).second) {
      twice.push_back(device.id + " with UUID " + device.uuid);
    }
  }
  InventoryCheck check{"devices with an id and UUID of their own", "all"};
  check.met = twice.empty();
  check.found = fmt::format("{} of {}", devices.size() - twice.size(), devices.size());
  if (!twice.empty()) check.detail = "seen before: " + join(twice);
  return check;
}

std::vector<InventoryCheck> check_inventory(const Profile& profile, const Rack& rack) {
  const Devices devices = devices_for(profile, rack);
  std::vector<InventoryCheck> checks{check_distinct(rack.devices), check_nodes(profile, devices)};
  if (!profile.accelerators.empty()) {
    check_hardware(checks, profile, rack, devices);
    checks.push_back(check_unmatched(profile, rack, devices));
  }
  checks.push_back(check_unexpected(profile, rack));
  std::set<std::string> kinds = kinds_of_hardware(profile);
  kinds.merge(kinds_of_steps(profile));
  for (const std::string& problem : rack.discovery_problems) {
    checks.push_back(check_discovery(problem, kinds, rack));
  }
  tell_absence(checks, rack.absent);
  return checks;
}

}  // namespace rackproof
