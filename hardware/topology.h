// SPDX-License-Identifier: Apache-2.0
// Packages, NUMA nodes, caches, memory and OS devices, by hwloc.
#pragma once

#include "hardware/inventory.h"

namespace rackproof {

/// Adds what hwloc shows of the live machine or of `sources.hwloc_xml`. A bad XML is an Error. A
/// root that stands for another machine has no topology without an XML: a note.
[[nodiscard]] Expected<void> read_topology(const InventorySources& sources, Inventory& inventory);

}  // namespace rackproof
