// SPDX-License-Identifier: Apache-2.0
// Temperatures of the kernel's thermal zones (ACPI, package, wireless, board).
// Source: the kernel's Documentation/ABI/testing/sysfs-class-thermal.
#include <fmt/format.h>

#include "hardware/sensors/file_sensors.h"

namespace rackproof {
namespace {

constexpr std::int64_t kAbsoluteZero = -273150;  // millidegrees

Listing zones(const std::filesystem::path& folder) {
  Listing listing;
  for (const auto& [number, zone] : listing.numbered_in(folder, "thermal_zone", "thermal")) {
    listing.add({.sensor = fmt::format("thermal.zone{}.temp", number),
                 .unit = Unit::celsius,
                 .path = zone / "temp",
                 .scale = 1e-3,
                 .least = kAbsoluteZero,
                 .label = first_line(zone / "type")});
  }
  return listing;
}

constexpr FileFamily kFamily{"thermal", "sys/class/thermal", "no thermal zone with a temperature",
                             zones};
[[maybe_unused]] const bool kRegistered = register_file_family<kFamily>();

}  // namespace
}  // namespace rackproof
