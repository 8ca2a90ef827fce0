// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "backends/host/available.h"
#include "backends/host/placed_memory.h"
#include "core/units.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kPage = 4096;

// Half of the reserve may be used up here: what was free at discovery may be a little less by now.
void require_available(std::uint64_t size_bytes, int node, std::uint64_t reserve) {
  const std::uint64_t left = host::available_bytes(node);
  const std::uint64_t usable = left - std::min(left, reserve / 2);
  if (size_bytes <= usable) return;
  throw DeviceError(
      fmt::format("cannot allocate {} on NUMA node {}: {} available, of which {} stay "
                  "free for the system",
                  format(static_cast<double>(size_bytes), Unit::byte), node,
                  format(static_cast<double>(left), Unit::byte),
                  format(static_cast<double>(reserve / 2), Unit::byte)));
}

void touch(Threads& threads, NodeMemory& memory) {
  const std::uint64_t pages = (memory.size_bytes() + kPage - 1) / kPage;
  threads.run([&](unsigned core) {
    const Range mine = share(pages, core, threads.count());
    const std::uint64_t first = mine.first * kPage;
    const std::uint64_t last = std::min(mine.last * kPage, memory.size_bytes());
    if (first < last) std::memset(memory.data() + first, 0, last - first);
  });
}

}  // namespace

Node::Node(std::shared_ptr<const Topology> topology, NodePlace place, int far_node)
    : topology_(std::move(topology)), place_(std::move(place)), far_node_(far_node) {}

Threads& Node::threads() {
  const std::lock_guard lock(mutex_);
  if (!topology_->live()) {
    throw DeviceError(
        fmt::format("NUMA node {} is only described, not in this machine", place_.index));
  }
  if (!threads_) threads_ = std::make_unique<Threads>(topology_, place_.pus);
  return *threads_;
}

unsigned Node::checked_by(unsigned core, std::uint64_t turn) const {
  if (cores() < 2) return core;
  return (core + 1 + static_cast<unsigned>(turn % (cores() - 1))) % cores();
}

std::shared_ptr<NodeMemory> Node::allocate(std::uint64_t size_bytes, Place where) {
  const int node = where == Place::device ? place_.index : far_node_;
  return allocate(size_bytes, where, node, node != place_.index || !place_.own_pus);
}

std::shared_ptr<NodeMemory> Node::allocate_on(int node, std::uint64_t size_bytes, Place where) {
  auto memory = allocate(size_bytes, where, node, node != place_.index);
  host::require_on_node(host::this_host(), memory->data(), memory->size_bytes(), node);
  return memory;
}

std::shared_ptr<NodeMemory> Node::allocate(std::uint64_t size_bytes, Place where, int node,
                                           bool must_bind) {
  Threads& workers = threads();
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  require_available(std::min(size_bytes, kMost), node, host::reserve_bytes(place_.memory_bytes));
  const std::uint64_t rounded = std::max<std::uint64_t>((size_bytes + 63) / 64 * 64, 64);
  auto memory = std::make_shared<NodeMemory>(topology_, node, rounded, must_bind,
                                             where == Place::pageable ? Pages::small : Pages::huge);
  touch(workers, *memory);
  if (where != Place::pageable) memory->lock();
  return memory;
}

}  // namespace rackproof::cpu
