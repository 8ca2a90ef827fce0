// SPDX-License-Identifier: Apache-2.0
// Each CPU's present clock, as its frequency driver sees it.
// Source: the kernel's Documentation/admin-guide/pm/cpufreq.rst.
#include <fmt/format.h>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

constexpr double kHertzPerKilohertz = 1e3;

Listing clocks(const std::filesystem::path& folder) {
  Listing listing;
  for (const auto& [number, cpu] : listing.numbered_in(folder, "cpu", "cpufreq")) {
    listing.add({.sensor = fmt::format("cpu{}.frequency", number),
                 .unit = Unit::hertz,
                 .path = cpu / "cpufreq/scaling_cur_freq",
                 .scale = kHertzPerKilohertz,
                 .least = 1});
  }
  return listing;
}

constexpr FileFamily kFamily{"cpufreq", "sys/devices/system/cpu",
                             "no CPU has cpufreq/scaling_cur_freq", clocks};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
