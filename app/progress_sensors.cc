// SPDX-License-Identifier: Apache-2.0
#include "app/progress_sensors.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace rackproof {
namespace {

bool holds(std::string_view text, std::string_view part) {
  return !part.empty() && text.find(part) != std::string_view::npos;
}

// "gpu:1" is not meant by "gpu:10.temp".
bool names(std::string_view sensor, std::string_view device) {
  const auto at = device.empty() ? std::string_view::npos : sensor.find(device);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = sensor.substr(at + device.size());
  return rest.empty() || rest.front() < '0' || rest.front() > '9';
}

// As the kernel's drivers coretemp, k10temp and x86_pkg_temp_thermal label a package.
bool package_temperature(const Reading& reading) {
  constexpr std::array kLabels{"Package id", "Tctl", "Tdie", "x86_pkg_temp"};
  return std::any_of(kLabels.begin(), kLabels.end(),
                     [&](const char* label) { return holds(reading.detail, label); });
}

// "rapl.package-0.power", and not its sub-zones, which it contains.
bool package_power(const Reading& reading) {
  constexpr std::string_view kEnd = ".power", kBegin = "rapl.package-";
  const std::string_view name = reading.sensor;
  if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return false;
  return !holds(name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size()), ".");
}

}  // namespace

Vitals vitals_of(const DeviceInfo& device, const std::vector<Reading>& readings) {
  Vitals vitals;
  double packages_w = 0;
  for (const Reading& reading : readings) {
    if (reading.state != Reading::State::value || reading.counter) continue;
    const bool own = names(reading.sensor, device.bdf) || names(reading.sensor, device.id);
    const bool cpu = device.kind == "cpu";
    if (reading.unit == Unit::celsius && (own || (cpu && package_temperature(reading)))) {
      vitals.temperature_celsius =
          std::max(vitals.temperature_celsius.value_or(reading.value), reading.value);
    } else if (reading.unit == Unit::watt && cpu && package_power(reading)) {
      packages_w += reading.value;
    } else if (reading.unit == Unit::watt && own) {
      vitals.power_w = std::max(vitals.power_w.value_or(reading.value), reading.value);
    }
  }
  if (packages_w > 0) vitals.power_w = packages_w;
  return vitals;
}

}  // namespace rackproof
