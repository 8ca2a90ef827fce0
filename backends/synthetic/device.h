// SPDX-License-Identifier: Apache-2.0
// One synthetic device: models how long work takes and what comes out of it, and computes none of
// it.
#pragma once

#include <memory>

#include "backends/synthetic/description.h"
#include "core/device.h"

namespace rackproof {

[[nodiscard]] std::unique_ptr<Device> make_synthetic_device(
    const SyntheticDescription& description);

/// Every device that the text, or the file that it names, describes; absent ones are left out.
/// An empty text describes none. Text of one word is a file's path, except "rack".
[[nodiscard]] Expected<std::vector<std::unique_ptr<Device>>> discover_synthetic(
    const std::string& spec);

}  // namespace rackproof
