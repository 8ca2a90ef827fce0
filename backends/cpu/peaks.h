// SPDX-License-Identifier: Apache-2.0
// What a node can do at most, and what it should reach, from its ISA, clock and PUs.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace rackproof::cpu {

/// What bounds a node's speed.
struct Speed {
  unsigned pus = 0, cores = 0;     ///< logical and physical
  unsigned widest_bytes = 16;      ///< longest vector of the hardware
  unsigned dispatched_bytes = 16;  ///< vector that the kernels really use
  unsigned fma_units = 2;          ///< at most, per core
  double max_hz = 0, base_hz = 0;
};

/// Of this machine; clocks are read from /proc and /sys below `root`.
[[nodiscard]] Speed speed_of(unsigned pus, unsigned cores, const std::filesystem::path& root = "/");
/// Upper bounds: keys and units as DeviceInfo::ceilings.
[[nodiscard]] std::map<std::string, double> ceilings(const Speed& speed);
/// Conservative: keys and units as DeviceInfo::nominals.
[[nodiscard]] std::map<std::string, double> nominals(const Speed& speed);

}  // namespace rackproof::cpu
