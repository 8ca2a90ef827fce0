// SPDX-License-Identifier: Apache-2.0
#include "hardware/inventory.h"

#include <system_error>
#include <utility>

#include "hardware/firmware.h"
#include "hardware/pci.h"
#include "hardware/topology.h"

namespace rackproof {

namespace {

// "/." and "//" are this machine as well.
Expected<void> settle_root(std::filesystem::path& root) {
  if (root.empty()) return {};
  std::error_code code;
  const std::filesystem::path given = std::exchange(root, std::filesystem::canonical(root, code));
  if (!code && std::filesystem::is_directory(root, code)) return {};
  return tl::unexpected(
      Error{"not a folder that could stand for a machine's root", given.string()});
}

}  // namespace

Expected<Inventory> read_inventory(const InventorySources& given) {
  InventorySources sources = given;
  if (auto done = settle_root(sources.root); !done) return tl::unexpected(done.error());
  Inventory inventory;
  if (sources.root.empty()) {
    inventory.notes.emplace_back("firmware: nothing shows it: no serial numbers, no kernel");
  } else {
    read_firmware(sources.root, inventory);
  }
  if (auto done = read_topology(sources, inventory); !done) return tl::unexpected(done.error());
  // The live machine's cpuinfo says nothing about the machine that an XML shows.
  const bool same_machine = sources.hwloc_xml.empty() || sources.root != "/";
  if (same_machine && !sources.root.empty()) {
    read_cpuinfo(sources.root, inventory);
    read_memory_total(sources.root, inventory);
  }
  if (auto done = read_pci(sources, inventory); !done) return tl::unexpected(done.error());
  return inventory;
}

}  // namespace rackproof
