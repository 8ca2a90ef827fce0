// SPDX-License-Identifier: Apache-2.0
// What the kernel is asked about where pages lie, and told about where they should.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "backends/host/nodes.h"

namespace rackproof::host {

/// Pages of the kernel's size by their node.
using PagesByNode = std::map<int, std::uint64_t>;

/// Where the pages of the mapping that starts at `address` lie, in the text of
/// /proc/self/numa_maps; empty: it does not show that mapping. Unlike move_pages(2) it can be read
/// in containers without CAP_SYS_NICE. Source: proc_pid_numa_maps(5).
[[nodiscard]] PagesByNode pages_of(const std::string& numa_maps, std::uintptr_t address);

/// A host's nodes and the calls that concern them; tests put their own in place.
struct Host {
  std::vector<HostNode> nodes;
  /// Binds a mapping's pages, not touched yet, to a node, strictly; 0 or errno.
  std::function<int(void* at, std::size_t size_bytes, int node)> bind;
  /// Of the mapping that starts there.
  std::function<PagesByNode(const void* at)> pages;
  /// What a node has left for us, bytes.
  std::function<std::uint64_t(int node)> available;
};

/// This machine; its nodes as they were when it was first asked.
[[nodiscard]] const Host& this_host();

}  // namespace rackproof::host
