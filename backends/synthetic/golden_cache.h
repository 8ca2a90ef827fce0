// SPDX-License-Identifier: Apache-2.0
// Digests of faultless work, kept because a burst repeats its data some times before it changes.
#pragma once

#include <cstdint>
#include <optional>

#include "core/oracle.h"

namespace rackproof {

/// golden(key), or a hash of the key for random operands, which have no golden; none where nothing
/// is read. Safe from several threads. Throws DeviceError when there can be no answer.
[[nodiscard]] std::optional<std::uint64_t> clean_digest(const WorkKey& key);

}  // namespace rackproof
