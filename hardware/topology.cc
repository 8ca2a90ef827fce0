// SPDX-License-Identifier: Apache-2.0
#include "hardware/topology.h"

#include <fmt/format.h>
#include <hwloc.h>
#include <hwloc/export.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

#include "core/json.h"
#include "hardware/hwloc_xml.h"
#include "hardware/pci_tree.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

struct Destroy {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<std::remove_pointer_t<hwloc_topology_t>, Destroy>;

// These parts of hwloc start vendors' drivers; the inventory never touches a device.
constexpr std::array kDriverComponents{"opencl", "cuda", "nvml", "rsmi", "levelzero", "gl"};

constexpr std::array kCacheTypes{HWLOC_OBJ_L1CACHE,  HWLOC_OBJ_L1ICACHE, HWLOC_OBJ_L2CACHE,
                                 HWLOC_OBJ_L2ICACHE, HWLOC_OBJ_L3CACHE,  HWLOC_OBJ_L3ICACHE,
                                 HWLOC_OBJ_L4CACHE,  HWLOC_OBJ_L5CACHE};

std::string text_of(const char* text) { return text == nullptr ? "" : utf8_line(text); }

std::string info(hwloc_obj_t object, const char* key) {
  return text_of(hwloc_obj_get_info_by_name(object, key));
}

std::uint32_t count_inside(hwloc_topology_t topology, hwloc_obj_t object, hwloc_obj_type_t type) {
  const int count = hwloc_get_nbobjs_inside_cpuset_by_type(topology, object->cpuset, type);
  return count > 0 ? static_cast<std::uint32_t>(count) : 0;
}

void read_packages(hwloc_topology_t topology, Inventory& inventory) {
  hwloc_obj_t object = nullptr;
  while ((object = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PACKAGE, object)) != nullptr) {
    inventory.packages.push_back({.model = info(object, "CPUModel"),
                                  .vendor = info(object, "CPUVendor"),
                                  .cores = count_inside(topology, object, HWLOC_OBJ_CORE),
                                  .pus = count_inside(topology, object, HWLOC_OBJ_PU)});
  }
}

void read_numa_nodes(hwloc_topology_t topology, Inventory& inventory) {
  hwloc_obj_t object = nullptr;
  while ((object = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, object)) != nullptr) {
    inventory.numa_nodes.push_back({.index = static_cast<int>(object->os_index),
                                    .memory_bytes = object->attr->numanode.local_memory,
                                    .cores = count_inside(topology, object, HWLOC_OBJ_CORE),
                                    .pus = count_inside(topology, object, HWLOC_OBJ_PU)});
    inventory.memory_bytes += object->attr->numanode.local_memory;
  }
}

std::string kind_of(hwloc_obj_cache_type_t type) {
  switch (type) {
    case HWLOC_OBJ_CACHE_DATA:
      return "data";
    case HWLOC_OBJ_CACHE_INSTRUCTION:
      return "instruction";
    case HWLOC_OBJ_CACHE_UNIFIED:
      break;
  }
  return "unified";
}

void count_cache(const hwloc_obj_attr_u::hwloc_cache_attr_s& attr, std::vector<Cache>& caches) {
  const Cache cache{static_cast<int>(attr.depth), kind_of(attr.type), attr.size, 1};
  const auto same = std::find_if(caches.begin(), caches.end(), [&](const Cache& c) {
    return c.level == cache.level && c.kind == cache.kind && c.size_bytes == cache.size_bytes;
  });
  if (same == caches.end()) {
    caches.push_back(cache);
  } else {
    ++same->count;
  }
}

void read_caches(hwloc_topology_t topology, Inventory& inventory) {
  for (const hwloc_obj_type_t type : kCacheTypes) {
    hwloc_obj_t object = nullptr;
    while ((object = hwloc_get_next_obj_by_type(topology, type, object)) != nullptr) {
      count_cache(object->attr->cache, inventory.caches);
    }
  }
}

std::string kind_of(hwloc_obj_osdev_type_t type) {
  switch (type) {
    case HWLOC_OBJ_OSDEV_BLOCK:
      return "block";
    case HWLOC_OBJ_OSDEV_GPU:
      return "gpu";
    case HWLOC_OBJ_OSDEV_NETWORK:
      return "network";
    case HWLOC_OBJ_OSDEV_OPENFABRICS:
      return "openfabrics";
    case HWLOC_OBJ_OSDEV_DMA:
      return "dma";
    case HWLOC_OBJ_OSDEV_COPROC:
      return "coprocessor";
  }
  return "other";
}

