// SPDX-License-Identifier: Apache-2.0
// How the NVIDIA GPUs of this machine are found.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backends/host/pages.h"
#include "core/device.h"

namespace rackproof::cuda {

/// Every GPU that CUDA shows, in its order. Throws Absent with the reason where there is no driver
/// or it has no device, and DeviceError where the PCI bus below `root` has an NVIDIA GPU and no
/// driver, or the driver fails or is too old. `host` outlives them.
[[nodiscard]] std::vector<std::unique_ptr<Device>> find_devices(
    const std::filesystem::path& root, const host::Host& host = host::this_host());

/// PCI addresses of NVIDIA's display and 3D controllers, from sysfs below `root`.
[[nodiscard]] std::vector<std::string> nvidia_gpus(const std::filesystem::path& root);

}  // namespace rackproof::cuda
