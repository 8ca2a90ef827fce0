// SPDX-License-Identifier: Apache-2.0
// One attempt of one step on one device, seen from the supervisor: a state machine over its
// worker's messages, silence and death. Whatever ends it is an Outcome with the reason in words.
#pragma once

#include <poll.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/device.h"
#include "core/record.h"
#include "runner/assignment.h"
#include "runner/link.h"
#include "runner/window_check.h"

namespace rackproof {

/// Seconds; of a worker that hears nothing of them.
struct TaskLimits {
  double deadline_s = 0;        ///< for all of it, preparation included
  double silence_s = 0;         ///< under load
  double drill_silence_s = 30;  ///< a drill's, at least; its planned missing answer's is silence_s
  double exit_s = 10;           ///< from its last word to its exit
  double stop_s = 3;            ///< from a stop to SIGKILL
  double reap_s = 5;            ///< from SIGKILL to giving it up (a process in D state)
  double quiet_s = 1;           ///< from its end to saying that its windows wait for their goldens
};

/// Not thread-safe; no call blocks.
class Task {
 public:
  Task(const Assignment& assignment, const TaskLimits& limits, std::unique_ptr<Child> child,
       Clock::time_point now);

  /// What the device has: more than that is no claim of its worker's.
  void know(const DeviceInfo& device);
  /// Takes what the worker sent, notices its end, and enforces the limits.
  void pump(Clock::time_point now);
  /// Starts a gang's member that waits at the barrier.
  void go(Clock::time_point start);
  /// Answers a member that waits in an exchange with what each of its peers said, as hex digits.
  void exchanged(const std::vector<std::string>& all, Clock::time_point now);
  /// Asks it to end; killed after `stop_s`. What it still measures is kept.
  void stop(Clock::time_point now);
  /// Ends it now for this reason. Without effect on a task that has a reason or its last word.
  void end(Outcome outcome, std::string detail, Clock::time_point now);
  /// What it reported is not to be believed after all, even if it has ended well.
  void disbelieve(const std::string& why, Clock::time_point now);
  /// The supervisor itself stood still for so long: no worker's fault.
  void forgive(Clock::duration stall);

  [[nodiscard]] std::deque<WindowRecord> take_windows() { return std::exchange(windows_, {}); }
  [[nodiscard]] bool at_barrier() const { return state_ == State::barrier && !ending_; }
  /// What it has said in the exchange in which it waits, as hex digits; none: it is in none.
  [[nodiscard]] const std::optional<std::string>& said() const { return said_; }
  [[nodiscard]] bool before_load() const { return state_ < State::loading; }
  /// Has a reason to have ended, or has ended: its gang can no longer count on it.
  [[nodiscard]] bool lost() const {
    return outcome_ && *outcome_ != Outcome::finished && *outcome_ != Outcome::aborted;
  }
  [[nodiscard]] bool ended() const { return over_; }
  [[nodiscard]] bool abandoned() const { return abandoned_; }
  [[nodiscard]] bool expected_hang() const { return expected_hang_; }
  [[nodiscard]] Outcome outcome() const { return outcome_.value_or(Outcome::aborted); }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  [[nodiscard]] Clock::time_point last_heard() const { return last_heard_; }
  void add_polls(std::vector<pollfd>& polls) const { link_.add_polls(polls); }

 private:
  enum class State { starting, preparing, barrier, started, loading, said_last };

  void on_message(const Json& message, Clock::time_point now);
  void on_phase(const std::string& phase);
  void on_exchange(const Json& message);
  void on_window(const Json& message, Clock::time_point now);
  void on_last_word(Outcome outcome, std::string detail, Clock::time_point now);
  void check_work_done() const;
  void check_limits(Clock::time_point now);
  void check_silence(Clock::time_point now);
  [[nodiscard]] double patience_s(bool expected) const;
  void finish(int status);
  void never_began(int status);
  [[nodiscard]] std::string whereabouts() const;

  StepSettings settings_;
  TaskLimits limits_;
  Link link_;
  State state_ = State::starting;
  Clock::time_point begun_, last_heard_, last_word_{}, killed_{};
  double forgiven_s_ = 0;  // added to the deadline
  std::optional<Clock::time_point> stopping_;
  std::optional<std::string> said_;
  std::uint64_t exchanges_ = 0;
  std::deque<WindowRecord> windows_;
  std::uint64_t window_count_ = 0, oom_before_ = 0;
  bool last_window_missing_ = false, expected_hang_ = false;
  WindowBounds bounds_;
  std::optional<Outcome> outcome_;
  std::string detail_;
  bool ending_ = false, over_ = false, abandoned_ = false;
};

}  // namespace rackproof