std::string bdf_above(hwloc_obj_t object) {
  while (object != nullptr && object->type != HWLOC_OBJ_PCI_DEVICE) object = object->parent;
  if (object == nullptr) return "";
  const auto& pci = object->attr->pcidev;
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", pci.domain, pci.bus, pci.dev, pci.func);
}

void read_os_devices(hwloc_topology_t topology, Inventory& inventory) {
  hwloc_obj_t object = nullptr;
  while ((object = hwloc_get_next_osdev(topology, object)) != nullptr) {
    OsDevice device{
        text_of(object->name), kind_of(object->attr->osdev.type), bdf_above(object), {}};
    for (unsigned i = 0; i < object->infos_count; ++i) {
      device.details[text_of(object->infos[i].name)] = text_of(object->infos[i].value);
    }
    inventory.os_devices.push_back(std::move(device));
  }
}

void fill(std::string& text, hwloc_obj_t root, const char* key) {
  if (text.empty()) text = info(root, key);
}

// A file tells of which machine it is; hwloc names DMI's fields in words of its own.
void read_own_words(hwloc_topology_t topology, Inventory& inventory) {
  constexpr std::pair<const char*, const char*> kDmi[] = {
      {"sys_vendor", "DMISysVendor"},         {"product_name", "DMIProductName"},
      {"product_serial", "DMIProductSerial"}, {"board_serial", "DMIBoardSerial"},
      {"bios_version", "DMIBIOSVersion"},     {"bios_date", "DMIBIOSDate"}};
  const hwloc_obj_t root = hwloc_get_root_obj(topology);
  fill(inventory.hostname, root, "HostName");
  fill(inventory.kernel, root, "OSRelease");
  fill(inventory.architecture, root, "Architecture");
  for (const auto& [key, word] : kDmi) {
    const std::string value = info(root, word);
    if (!value.empty()) inventory.dmi.try_emplace(key, value);
  }
}

PciFunction function_of(hwloc_obj_t object) {
  const auto& pci = object->attr->pcidev;
  PciFunction f;
  f.domain = static_cast<int>(pci.domain);
  f.bus = pci.bus;
  f.slot = pci.dev;
  f.function = pci.func;
  f.device.bdf = bdf_text(f.domain, f.bus, f.slot, f.function);
  f.device.vendor_id = fmt::format("{:04x}", pci.vendor_id);
  f.device.device_id = fmt::format("{:04x}", pci.device_id);
  f.device.class_id = fmt::format("{:04x}", pci.class_id);
  f.device.class_name = "class " + f.device.class_id;
  f.device.name = info(object, "PCIVendor");
  const std::string own = info(object, "PCIDevice");
  if (!own.empty()) f.device.name += (f.device.name.empty() ? "" : " ") + own;
  return f;
}

// For an XML that came alone: hwloc keeps the tree, but no link's capability.
void read_pci_objects(hwloc_topology_t topology, Inventory& inventory) {
  std::vector<PciFunction> functions;
  hwloc_obj_t object = nullptr;
  while ((object = hwloc_get_next_bridge(topology, object)) != nullptr) {
    const auto& bridge = object->attr->bridge;
    if (bridge.upstream_type != HWLOC_OBJ_BRIDGE_PCI) continue;
    functions.push_back(function_of(object));
    functions.back().device.bridge.secondary = bridge.downstream.pci.secondary_bus;
    functions.back().device.bridge.subordinate = bridge.downstream.pci.subordinate_bus;
  }
  while ((object = hwloc_get_next_pcidev(topology, object)) != nullptr) {
    functions.push_back(function_of(object));
  }
  if (functions.empty()) return;
  inventory.notes.emplace_back("pci: from the topology, which has no links, drivers and errors");
  join_pci(std::move(functions), inventory);
}

bool shows_pci(const InventorySources& sources) {
  return sources.root.empty() && sources.pci_dump.empty() && sources.lspci_text.empty();
}

