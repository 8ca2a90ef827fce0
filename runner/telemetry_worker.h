// SPDX-License-Identifier: Apache-2.0
// The telemetry process: each sensor source is read by a thread of its own, so that one that blocks
// costs its own readings only, and says so.
#pragma once

#include <filesystem>

#include "hardware/sensor.h"
#include "runner/uplink.h"

namespace rackproof {

/// Sends "readings" of every source below `root` each `interval_s` and a beat of its own; a source
/// that has not answered for five seconds is reported as errors of its sensors. Returns after a
/// stop.
int serve_telemetry(Uplink& uplink, const std::filesystem::path& root, double interval_s);

[[nodiscard]] Json to_json(const Reading& reading);
[[nodiscard]] Expected<Reading> reading_from_json(const Json& json);

}  // namespace rackproof
