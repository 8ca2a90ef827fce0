// SPDX-License-Identifier: Apache-2.0
// Finds this machine's NUMA nodes and makes each a Device.
#include <sys/utsname.h>

#include <algorithm>

#include "backends/cpu/available.h"
#include "backends/cpu/cpu_device.h"
#include "backends/cpu/peaks.h"
#include "backends/cpu/topology.h"

namespace rackproof::cpu {
namespace {

std::string kernel_release() {
  utsname names{};
  return uname(&names) == 0 ? names.release : "";
}

// Locking is a courtesy of the system, so RLIMIT_MEMLOCK takes nothing away.
std::uint64_t allocatable(const NodePlace& place, std::size_t nodes) {
  const std::uint64_t left = available_bytes(place.index, "/", nodes);
  const std::uint64_t most = std::min(left, place.memory_bytes);
  return (most - std::min(most, reserve_bytes(place.memory_bytes))) / 64 * 64;
}

DeviceInfo info_of(const NodePlace& place, bool live, std::size_t nodes) {
  DeviceInfo info;
  info.id = "cpu:" + std::to_string(place.index);
  info.backend = info.kind = "cpu";
  info.name = place.cpu_model;
  info.driver = kernel_release();
  info.numa_node = place.index;
  info.memory_bytes = place.memory_bytes;
  info.allocatable_bytes = live ? allocatable(place, nodes) : 0;
  info.cores = static_cast<std::uint32_t>(place.pus.size());
  info.shortest_burst_s = 0.001;
  const Speed speed = speed_of(static_cast<unsigned>(place.pus.size()), place.cores);
  info.ceilings = ceilings(speed);
  info.nominals = nominals(speed);
  return info;
}

Expected<std::vector<std::unique_ptr<Device>>> discover(const std::string& spec) {
  const auto topology = Topology::load(spec);
  if (!topology) return tl::unexpected(topology.error());
  const std::vector<NodePlace> nodes = (*topology)->nodes();
  if (nodes.empty()) throw DeviceError("hwloc finds no NUMA node whose PUs this process may use");
  std::vector<std::unique_ptr<Device>> devices;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto node = std::make_shared<Node>(*topology, nodes[i], far_node(nodes, i));
    devices.push_back(std::make_unique<CpuDevice>(
        std::move(node), info_of(nodes[i], (*topology)->live(), nodes.size())));
  }
  return devices;
}

[[maybe_unused]] const bool kRegistered = register_backend({.name = "cpu", .discover = discover});

}  // namespace
}  // namespace rackproof::cpu
