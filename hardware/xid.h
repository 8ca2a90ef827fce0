// SPDX-License-Identifier: Apache-2.0
// What an Xid means that is known by its number alone: by the kernel log's table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hardware/sensor.h"

namespace rackproof {

/// "Xid 79, the GPU has fallen off the bus"; of a number that the table lacks "Xid 987".
[[nodiscard]] std::string meaning_of_xid(unsigned long long code);

/// Of "nvml.0000:1b:00.0.xid.79"; none: it is no such counter. Where only the rest of the kernel's
/// line tells a fatal Xid from another one, it is a warning that says so.
[[nodiscard]] std::optional<CounterClass> class_of_xid_counter(std::string_view sensor);

}  // namespace rackproof
