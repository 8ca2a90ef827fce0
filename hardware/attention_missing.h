// SPDX-License-Identifier: Apache-2.0
// Devices that are not there and should be: by the slot that senses a card, by the link that is up
// with nobody below, and by siblings that have what one lacks.
#pragma once

#include <vector>

#include "hardware/attention.h"

namespace rackproof {

/// At most one finding for each bridge. Empty slots and unused ports of a switch are none.
[[nodiscard]] std::vector<Notice> missing_devices(const Inventory& inventory);

}  // namespace rackproof
