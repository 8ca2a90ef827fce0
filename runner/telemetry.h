// SPDX-License-Identifier: Apache-2.0
// The telemetry process under supervision: what it reads becomes sensor and kernel log windows,
// segments at full rate and events; its failures warnings. It never stops a stressor.
#pragma once

#include <poll.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runner/kernel_log_watch.h"
#include "runner/ledger.h"
#include "runner/link.h"
#include "runner/sensor_windows.h"
#include "runner/telemetry_alarms.h"
#include "runner/telemetry_store.h"

namespace rackproof {

struct CampaignRequest;

struct TelemetrySettings {
  std::filesystem::path root = "/";  ///< empty: no telemetry
  double interval_s = 1;             ///< 0.1 to 10
  double window_s = 5;    ///< at first; a 60th of the run's time, up to kLongestWindow_s, later
  double silence_s = 10;  ///< longer: killed and started again
  double ready_s = 3;     ///< longest wait for the first readings
  int restarts = 3;
};
inline constexpr double kLongestWindow_s = 60;
inline constexpr double kAlarmed_s = 1;  ///< a window with an alarm in it is closed after this
/// How often sensors may be read.
inline constexpr double kLeastInterval_s = 0.1, kMostInterval_s = 10;

/// Throws StorageError when its records cannot be stored. Not thread-safe.
class Telemetry {
 public:
  /// Refers to both as long as it lives.
  Telemetry(const CampaignRequest& request, Ledger& ledger);

  /// Until every counter has its base and the kernel log is followed, or settings.ready_s are over.
  void wait_until_ready();
  /// Windows are cut here, so that each belongs to one step, or to none.
  void step_began(const std::string& step);
  void step_ended();

  void pump(Clock::time_point now);
  void forgive(Clock::duration stall) { last_heard_ += stall; }
  /// One last reading, at most two intervals and a second; ends the process and records what is
  /// left.
  void finish();
  void add_polls(std::vector<pollfd>& polls) const;

 private:
  struct StepTime {
    std::string step;
    double begin_s = 0, end_s = 0;  ///< end 0: it goes on
  };

  void start(Clock::time_point now);
  void read_link(Clock::time_point now);
  void on_message(const Json& message);
  void take_tick(const Json& message);
  void take_kernel_news(const Json& message);
  void check(Clock::time_point now);
  void failed(const std::string& why, Clock::time_point now);
  void write_windows();
  void note(EventRecord event);
  void note_at(const EventRecord& event);
  [[nodiscard]] double window_s() const;
  [[nodiscard]] double run_time_of(double kernel_s, double offset_s) const;
  [[nodiscard]] std::string step_at(double at_s) const;

  const CampaignRequest& request_;
  const TelemetrySettings& settings_;
  Ledger& ledger_;
  double begun_s_;
  std::unique_ptr<Link> link_;
  SensorWindows windows_;
  KernelLogWatch kernel_;
  TelemetryStore store_;
  Alarms alarms_;
  std::vector<Reading> tick_;  ///< the parts of a tick that have come so far
  std::vector<StepTime> steps_;
  bool alarmed_ = false;  ///< something in the open window is more than information
  double window_start_s_;
  Clock::time_point last_heard_{};
  std::string garbage_;
  int starts_ = 0;
  bool ready_ = false, finishing_ = false, last_ = false, told_unproven_ = false;
};

}  // namespace rackproof
