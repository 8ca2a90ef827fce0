// SPDX-License-Identifier: Apache-2.0
// PCI devices with their links, drivers and latched errors, by libpci.
#pragma once

#include "hardware/inventory.h"

namespace rackproof {

/// Adds `pci`, `drivers` and notes. A bad `sources.pci_dump` is an Error; what a machine does not
/// show is a note.
[[nodiscard]] Expected<void> read_pci(const InventorySources& sources, Inventory& inventory);

}  // namespace rackproof
