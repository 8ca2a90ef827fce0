// SPDX-License-Identifier: Apache-2.0
// The machine as hwloc sees it: which NUMA nodes there are and which PUs of them we may use.
#pragma once

#include <hwloc.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"

namespace rackproof::cpu {

/// One NUMA node and the PUs that work for it.
struct NodePlace {
  int index = 0;              ///< the operating system's number
  std::vector<unsigned> pus;  ///< operating system's numbers; only those this process may run on
  unsigned cores = 0;         ///< physical cores that these PUs belong to
  bool own_pus = true;        ///< false: memory only, worked on by PUs of other nodes
  std::uint64_t memory_bytes = 0;
  std::string cpu_model;
};

/// An hwloc topology; bindings through it are real only when it is live.
class Topology {
 public:
  /// `synthetic` empty: this machine. Else an hwloc synthetic description, such as
  /// "pack:2 numa:1 core:4 pu:2". Throws DeviceError when hwloc cannot read this machine.
  [[nodiscard]] static Expected<std::shared_ptr<const Topology>> load(const std::string& synthetic);
  /// Another machine's, as an hwloc XML (checked by whoever took it in) shows it. Not live.
  [[nodiscard]] static Expected<std::shared_ptr<const Topology>> load_xml(
      const std::filesystem::path& xml);
  ~Topology();
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  [[nodiscard]] hwloc_topology_t get() const { return topology_; }
  [[nodiscard]] bool live() const { return hwloc_topology_is_thissystem(topology_) != 0; }
  /// In the order of their numbers; nodes none of whose PUs we may use are left out, while nodes
  /// that have memory only are worked on by every PU.
  [[nodiscard]] std::vector<NodePlace> nodes() const;

 private:
  Topology() = default;
  hwloc_topology_t topology_ = nullptr;
};

/// The node where host copies of nodes[i] start or end: the next one that has memory, so that they
/// cross a link; itself when there is no other.
[[nodiscard]] int far_node(const std::vector<NodePlace>& nodes, std::size_t i);

}  // namespace rackproof::cpu
