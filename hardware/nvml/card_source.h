// SPDX-License-Identifier: Apache-2.0
// All that one GPU says, as a sensor source of its own.
#pragma once

#include <memory>

#include "hardware/nvml/card.h"
#include "hardware/sensor.h"

namespace rackproof::nvml {

[[nodiscard]] std::unique_ptr<SensorSource> card_source(Card card);

}  // namespace rackproof::nvml
