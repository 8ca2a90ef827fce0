// SPDX-License-Identifier: Apache-2.0
// Memory of one NUMA node: bound, and locked and in huge pages where that is wanted and the
// system allows it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "backends/cpu/topology.h"
#include "core/workload.h"

namespace rackproof::cpu {

/// Which pages a mapping asks for: ordinary ones, or such as keep TLB misses out of sweeps.
enum class Pages { small, huge };

/// A private mapping; freed with its last owner. Not touched yet when made.
class NodeMemory : public RegionMemory {
 public:
  /// Reserves `size_bytes` on node `node`. Throws DeviceError when the system refuses, or when
  /// `must_bind` and the node cannot be chosen.
  NodeMemory(std::shared_ptr<const Topology> topology, int node, std::uint64_t size_bytes,
             bool must_bind, Pages pages = Pages::huge);
  ~NodeMemory() override;
  NodeMemory(const NodeMemory&) = delete;
  NodeMemory& operator=(const NodeMemory&) = delete;

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  template <class T>
  [[nodiscard]] T* as() const {
    return reinterpret_cast<T*>(data_);
  }
  /// Keeps the pages from being swapped out where RLIMIT_MEMLOCK allows it.
  void lock();
  [[nodiscard]] bool locked() const { return locked_; }

  /// Changes whenever a workload starts to write here, so that another one knows that what it left
  /// is gone.
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }
  std::uint64_t changed() { return generation_.fetch_add(1) + 1; }

 private:
  std::shared_ptr<const Topology> topology_;
  void* mapping_ = nullptr;
  std::size_t mapping_bytes_ = 0;
  std::byte* data_ = nullptr;
  std::uint64_t size_bytes_ = 0;
  bool locked_ = false;
  std::atomic<std::uint64_t> generation_{0};
};

/// This back end's memory behind a region. Throws DeviceError when it is another back end's or
/// none.
[[nodiscard]] std::shared_ptr<NodeMemory> memory_of(const Region& region);

}  // namespace rackproof::cpu
