// SPDX-License-Identifier: Apache-2.0
// For tests: this machine's first node with as many cores as a test asks for, and goldens.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "backends/cpu/cpu_device.h"
#include "core/oracle.h"

namespace rackproof::cpu {

/// Cores beyond the node's PUs share them: what is tested is who does what, not how fast.
inline std::shared_ptr<Node> node_with_cores(unsigned cores) {
  const auto topology = Topology::load("").value();
  NodePlace place = topology->nodes().at(0);
  const std::vector<unsigned> pus = place.pus;
  place.pus.clear();
  for (unsigned i = 0; i < cores; ++i) place.pus.push_back(pus[i % pus.size()]);
  return std::make_shared<Node>(topology, place, place.index);
}
inline std::unique_ptr<CpuDevice> device_with_cores(unsigned cores) {
  DeviceInfo info;
  info.cores = cores;
  return std::make_unique<CpuDevice>(node_with_cores(cores), info);
}

inline std::unique_ptr<Prepared> ready(Device& device, const Workload& workload) {
  return std::get<std::unique_ptr<Prepared>>(device.prepare(workload));
}

inline std::optional<std::uint64_t> golden_of(const Workload& workload, const RunFor& how) {
  return golden({describe(workload), how.pattern, how.address_bit, how.half}).value();
}

/// A clean burst: nothing found, and the digest of a faultless device.
inline void expect_clean(const Burst& burst, const Workload& workload, const RunFor& how) {
  EXPECT_EQ(burst.miscompares, 0U) << describe(workload);
  EXPECT_EQ(burst.digest, golden_of(workload, how)) << describe(workload);
  EXPECT_LE(burst.start, burst.end);
}

}  // namespace rackproof::cpu
