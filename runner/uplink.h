// SPDX-License-Identifier: Apache-2.0
// The worker's side of the socket. A thread listens for stop and go, and for the supervisor's end.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "core/device.h"
#include "core/json.h"

namespace rackproof {

/// Thread-safe. When the supervisor is gone the process ends at once: nobody could record what it
/// does.
class Uplink {
 public:
  explicit Uplink(int fd);
  Uplink(const Uplink&) = delete;
  Uplink& operator=(const Uplink&) = delete;
  ~Uplink();

  void send(const Json& message);
  /// Says that work goes on, at most every quarter of a second.
  void beat();
  /// Blocks until a message of this kind has come, and takes it; its line. Empty once a stop has
  /// come.
  [[nodiscard]] std::string wait_for(const std::string& kind);
  /// Sleeps until then; true at once when a stop comes.
  [[nodiscard]] bool stopped_before(Clock::time_point then);
  [[nodiscard]] const std::atomic<bool>& stop() const { return stop_; }

 private:
  void listen();
  void take(const std::string& line);

  int fd_;
  std::mutex sending_;
  Clock::time_point last_sent_{};
  std::mutex arriving_;
  std::condition_variable arrived_;
  std::map<std::string, std::string> messages_;
  std::atomic<bool> stop_ = false, closing_ = false;
  std::thread listener_;
};

}  // namespace rackproof
