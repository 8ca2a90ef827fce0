// SPDX-License-Identifier: Apache-2.0
// A device whose every finished run is a sign of life. The beat comes from the thread that does the
// work, so a hung device is silent even while its worker's other threads are well.
#pragma once

#include <functional>
#include <memory>

#include "core/device.h"

namespace rackproof {

/// Owns `inner`, passes everything on to it and calls `beat` after each run, from the running
/// thread.
[[nodiscard]] std::unique_ptr<Device> beating(std::unique_ptr<Device> inner,
                                              std::function<void()> beat);

}  // namespace rackproof
