// SPDX-License-Identifier: Apache-2.0
// The host's NUMA nodes as the kernel lists them, and which of them a device's copies mean.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/device.h"

namespace rackproof::host {

/// One node that has memory.
struct HostNode {
  int index = -1;                ///< the kernel's number
  std::vector<unsigned> pus;     ///< none: memory alone, an expander's or an accelerator's
  std::map<int, int> distances;  ///< to each node by its index, 10 to itself (ACPI SLIT)
};

/// From `root`/sys/devices/system/node, in the order of their numbers; empty where the kernel tells
/// of no nodes.
[[nodiscard]] std::vector<HostNode> find_nodes(const std::filesystem::path& root = "/");

/// "0-2,5" as the kernel writes lists of numbers; stops at what is none.
[[nodiscard]] std::vector<unsigned> numbers_in(const std::string& list);

/// The node that near or far memory of a device lies on, whose own node is `device_node` (-1: not
/// known). Where there is one node all memory is near, whatever is known of the device.
[[nodiscard]] std::variant<HostNode, Unsupported> choose_node(const std::vector<HostNode>& nodes,
                                                              const std::string& device,
                                                              int device_node, Numa numa);

}  // namespace rackproof::host
