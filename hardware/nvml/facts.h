// SPDX-License-Identifier: Apache-2.0
// A GPU's settings and users by NVML, for the conditions of the environment.
#pragma once

#include <string>

#include "hardware/conditions/gpu_facts.h"
#include "hardware/nvml/api.h"

namespace rackproof::nvml {

/// Everything that conditions ask of the GPU at the device's PCI address (or, without one, of its
/// UUID). Only reads. An Error: no NVML, or no such GPU.
[[nodiscard]] Expected<GpuFacts> read_facts(const DeviceInfo& device,
                                            const std::string& library = kLibrary);

}  // namespace rackproof::nvml
