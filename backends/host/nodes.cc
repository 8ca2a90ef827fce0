// SPDX-License-Identifier: Apache-2.0
#include "backends/host/nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace rackproof::host {
namespace {

namespace fs = std::filesystem;
constexpr unsigned kMostNumbers = 1U << 16;  // nodes and processors of any machine

std::string line_of(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// One number for each node that is online, in the order of their own numbers.
std::map<int, int> distances_of(const fs::path& folder, const std::vector<unsigned>& online) {
  std::istringstream words(line_of(folder / "distance"));
  std::map<int, int> distances;
  int distance = 0;
  for (const unsigned node : online) {
    if (words >> distance) distances[static_cast<int>(node)] = distance;
  }
  return distances;
}

const HostNode* node_of(const std::vector<HostNode>& nodes, int index) {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const HostNode& node) { return node.index == index; });
  return found == nodes.end() ? nullptr : &*found;
}

// The first of the farthest, processors alone: an accelerator's memory is not the host's.
const HostNode* farthest_from(const std::vector<HostNode>& nodes, int index) {
  const HostNode *here = node_of(nodes, index), *farthest = nullptr;
  int most = 0;
  for (const HostNode& node : nodes) {
    if (node.index == index || node.pus.empty()) continue;
    const auto known =
        here == nullptr ? node.distances.find(index) : here->distances.find(node.index);
    const auto& all = here == nullptr ? node.distances : here->distances;
    const int distance = known == all.end() ? 1 : known->second;
    if (distance > most) most = distance, farthest = &node;
  }
  return farthest;
}

Unsupported unsupported(const std::string& device, const std::string& reason) {
  return {fmt::format("{}: {}", device, reason)};
}

}  // namespace

std::vector<unsigned> numbers_in(const std::string& list) {
  std::istringstream in(list);
  std::vector<unsigned> all;
  unsigned first = 0, last = 0;
  char mark = ',';
  while (mark == ',' && in >> first) {
    last = first;
    if (in.peek() == '-' && !(in.get() && in >> last)) break;
    for (unsigned n = first; n <= last && n < kMostNumbers; ++n) all.push_back(n);
    if (!in.get(mark)) break;
  }
  return all;
}

std::vector<HostNode> find_nodes(const fs::path& root) {
  const fs::path folder = root / "sys/devices/system/node";
  const std::vector<unsigned> online = numbers_in(line_of(folder / "online"));
  std::vector<HostNode> nodes;
  for (const unsigned index : numbers_in(line_of(folder / "has_memory"))) {
    const fs::path own = folder / fmt::format("node{}", index);
    nodes.push_back(
        {static_cast<int>(index), numbers_in(line_of(own / "cpulist")), distances_of(own, online)});
  }
  return nodes;
}

std::variant<HostNode, Unsupported> choose_node(const std::vector<HostNode>& nodes,
                                                const std::string& device, int device_node,
                                                Numa numa) {
  if (nodes.empty()) return unsupported(device, "the kernel tells of no NUMA nodes");
  if (numa == Numa::near && nodes.size() == 1) return nodes.front();
  if (nodes.size() == 1)
    return unsupported(device, "this machine has one NUMA node: no memory is far");
  if (device_node < 0) {
    return unsupported(device, fmt::format("this machine has {} NUMA nodes, and neither firmware "
                                           "nor kernel says which one is the device's own",
                                           nodes.size()));
  }
  if (numa == Numa::near) {
    const HostNode* own = node_of(nodes, device_node);
    if (own != nullptr) return *own;
    return unsupported(device, fmt::format("its own NUMA node {} has no memory", device_node));
  }
  const HostNode* far = farthest_from(nodes, device_node);
  if (far != nullptr) return *far;
  return unsupported(device, "no other NUMA node has memory and processors: no memory is far");
}

}  // namespace rackproof::host
