// SPDX-License-Identifier: Apache-2.0
// The supervisor's side of one worker: messages in and out, its stderr's tail and its exit.
#pragma once

#include <poll.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/message.h"
#include "runner/process.h"

namespace rackproof {

/// Never blocks; not thread-safe.
class Link {
 public:
  explicit Link(std::unique_ptr<Child> child);

  void send(const Json& message);
  /// Hands every message that has arrived to `on_message`; true when bytes came in. Bytes that are
  /// no message set problem() and end the reading for good.
  bool pump(const std::function<void(const Json&)>& on_message);
  /// Nothing more is read; for a worker that broke the protocol.
  void ignore() { ignoring_ = true; }
  void kill() { child_->kill_group(); }

  /// The wait status, once the worker is gone and all that it had sent has been handed on.
  [[nodiscard]] std::optional<int> exit_status() const { return exit_status_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// "; stderr: ..." with at most the last 4 KiB, or nothing.
  [[nodiscard]] std::string stderr_note() const;
  void add_polls(std::vector<pollfd>& polls) const;

 private:
  bool read_control();
  void read_errors();
  void write_pending();
  void hand_on(const std::function<void(const Json&)>& on_message);

  std::unique_ptr<Child> child_;
  LineBuffer lines_;
  std::string pending_, errors_, problem_;
  std::optional<int> exit_status_;
  bool closed_ = false, errors_closed_ = false, ignoring_ = false;
};

/// Waits until one of `polls` has news or `timeout_ms` is over; signals end it early.
void wait_for_news(std::vector<pollfd>& polls, int timeout_ms);

}  // namespace rackproof
