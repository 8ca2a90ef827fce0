// SPDX-License-Identifier: Apache-2.0
// Which of NVML's GPUs a device of a back end is.
#pragma once

#include "core/device.h"
#include "hardware/nvml/api.h"

namespace rackproof::nvml {

/// By PCI address, or by UUID where the device has none ("GPU-" and dashes aside). An Error names
/// what was looked for, and the GPUs that did not answer.
[[nodiscard]] Expected<nvmlDevice_t> find_gpu(const Api& api, const DeviceInfo& device);

}  // namespace rackproof::nvml
