// SPDX-License-Identifier: Apache-2.0
#include "hardware/pci_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace rackproof {
namespace {

constexpr int kBuses = 256;

auto address(const PciFunction& f) { return std::tuple(f.domain, f.bus, f.slot, f.function); }

// For each bus the nearest bridge whose range holds it. Virtual functions may sit on a bus of their
// own within the range, so the secondary bus alone does not tell.
class BridgesAbove {
 public:
  explicit BridgesAbove(const std::vector<PciFunction>& functions) {
    std::vector<const PciFunction*> bridges;
    for (const PciFunction& f : functions) {
      if (f.device.bridge.secondary > f.bus) bridges.push_back(&f);
    }
    // The one with the greatest secondary bus is the nearest: it goes last.
    std::ranges::stable_sort(bridges, {},
                             [](const PciFunction* f) { return f->device.bridge.secondary; });
    for (const PciFunction* bridge : bridges) paint(*bridge);
  }

  [[nodiscard]] const PciFunction* above(const PciFunction& device) const {
    const auto domain = by_domain_.find(device.domain);
    if (domain == by_domain_.end()) return nullptr;
    return domain->second[static_cast<std::size_t>(device.bus)];
  }

 private:
  void paint(const PciFunction& bridge) {
    auto& buses = by_domain_[bridge.domain];
    const PciBridge& range = bridge.device.bridge;
    for (int bus = range.secondary; bus <= std::min(range.subordinate, kBuses - 1); ++bus) {
      buses[static_cast<std::size_t>(bus)] = &bridge;
    }
  }

  std::map<int, std::array<const PciFunction*, kBuses>> by_domain_;
};

// Groups devices with the same trouble into one note each.
void note_troubles(const std::vector<PciFunction>& functions, Inventory& inventory) {
  std::map<std::string, std::vector<std::string>> by_text;
  for (const PciFunction& f : functions) {
    for (const std::string& trouble : f.troubles) by_text[trouble].push_back(f.device.bdf);
  }
  for (const auto& [trouble, bdfs] : by_text) {
    inventory.notes.push_back(fmt::format("pci: {}: {}", trouble, fmt::join(bdfs, " ")));
  }
}

void complete(PciFunction& f, const PciFunction* above) {
  if (above != nullptr) f.device.parent = above->device.bdf;
  if (!f.port) return;
  const bool known = above != nullptr && above->port;
  f.device.link = link_between(*f.port, known ? &*above->port : nullptr);
  if (cannot_be_judged(f.device.link)) {
    f.troubles.emplace_back("link below what the device can do, and the port above is not visible");
  }
}

// The buses come from the header, all else from the port's registers.
void add_port(PciFunction& f) {
  if (!f.port) return;
  const PciBridge buses = f.device.bridge;
  f.device.bridge = bridge_of(*f.port);
  f.device.bridge.secondary = buses.secondary;
  f.device.bridge.subordinate = buses.subordinate;
}

}  // namespace

std::string bdf_text(int domain, int bus, int slot, int function) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", static_cast<unsigned>(domain),
                     static_cast<unsigned>(bus), static_cast<unsigned>(slot),
                     static_cast<unsigned>(function));
}

void join_pci(std::vector<PciFunction> functions, Inventory& inventory) {
  std::ranges::stable_sort(functions, [](const PciFunction& a, const PciFunction& b) {
    return address(a) < address(b);
  });
  std::ranges::for_each(functions, add_port);
  const BridgesAbove bridges(functions);
  for (PciFunction& f : functions) complete(f, bridges.above(f));
  note_troubles(functions, inventory);
  for (PciFunction& f : functions) inventory.pci.push_back(std::move(f.device));
}

}  // namespace rackproof
