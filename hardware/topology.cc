// SPDX-License-Identifier: Apache-2.0
#include "hardware/topology.h"

#include <fmt/format.h>
#include <hwloc.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <type_traits>

#include "core/json.h"
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

Expected<Topology> load(const std::filesystem::path& xml) {
  auto topology = empty_topology();
  if (!topology) return topology;
  if (!xml.empty()) {
    if (const auto bytes = read_file(xml); !bytes) return tl::unexpected(bytes.error());
    if (hwloc_topology_set_xml(topology->get(), xml.c_str()) != 0) {
      return tl::unexpected(Error{"not an hwloc XML (`lstopo --of xml`)", xml.string()});
    }
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
    inventory.notes.push_back("topology: " + sources.root.string() +
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
  note_hidden_processors(topology->get(), inventory);
  note_what_is_missing(inventory, inventory.notes);
  return {};
}

}  // namespace rackproof
