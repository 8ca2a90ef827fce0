// SPDX-License-Identifier: Apache-2.0
// How much memory of a node can be had now without driving the machine out of memory.
#pragma once

#include <cstdint>
#include <filesystem>

namespace rackproof::host {

/// Bytes of node `node` that could be allocated: the least of what the node, the whole machine and
/// the cgroups above this process have left (v1 and v2), where `sharers` nodes that are worked on
/// at once divide the cgroups' part. A node without memory lives on the others'. Reads /proc and
/// /sys below `root`; what cannot be read does not limit, and nothing readable at all is 0.
[[nodiscard]] std::uint64_t available_bytes(int node, const std::filesystem::path& root = "/",
                                            std::size_t sharers = 1);

/// Memory of the whole machine; 0 when /proc does not say.
[[nodiscard]] std::uint64_t machine_memory_bytes(const std::filesystem::path& root = "/");

/// What has to stay free for the rest of the system: 5 % of the node, at least 512 MiB.
[[nodiscard]] std::uint64_t reserve_bytes(std::uint64_t node_memory_bytes);

}  // namespace rackproof::host
