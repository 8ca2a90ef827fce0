// SPDX-License-Identifier: Apache-2.0
// Which sensors tell a device's temperature and power, for the live view alone: a guess by names,
// which no verdict rests on.
#pragma once

#include <optional>
#include <vector>

#include "core/device.h"
#include "hardware/sensor.h"

namespace rackproof {

struct Vitals {
  std::optional<double> temperature_celsius;  ///< the hottest of its sensors
  std::optional<double> power_w;              ///< their sum, of packages; else the greatest
};

/// A sensor is the device's when its name holds the device's id or PCI address; those of the
/// processor packages are the CPU devices'.
[[nodiscard]] Vitals vitals_of(const DeviceInfo& device, const std::vector<Reading>& readings);

}  // namespace rackproof
