// SPDX-License-Identifier: Apache-2.0
// How the OpenCL devices of this machine are found.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/device.h"

namespace rackproof::opencl {

/// All devices of all platforms: without CPUs, which the cpu back end tests better, unless `spec`
/// is "all". No loader or no platform: none. Throws DeviceError when a platform fails.
[[nodiscard]] Expected<std::vector<std::unique_ptr<Device>>> discover(const std::string& spec);

}  // namespace rackproof::opencl
