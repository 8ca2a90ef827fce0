// SPDX-License-Identifier: Apache-2.0
// What a chip cannot exceed, from its clocks and units.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace rackproof::cuda {

/// A GPU as the driver describes it.
struct Chip {
  int major = 0, minor = 0;  ///< compute capability
  std::uint32_t multiprocessors = 0;
  double clock_hz = 0, memory_clock_hz = 0;
  double memory_bus_bits = 0;
};

/// DeviceInfo::ceilings of the chip; empty for a compute capability whose units are not known here.
[[nodiscard]] std::map<std::string, double> chip_ceilings(const Chip& chip);

/// "host_link" and its directions, B/s, from the widest and fastest link that the slot and the card
/// may have, in sysfs below `root`; empty where that is not known.
[[nodiscard]] std::map<std::string, double> link_ceilings(const std::filesystem::path& root,
                                                          const std::string& bdf);

}  // namespace rackproof::cuda
