// SPDX-License-Identifier: Apache-2.0
#include "hardware/attention_missing.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace rackproof {
namespace {

// By numbers where they are known, by name where a text has none.
std::string kind_of(const PciDevice& d) {
  return d.vendor_id.empty() ? d.name : d.vendor_id + ":" + d.device_id;
}

std::string position_of(const PciDevice& d) { return d.bdf.substr(d.bdf.rfind(':') + 1); }

// The devices by what sits directly below them; only functions that answer count.
class Tree {
 public:
  explicit Tree(const Inventory& inventory) {
    for (const PciDevice& d : inventory.pci) by_bdf_[d.bdf] = &d;
    for (const PciDevice& d : inventory.pci) {
      if (!d.parent.empty()) children_[d.parent].push_back(&d);
    }
  }
  [[nodiscard]] const std::vector<const PciDevice*>& below(const PciDevice& bridge) const {
    static const std::vector<const PciDevice*> kNone;
    const auto found = children_.find(bridge.bdf);
    return found == children_.end() ? kNone : found->second;
  }
  [[nodiscard]] const PciDevice* above(const PciDevice& d) const {
    const auto found = by_bdf_.find(d.parent);
    return found == by_bdf_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string, const PciDevice*> by_bdf_;
  std::map<std::string, std::vector<const PciDevice*>> children_;
};

std::string slot_text(const PciDevice& bridge) {
  return bridge.bridge.slot > 0 ? fmt::format(" (slot {})", bridge.bridge.slot) : "";
}

Notice missing(const PciDevice& bridge, const std::string& why, std::string next_step) {
  return {"device.missing", "warning", bridge.bdf,
          fmt::format("bridge {}{} {}: {}", bridge.bdf, slot_text(bridge), why,
                      bridge.name.empty() ? kind_of(bridge) : bridge.name),
          std::move(next_step)};
}

// What the port itself says of a card that nobody sees; none: it says nothing.
std::string what_the_port_says(const PciBridge& port) {
  if (port.link_up == 1) return "has its link up, but no device answers below";
  if (port.occupied == 1 && port.link_up == 0) {
    return "senses a card in its slot, but the link is down";
  }
  return "";
}

void add_by_port(const Inventory& inventory, const Tree& tree, std::vector<Notice>& found) {
  for (const PciDevice& d : inventory.pci) {
    if (!d.bridge.is_port || !tree.below(d).empty()) continue;
    const std::string says = what_the_port_says(d.bridge);
    if (says.empty()) continue;
    found.push_back(missing(d, says,
                            "reseat the card, check its power, then rescan the bus or "
                            "power-cycle; a card that stays away is bad"));
  }
}

// Ports that are alike, and what is below them.
struct Siblings {
  std::vector<const PciDevice*> empty;
  std::set<std::string> kinds;  // below the others
  std::size_t occupied = 0;
};

void count(const PciDevice& port, const Tree& tree, Siblings& siblings) {
  const auto& below = tree.below(port);
  if (below.empty()) {
    siblings.empty.push_back(&port);
  } else {
    siblings.kinds.insert(kind_of(*below.front()));
    ++siblings.occupied;
  }
}

// "10b5:8749 of 32 GT/s x16 below 10b5:8749": the same part in the same role.
std::string role_of(const PciDevice& port, const Tree& tree) {
  const PciDevice* above = tree.above(port);
  return fmt::format("{} {} x{} below {}", kind_of(port), port.bridge.max_speed_gts,
                     port.bridge.max_width, above == nullptr ? "the root" : kind_of(*above));
}

using Groups = std::map<std::string, Siblings>;

bool alike(const Siblings& s) { return s.kinds.size() == 1 && !s.kinds.begin()->empty(); }

bool one_gap_among_many(const Siblings& s) { return s.empty.size() * 4 <= s.occupied; }

// Ports of one role that stand where some other switch has the same device: at eight GPUs below
// four switches, each has seven siblings, three of them in the same position.
Groups join_positions(const Groups& by_position, const std::map<std::string, std::string>& roles) {
  Groups joined;
  for (const auto& [position, siblings] : by_position) {
    if (!alike(siblings)) continue;
    Siblings& all = joined[roles.at(position) + " with " + *siblings.kinds.begin()];
    all.kinds = siblings.kinds;
    all.occupied += siblings.occupied;
    all.empty.insert(all.empty.end(), siblings.empty.begin(), siblings.empty.end());
  }
  return joined;
}

void add_empty(const Siblings& siblings, const std::vector<const PciDevice*>& empty,
               std::set<std::string>& told, std::vector<Notice>& found) {
  for (const PciDevice* port : empty) {
    if (!told.insert(port->bdf).second) continue;
    found.push_back(missing(
        *port,
        fmt::format("has no device below, its {} siblings have one of {}", siblings.occupied,
                    *siblings.kinds.begin()),
        "reseat the card or tray, check its power; an intended gap belongs into the profile"));
  }
}

// On identical switches the same position has the same device; ports that are unused by design are
// so on all of them. Where positions differ, one gap among many alike tells.
void add_by_siblings(const Inventory& inventory, const Tree& tree, std::set<std::string> told,
                     std::vector<Notice>& found) {
  Groups by_position, by_role;
  std::map<std::string, std::string> roles;
  for (const PciDevice& d : inventory.pci) {
    if (!d.bridge.is_port) continue;
    const std::string role = role_of(d, tree), position = role + " at " + position_of(d);
    count(d, tree, by_role[role]);
    if (d.parent.empty()) continue;
    roles[position] = role;
    count(d, tree, by_position[position]);
  }
  const Groups joined = join_positions(by_position, roles);
  for (const auto& [position, here] : by_position) {
    const bool most = here.occupied >= 2 && here.empty.size() < here.occupied;
    if (!alike(here)) continue;
    const Siblings& all = joined.at(roles.at(position) + " with " + *here.kinds.begin());
    if (most || one_gap_among_many(all)) add_empty(all, here.empty, told, found);
  }
  for (const auto& [role, all] : by_role) {
    if (alike(all) && one_gap_among_many(all)) add_empty(all, all.empty, told, found);
  }
}

// A switch that shows fewer ports than all of its peers has lost one, bridge and device at once.
void add_short_switches(const Inventory& inventory, const Tree& tree, std::vector<Notice>& found) {
  std::map<std::string, std::map<std::size_t, std::vector<const PciDevice*>>> by_kind;
  for (const PciDevice& d : inventory.pci) {
    const auto& below = tree.below(d);
    if (below.empty() || d.bridge.is_port || !below.front()->bridge.is_port) continue;
    by_kind[kind_of(d)][below.size()].push_back(&d);
  }
  for (const auto& [kind, by_count] : by_kind) {
    if (by_count.size() != 2) continue;
    const auto& [fewer, few] = *by_count.begin();
    const auto& [more, many] = *by_count.rbegin();
    if (many.size() < 2 || few.size() >= many.size()) continue;
    for (const PciDevice* d : few) {
      found.push_back(missing(
          *d, fmt::format("has {} ports below, its {} peers have {}", fewer, many.size(), more),
          "compare the switches' firmware and configuration; power-cycle"));
    }
  }
}

}  // namespace

std::vector<Notice> missing_devices(const Inventory& inventory) {
  const Tree tree(inventory);
  std::vector<Notice> found;
  add_by_port(inventory, tree, found);
  std::set<std::string> told;
  for (const Notice& f : found) told.insert(f.part);
  add_by_siblings(inventory, tree, told, found);
  add_short_switches(inventory, tree, found);
  return found;
}

}  // namespace rackproof
