// SPDX-License-Identifier: Apache-2.0
// Joins PCI functions, whoever read them, into a tree: which bridge is above, what their link can.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hardware/inventory.h"
#include "hardware/pci_link.h"

namespace rackproof {

/// One function as read: `device` without parent, link and what `port` tells of its bridge.
struct PciFunction {
  PciDevice device;
  int domain = 0, bus = 0, slot = 0, function = 0;
  std::optional<PciPort> port;        ///< PCI Express only
  std::vector<std::string> troubles;  ///< what could not be read of it; becomes notes
};

/// More than any machine has; a list with more is refused by whoever reads it.
inline constexpr std::size_t kMostPciFunctions = 65536;

/// "0000:1b:00.0".
[[nodiscard]] std::string bdf_text(int domain, int bus, int slot, int function);

/// Adds `pci` in the order of their addresses, and a note for each kind of trouble.
void join_pci(std::vector<PciFunction> functions, Inventory& inventory);

}  // namespace rackproof
