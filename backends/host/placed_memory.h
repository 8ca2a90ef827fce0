// SPDX-License-Identifier: Apache-2.0
// Host memory on one NUMA node of choice, and the proof that it lies there.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/host/pages.h"

namespace rackproof::host {

/// Why memory cannot be put on a node here; becomes Unsupported.
struct NotPlaced {
  std::string reason;
};

/// Throws DeviceError unless all pages of the mapping of `size_bytes` at `at`, which were all
/// touched, lie on `node`, and NotPlaced where the kernel does not tell.
void require_on_node(const Host& host, const void* at, std::uint64_t size_bytes, int node);

/// A private mapping of its own, zeroed, every page there. Where the kernel refuses to bind, as in
/// a container without CAP_SYS_NICE, pages go where the thread runs that touches them first; either
/// way where they lie is looked up.
class PlacedMemory {
 public:
  /// Throws DeviceError when the node has not enough, and NotPlaced where it cannot be chosen.
  PlacedMemory(const Host& host, const HostNode& node, std::uint64_t size_bytes);
  ~PlacedMemory();
  PlacedMemory(const PlacedMemory&) = delete;
  PlacedMemory& operator=(const PlacedMemory&) = delete;

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }  ///< whole pages
  /// To be asked again after what may move pages, such as pinning.
  void require_in_place() const { require_on_node(host_, data_, size_bytes_, node_); }

 private:
  void map();
  void touch(const HostNode& node);

  const Host& host_;
  int node_;
  std::uint64_t size_bytes_;  // whole pages
  void* mapping_ = nullptr;
  std::byte* data_ = nullptr;
};

}  // namespace rackproof::host
