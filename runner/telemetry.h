// SPDX-License-Identifier: Apache-2.0
// The telemetry process under supervision: its readings become sensor records, its failures
// warnings. It never stops a stressor.
#pragma once

#include <poll.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runner/ledger.h"
#include "runner/link.h"
#include "runner/sensor_windows.h"

namespace rackproof {

struct TelemetrySettings {
  std::filesystem::path root = "/";  ///< empty: no telemetry
  double interval_s = 1;
  double window_s = 5;
  double silence_s = 10;  ///< longer: killed and started again
  int restarts = 3;
};

/// Throws StorageError when its records cannot be stored. Not thread-safe.
class Telemetry {
 public:
  Telemetry(TelemetrySettings settings, std::vector<std::string> worker_command, Spawn spawn,
            Ledger& ledger);

  void pump(Clock::time_point now);
  void forgive(Clock::duration stall) { last_heard_ += stall; }
  /// Ends the process and records what is left.
  void finish();
  void add_polls(std::vector<pollfd>& polls) const;

 private:
  void start(Clock::time_point now);
  void on_message(const Json& message);
  void check(Clock::time_point now);
  void failed(const std::string& why, Clock::time_point now);
  void write_windows();

  TelemetrySettings settings_;
  std::vector<std::string> command_;
  Spawn spawn_;
  Ledger& ledger_;
  std::unique_ptr<Link> link_;
  SensorWindows windows_;
  double window_start_s_ = 0;
  Clock::time_point last_heard_{};
  std::string garbage_;
  int starts_ = 0;
};

}  // namespace rackproof
