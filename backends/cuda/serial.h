// SPDX-License-Identifier: Apache-2.0
// A board's serial number, which CUDA does not tell and NVML does.
#pragma once

#include <string>

namespace rackproof::cuda {

/// Of the GPU at a PCI address; empty where NVML is missing or the board has none.
[[nodiscard]] std::string serial_of(const std::string& bdf);

}  // namespace rackproof::cuda
