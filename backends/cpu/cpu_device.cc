// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/cpu_device.h"

#include "backends/cpu/prepared.h"
#include "backends/host/placed_memory.h"

namespace rackproof::cpu {
namespace {

struct Prepare {
  std::shared_ptr<Node> node;
  Preparation operator()(const Gemm& gemm) const { return prepare_gemm(node, gemm); }
  Preparation operator()(const Fill& fill) const { return prepare_fill(node, fill); }
  Preparation operator()(const Check& check) const { return prepare_check(node, check); }
  Preparation operator()(const Stripe& stripe) const { return prepare_stripe(node, stripe); }
  Preparation operator()(const Mix& mix) const { return prepare_mix(node, mix); }
  Preparation operator()(const Sweep& sweep) const { return prepare_sweep(node, sweep); }
  Preparation operator()(const Copy& copy) const { return prepare_copy(node, copy); }
  Preparation operator()(const Triad& triad) const { return prepare_triad(node, triad); }
  Preparation operator()(const Reduce&) const {
    return Unsupported{"NUMA nodes of a host take part in no collectives"};
  }
};

}  // namespace

Region CpuDevice::allocate(std::uint64_t size_bytes, Place place) {
  auto memory = node_->allocate(size_bytes, place);
  const std::uint64_t rounded = memory->size_bytes();
  return {std::move(memory), rounded};
}

std::variant<Region, Unsupported> CpuDevice::allocate_host(std::uint64_t size_bytes, Place place,
                                                           Numa numa) {
  if (numa == Numa::any) return allocate(size_bytes, place);
  const auto node =
      host::choose_node(host::this_host().nodes, info_.id, node_->place().index, numa);
  if (const auto* none = std::get_if<Unsupported>(&node)) return *none;
  try {
    auto memory = node_->allocate_on(std::get<host::HostNode>(node).index, size_bytes, place);
    const std::uint64_t rounded = memory->size_bytes();
    return Region{std::move(memory), rounded};
  } catch (const host::NotPlaced& refused) {
    return Unsupported{info_.id + ": " + refused.reason};
  }
}

Preparation CpuDevice::prepare(const Workload& workload) {
  return std::visit(Prepare{node_}, workload);
}

}  // namespace rackproof::cpu
