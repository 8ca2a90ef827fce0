// SPDX-License-Identifier: Apache-2.0
// What a Context knows of its step: its clock, the window in hand, and whose turn to strike it is.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "core/context.h"
#include "core/window_builder.h"

namespace rackproof {

[[nodiscard]] inline double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

[[nodiscard]] inline Clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

/// Calls that touch it hold the mutex: a stressor may run two Prepareds at once.
struct Context::Impl {
  StepSettings settings;
  Recorder& recorder;
  const std::atomic<bool>& stop;
  std::recursive_mutex mutex = {};
  bool loading = false;
  Clock::time_point load_start{}, window_start{}, last_urgent{};
  std::uint64_t bursts = 0, passes = 0;
  std::size_t next_fault = 0;
  int in_flight = 0;  ///< bursts
  Clock::time_point in_flight_since{};
  bool striking = false;  ///< one fault at a time
  std::uint64_t bursts_since_fault = 0;
  WindowBuilder window = {};

  /// Waits for the gang, if any, and starts the clock; once.
  void begin_load();
  /// One burst more, or less, is on its way. By our own clock: what bursts say of their times is
  /// not believed here.
  void take_off(int more);
  [[nodiscard]] std::uint64_t pattern(std::uint64_t index) const;
  void flush();
  /// A finding goes out at once, since the next burst may be the worker's last; further ones of a
  /// device that is always wrong wait a little.
  void flush_when_due();

  /// The fault that this burst is to suffer, if any; settle_fault() ends its turn.
  [[nodiscard]] const Fault* claim_fault();
  void settle_fault() { striking = false; }
  void note_fault(const Fault& fault, const std::string& work,
                  const std::vector<Activation>& activations);
  [[nodiscard]] bool drill_over() const;

 private:
  [[nodiscard]] bool unannounced_due() const;
};

}  // namespace rackproof
