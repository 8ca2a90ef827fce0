// SPDX-License-Identifier: Apache-2.0
// Finds this machine's NUMA nodes and makes each a Device.
#include <sys/utsname.h>

#include <algorithm>

#include "backends/cpu/cpu_device.h"
#include "backends/cpu/peaks.h"
#include "backends/cpu/topology.h"
#include "backends/host/available.h"

namespace rackproof::cpu {
namespace {

constexpr std::string_view kForeign = "xml:";

std::string kernel_release() {
  utsname names{};
  return uname(&names) == 0 ? names.release : "";
}

// Locking is a courtesy of the system, so RLIMIT_MEMLOCK takes nothing away.
std::uint64_t allocatable(const NodePlace& place, std::size_t nodes) {
  const std::uint64_t left = host::available_bytes(place.index, "/", nodes);
  const std::uint64_t most = std::min(left, place.memory_bytes);
  return (most - std::min(most, host::reserve_bytes(place.memory_bytes))) / 64 * 64;
}

// What kind of processor, kernel and clock there is: this machine's, or what a capture shows.
struct Machine {
  bool live = true, known = true;  ///< known: its instruction set is
  std::string kernel;
};

// A synthetic description stands on this machine; another machine's peaks are not ours to state.
DeviceInfo info_of(const NodePlace& place, const Machine& machine, std::size_t nodes) {
  DeviceInfo info;
  info.id = "cpu:" + std::to_string(place.index);
  info.backend = info.kind = "cpu";
  info.name = place.cpu_model;
  info.driver = machine.kernel;
  info.numa_node = place.index;
  info.memory_bytes = place.memory_bytes;
  info.allocatable_bytes = machine.live ? allocatable(place, nodes) : 0;
  info.cores = static_cast<std::uint32_t>(place.pus.size());
  info.shortest_burst_s = 0.001;
  if (!machine.known) return info;
  const Speed speed = speed_of(static_cast<unsigned>(place.pus.size()), place.cores);
  info.ceilings = ceilings(speed);
  info.nominals = nominals(speed);
  return info;
}

std::string kernel_in(hwloc_topology_t topology) {
  const char* release = hwloc_obj_get_info_by_name(hwloc_get_root_obj(topology), "OSRelease");
  return release == nullptr ? "" : release;
}

// `spec` "xml:FILE" is another machine's topology; else hwloc's synthetic words; empty: this
// machine.
Expected<std::vector<std::unique_ptr<Device>>> discover(const std::string& spec) {
  const bool foreign = spec.starts_with(kForeign);
  const auto topology =
      foreign ? Topology::load_xml(spec.substr(kForeign.size())) : Topology::load(spec);
  if (!topology) return tl::unexpected(topology.error());
  const Machine machine{(*topology)->live(), !foreign,
                        foreign ? kernel_in((*topology)->get()) : kernel_release()};
  const std::vector<NodePlace> nodes = (*topology)->nodes();
  if (nodes.empty()) throw DeviceError("hwloc finds no NUMA node whose PUs this process may use");
  std::vector<std::unique_ptr<Device>> devices;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto node = std::make_shared<Node>(*topology, nodes[i], far_node(nodes, i));
    devices.push_back(
        std::make_unique<CpuDevice>(std::move(node), info_of(nodes[i], machine, nodes.size())));
  }
  return devices;
}

[[maybe_unused]] const bool kRegistered = register_backend({.name = "cpu", .discover = discover});

}  // namespace
}  // namespace rackproof::cpu
