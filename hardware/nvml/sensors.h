// SPDX-License-Identifier: Apache-2.0
// NVIDIA GPUs as sensors: one source that finds them, and one for each GPU, so that one that blocks
// delays no other. Only reads: no setting of a card is changed, no card is reset.
#pragma once

#include <memory>
#include <string>

#include "hardware/nvml/api.h"
#include "hardware/sensor.h"

namespace rackproof::nvml {

/// The source "nvml". Its found() are one source for each GPU, "nvml.0000:1b:00.0".
[[nodiscard]] std::unique_ptr<SensorSource> gpu_sensors(const std::string& library = kLibrary);

}  // namespace rackproof::nvml
