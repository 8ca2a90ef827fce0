// SPDX-License-Identifier: Apache-2.0
// The inventory as JSON and back: inventory.json of a bundle.
#include <nlohmann/json.hpp>

#include "core/json_fields.h"
#include "hardware/inventory.h"

namespace rackproof {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CpuPackage, model, vendor, microcode, cores, pus)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NumaNode, index, memory_bytes, cores, pus)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Cache, level, kind, size_bytes, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PciLink, speed_gts, max_speed_gts, width, max_width,
                                   device_speed_gts, device_width)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PciBridge, secondary, subordinate, is_port, slot, occupied,
                                   link_up, max_speed_gts, max_width)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PciDevice, bdf, vendor_id, device_id, class_id, name, class_name,
                                   driver, parent, numa_node, link, has_aer, aer_corrected,
                                   aer_uncorrected, bridge, serial, answers)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OsDevice, name, kind, bdf, details)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Inventory, hostname, kernel, architecture, os, boot_id, dmi,
                                   drivers, packages, numa_nodes, caches, pci, os_devices,
                                   memory_bytes, notes)

Json to_json(const Inventory& inventory) {
  Json json;
  to_json(json, inventory);
  return json;
}

// What was read must say what was written: this catches unknown keys and numbers that do not fit
// their field (-1, 1.5, true), which nlohmann would convert in silence.
Expected<Inventory> inventory_from_json(const Json& json) {
  auto inventory = read_struct<Inventory>(json, "hardware inventory");
  if (!inventory) return inventory;
  const Json difference = Json::diff(to_json(*inventory), json);
  if (difference.empty()) return inventory;
  return fail("not a hardware inventory: unknown field or impossible value at " +
              difference.front().at("path").get<std::string>());
}

}  // namespace rackproof
