// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "backends/host/available.h"

namespace rackproof::cpu {
namespace {

struct FreeBitmap {
  void operator()(hwloc_bitmap_t set) const { hwloc_bitmap_free(set); }
};
using Bitmap = std::unique_ptr<hwloc_bitmap_s, FreeBitmap>;

// What the calling thread may run on; a narrower affinity than the cpuset's counts too.
Bitmap usable_pus(hwloc_topology_t topology, bool live) {
  Bitmap usable(hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology)));
  Bitmap bound(hwloc_bitmap_alloc());
  if (live && hwloc_get_cpubind(topology, bound.get(), HWLOC_CPUBIND_THREAD) == 0) {
    hwloc_bitmap_and(usable.get(), usable.get(), bound.get());
  }
  return usable;
}

std::vector<unsigned> members(hwloc_const_bitmap_t set) {
  std::vector<unsigned> all;
  for (int i = hwloc_bitmap_first(set); i >= 0; i = hwloc_bitmap_next(set, i)) {
    all.push_back(static_cast<unsigned>(i));
  }
  return all;
}

unsigned cores_of(hwloc_topology_t topology, const std::vector<unsigned>& pus) {
  std::set<unsigned> cores;
  for (const unsigned pu : pus) {
    const hwloc_obj_t object = hwloc_get_pu_obj_by_os_index(topology, pu);
    const hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, object);
    cores.insert(core != nullptr ? core->logical_index : pu);
  }
  return static_cast<unsigned>(cores.size());
}

std::string model_of(hwloc_topology_t topology, hwloc_const_cpuset_t set) {
  const hwloc_obj_t root = hwloc_get_root_obj(topology);
  hwloc_obj_t package = nullptr;
  while ((package = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PACKAGE, package)) != nullptr) {
    const char* model = hwloc_obj_get_info_by_name(package, "CPUModel");
    if (model != nullptr && hwloc_bitmap_intersects(package->cpuset, set)) return model;
  }
  const char* model = hwloc_obj_get_info_by_name(root, "CPUModel");
  return model != nullptr ? model : "";
}

NodePlace place_of(hwloc_topology_t topology, hwloc_obj_t node, hwloc_const_bitmap_t usable) {
  Bitmap set(hwloc_bitmap_dup(usable));
  NodePlace place;
  place.own_pus = !hwloc_bitmap_iszero(node->cpuset);
  if (place.own_pus) hwloc_bitmap_and(set.get(), set.get(), node->cpuset);
  place.index = static_cast<int>(node->os_index);
  place.pus = members(set.get());
  place.cores = cores_of(topology, place.pus);
  place.memory_bytes = node->attr->numanode.local_memory;
  place.cpu_model = model_of(topology, set.get());
  return place;
}

}  // namespace

Expected<std::shared_ptr<const Topology>> Topology::load(const std::string& synthetic) {
  const std::shared_ptr<Topology> made(new Topology);
  if (hwloc_topology_init(&made->topology_) != 0) throw DeviceError("hwloc_topology_init failed");
  if (!synthetic.empty() && hwloc_topology_set_synthetic(made->topology_, synthetic.c_str()) != 0) {
    return fail(fmt::format(
        "'{}' is no hwloc synthetic topology; one is 'pack:2 numa:1 core:4 pu:2'", synthetic));
  }
  if (hwloc_topology_load(made->topology_) != 0) {
    throw DeviceError(fmt::format("hwloc_topology_load: {}", std::strerror(errno)));
  }
  return made;
}

Expected<std::shared_ptr<const Topology>> Topology::load_xml(const std::filesystem::path& xml) {
  const std::shared_ptr<Topology> made(new Topology);
  if (hwloc_topology_init(&made->topology_) != 0) throw DeviceError("hwloc_topology_init failed");
  hwloc_topology_set_flags(made->topology_, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  if (hwloc_topology_set_xml(made->topology_, xml.c_str()) != 0 ||
      hwloc_topology_load(made->topology_) != 0) {
    return tl::unexpected(Error{"is no hwloc XML (`lstopo --of xml`)", xml.string()});
  }
  return made;
}

Topology::~Topology() {
  if (topology_ != nullptr) hwloc_topology_destroy(topology_);
}

std::vector<NodePlace> Topology::nodes() const {
  const Bitmap usable = usable_pus(topology_, live());
  std::vector<NodePlace> found;
  hwloc_obj_t node = nullptr;
  while ((node = hwloc_get_next_obj_by_type(topology_, HWLOC_OBJ_NUMANODE, node)) != nullptr) {
    NodePlace place = place_of(topology_, node, usable.get());
    if (!place.pus.empty()) found.push_back(std::move(place));
  }
  if (live() && found.size() == 1 && hwloc_get_nbobjs_by_type(topology_, HWLOC_OBJ_NUMANODE) == 1) {
    found[0].memory_bytes = std::max(found[0].memory_bytes, host::machine_memory_bytes());
  }
  std::ranges::sort(found, {}, &NodePlace::index);
  return found;
}

int far_node(const std::vector<NodePlace>& nodes, std::size_t i) {
  for (std::size_t step = 1; step < nodes.size(); ++step) {
    const NodePlace& other = nodes[(i + step) % nodes.size()];
    if (other.memory_bytes > 0) return other.index;
  }
  return nodes[i].index;
}

}  // namespace rackproof::cpu
