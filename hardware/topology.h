// SPDX-License-Identifier: Apache-2.0
// Packages, NUMA nodes, caches, memory and OS devices, by hwloc.
#pragma once

#include "hardware/inventory.h"

namespace rackproof {

/// Adds what hwloc shows of the live machine or of `sources.hwloc_xml`. A bad XML is an Error. A
/// root that stands for another machine has no topology without an XML: a note. A file's own words
/// fill hostname, kernel, architecture and DMI where nothing else did, and PCI where `sources` has
/// none.
[[nodiscard]] Expected<void> read_topology(const InventorySources& sources, Inventory& inventory);

/// The live machine's topology with all types of objects, as `lstopo --of xml` writes it.
[[nodiscard]] Expected<std::string> export_topology();

}  // namespace rackproof
