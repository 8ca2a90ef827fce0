// SPDX-License-Identifier: Apache-2.0
// The telemetry process: each sensor source is read by a thread of its own, so that one that blocks
// costs its own readings only, and says so; another follows the kernel log.
#pragma once

#include <filesystem>
#include <optional>

#include "runner/uplink.h"

namespace rackproof {

struct TelemetryJob {
  std::filesystem::path root = "/";
  double interval_s = 1;
  std::optional<std::uint64_t> after;  ///< of the kernel log, the last record already known
};
/// "ROOT INTERVAL_S AFTER" as words of the worker's command line; AFTER is "-" for none.
[[nodiscard]] std::vector<std::string> words_of(const TelemetryJob& job);
[[nodiscard]] Expected<TelemetryJob> job_from_words(const std::vector<std::string>& words);

/// Each interval sends a tick of readings of every source below the root and what is new in
/// root/dev/kmsg, and a beat at least once a second. A source that is late answers in the next
/// tick; one that has not answered for five seconds is reported as errors of its sensors. After a
/// stop it reads once more, sends "last" and ends the process.
[[noreturn]] void serve_telemetry(Uplink& uplink, const TelemetryJob& job);

}  // namespace rackproof
