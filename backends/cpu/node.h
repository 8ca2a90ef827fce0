// SPDX-License-Identifier: Apache-2.0
// One NUMA node as a machine to work with: its pinned threads and its memory.
#pragma once

#include <memory>
#include <mutex>

#include "backends/cpu/memory.h"
#include "backends/cpu/threads.h"
#include "backends/cpu/topology.h"
#include "core/device.h"

namespace rackproof::cpu {

/// Shared by a device and everything prepared on it. Thread-safe.
class Node {
 public:
  /// `far_node`: where the host's side of a copy lies; the node itself when there is no
  /// other.
  Node(std::shared_ptr<const Topology> topology, NodePlace place, int far_node);

  [[nodiscard]] const NodePlace& place() const { return place_; }
  [[nodiscard]] unsigned cores() const { return static_cast<unsigned>(place_.pus.size()); }
  /// Whose work `core` checks in turn `turn`: that of each other core in turn, its own when there
  /// is no other.
  [[nodiscard]] unsigned checked_by(unsigned core, std::uint64_t turn) const;
  /// Started on first use. Throws DeviceError when the topology is not this machine's.
  [[nodiscard]] Threads& threads();
  /// Zeroed, every page there. Throws DeviceError with size and reason when there is not enough.
  [[nodiscard]] std::shared_ptr<NodeMemory> allocate(std::uint64_t size_bytes, Place where);
  /// The same on node `node`, and looked up to lie there. Throws host::NotPlaced where the kernel
  /// does not tell.
  [[nodiscard]] std::shared_ptr<NodeMemory> allocate_on(int node, std::uint64_t size_bytes,
                                                        Place where);

 private:
  [[nodiscard]] std::shared_ptr<NodeMemory> allocate(std::uint64_t size_bytes, Place where,
                                                     int node, bool must_bind);

  std::shared_ptr<const Topology> topology_;
  NodePlace place_;
  int far_node_;
  std::mutex mutex_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace rackproof::cpu
