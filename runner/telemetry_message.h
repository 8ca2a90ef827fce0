// SPDX-License-Identifier: Apache-2.0
// What the telemetry process says: readings of a tick, and what it read of the kernel log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "hardware/kernel_log.h"
#include "hardware/sensor.h"

namespace rackproof {

/// One part of what all sources read at one time: {"t": "readings", "tick": n, "more": bool,
/// "list": [...]}.
struct TickPart {
  std::uint64_t tick = 0;
  bool more = false;  ///< another part of the same tick follows
  std::vector<Reading> readings;
};
[[nodiscard]] Json to_json(const Reading& reading);
/// Values that are no finite number become errors; names and details one line of bounded length.
[[nodiscard]] Expected<Reading> reading_from_json(const Json& json);
[[nodiscard]] Json to_json(const TickPart& part);
[[nodiscard]] Expected<TickPart> tick_from_json(const Json& json);

/// What came from the kernel log since the last such message: {"t": "kernel", ...}.
struct KernelNews {
  std::vector<KernelRecord> records;
  std::uint64_t lost = 0;
  std::string error;                  ///< why it could not be read; empty: it could
  std::optional<std::uint64_t> last;  ///< sequence number to go on after
  bool proven = false;                ///< a line of our own came back
  std::string unproven;               ///< why not
  double offset_s = 0;                ///< the kernel's clock less ours (Clock), measured
};
[[nodiscard]] Json to_json(const KernelNews& news);
[[nodiscard]] Expected<KernelNews> kernel_news_from_json(const Json& json);

}  // namespace rackproof
