// SPDX-License-Identifier: Apache-2.0
#include "hardware/inventory.h"

#include <system_error>

#include "hardware/firmware.h"
#include "hardware/pci.h"
#include "hardware/topology.h"

namespace rackproof {

Expected<Inventory> read_inventory(const InventorySources& given) {
  InventorySources sources = given;
  std::error_code code;
  // "/." and "//" are this machine as well.
  sources.root = std::filesystem::canonical(given.root, code);
  if (code || !std::filesystem::is_directory(sources.root, code)) {
    return tl::unexpected(
        Error{"not a folder that could stand for a machine's root", given.root.string()});
  }
  Inventory inventory;
  read_firmware(sources.root, inventory);
  if (auto done = read_topology(sources, inventory); !done) return tl::unexpected(done.error());
  // The live machine's cpuinfo says nothing about the machine that an XML shows.
  const bool same_machine = sources.hwloc_xml.empty() || sources.root != "/";
  if (same_machine) {
    read_cpuinfo(sources.root, inventory);
    read_memory_total(sources.root, inventory);
  }
  if (auto done = read_pci(sources, inventory); !done) return tl::unexpected(done.error());
  return inventory;
}

}  // namespace rackproof
