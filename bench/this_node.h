// SPDX-License-Identifier: Apache-2.0
// The machine under the benches: its first NUMA node, with all of its PUs or the last few.
#pragma once

#include <memory>

#include "backends/cpu/cpu_device.h"

namespace rackproof::bench {

/// `cores`: 0 for all.
inline std::shared_ptr<cpu::Node> this_node(unsigned cores = 0) {
  const auto topology = cpu::Topology::load("").value();
  cpu::NodePlace place = topology->nodes().at(0);
  if (cores > 0 && cores < place.pus.size())
    place.pus.erase(place.pus.begin(), place.pus.end() - cores);
  return std::make_shared<cpu::Node>(topology, place, place.index);
}

inline std::unique_ptr<Prepared> ready(Device& device, const Workload& workload) {
  return std::get<std::unique_ptr<Prepared>>(device.prepare(workload));
}

}  // namespace rackproof::bench