// What the kernel keeps from us: processors that are off, or that this process may not use.
void note_hidden_processors(hwloc_topology_t topology, Inventory& inventory) {
  const int present = hwloc_bitmap_weight(hwloc_topology_get_topology_cpuset(topology));
  const int complete = hwloc_bitmap_weight(hwloc_topology_get_complete_cpuset(topology));
  const int allowed = hwloc_bitmap_weight(hwloc_topology_get_allowed_cpuset(topology));
  if (complete > present) {
    inventory.notes.push_back(
        fmt::format("topology: {} of {} processors are offline", complete - present, complete));
  }
  if (allowed < present) {
    inventory.notes.push_back(
        fmt::format("topology: this process may use {} of {} processors only", allowed, present));
  }
}

void note_what_is_missing(const Inventory& inventory, std::vector<std::string>& notes) {
  if (inventory.packages.empty()) notes.emplace_back("topology: no package is shown");
  if (inventory.numa_nodes.empty()) notes.emplace_back("topology: no NUMA node is shown");
  if (inventory.caches.empty()) notes.emplace_back("topology: no cache is shown");
  if (inventory.memory_bytes == 0) notes.emplace_back("topology: no memory size is shown");
}

Expected<Topology> empty_topology() {
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) return fail("hwloc does not start");
  Topology topology(raw);
  hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  hwloc_topology_set_icache_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_ALL);
  hwloc_topology_set_io_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_ALL);
  for (const char* component : kDriverComponents) {
    // Fails where this hwloc has no such component, which is as good.
    hwloc_topology_set_components(raw, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, component);
  }
  return topology;
}

Expected<void> set_xml(hwloc_topology_t topology, const std::filesystem::path& xml) {
  const auto bytes = read_file(xml, kMostHwlocXmlBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  if (auto checked = check_hwloc_xml(*bytes, xml.string()); !checked) return checked;
  // The length counts the terminating zero.
  const int length = static_cast<int>(bytes->size()) + 1;
  if (hwloc_topology_set_xmlbuffer(topology, bytes->c_str(), length) == 0) return {};
  return tl::unexpected(Error{"not an hwloc XML (`lstopo --of xml`)", xml.string()});
}

Expected<Topology> load(const std::filesystem::path& xml) {
  auto topology = empty_topology();
  if (!topology) return topology;
  if (!xml.empty()) {
    if (auto done = set_xml(topology->get(), xml); !done) return tl::unexpected(done.error());
  }
  if (hwloc_topology_load(topology->get()) != 0) {
    return tl::unexpected(
        Error{"hwloc cannot load it as a topology (`lstopo --of xml`)", xml.string()});
  }
  return topology;
}

}  // namespace

Expected<void> read_topology(const InventorySources& sources, Inventory& inventory) {
  const bool live = sources.hwloc_xml.empty();
  if (live && sources.root != "/") {
    inventory.notes.push_back(sources.root.empty()
                                  ? "topology: nothing shows it: no processors, no memory"
                                  : "topology: " + sources.root.string() +
                                        " is not this machine, and no hwloc XML was given");
    return {};
  }
  const auto topology = load(sources.hwloc_xml);
  if (!topology) return tl::unexpected(topology.error());
  if (!live) inventory.notes.push_back("topology: read from " + sources.hwloc_xml.string());
  if (live && hwloc_topology_is_thissystem(topology->get()) == 0) {
    inventory.notes.emplace_back(
        "topology: an HWLOC_ variable of the environment made hwloc read "
        "something else than this machine");
  }
  read_packages(topology->get(), inventory);
  read_numa_nodes(topology->get(), inventory);
  read_caches(topology->get(), inventory);
  read_os_devices(topology->get(), inventory);
  if (!live) read_own_words(topology->get(), inventory);
  if (!live && shows_pci(sources)) read_pci_objects(topology->get(), inventory);
  note_hidden_processors(topology->get(), inventory);
  note_what_is_missing(inventory, inventory.notes);
  return {};
}

Expected<std::string> export_topology() {
  const auto topology = load({});
  if (!topology) return tl::unexpected(topology.error());
  char* buffer = nullptr;
  int length = 0;  // counts the terminating zero
  if (hwloc_topology_export_xmlbuffer(topology->get(), &buffer, &length, 0) != 0) {
    return fail(fmt::format("hwloc cannot write the topology: {}", std::strerror(errno)));
  }
  std::string xml(buffer);
  hwloc_free_xmlbuffer(topology->get(), buffer);
  return xml;
}

}  // namespace rackproof
