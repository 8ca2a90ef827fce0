// SPDX-License-Identifier: Apache-2.0
// One thread per PU, pinned, kept across bursts: core i of a device is thread i of its pool.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "backends/cpu/topology.h"

namespace rackproof::cpu {

/// Runs one function on every core at once. run() may be called from several threads: sections of
/// work take turns.
class Threads {
 public:
  /// Pins thread i to pus[i]. Throws DeviceError when the system refuses a PU.
  Threads(std::shared_ptr<const Topology> topology, const std::vector<unsigned>& pus);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  [[nodiscard]] unsigned count() const { return static_cast<unsigned>(threads_.size()); }
  /// Calls work(core) on every core and waits; rethrows the first exception that any of them threw.
  /// Throws DeviceError when a thread ended up on another PU (one that went offline, say): that
  /// core did nothing.
  void run(const std::function<void(unsigned core)>& work);

 private:
  void loop(unsigned core);
  void stop();
  void perform(const std::function<void(unsigned core)>& work, unsigned core);

  std::shared_ptr<const Topology> topology_;
  std::vector<unsigned> pus_;
  std::mutex turn_, error_mutex_;
  const std::function<void(unsigned core)>* work_ = nullptr;
  std::exception_ptr error_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint32_t> section_{0}, left_{0};
  std::vector<std::thread> threads_;
};

/// Part `index` of `parts` nearly equal pieces of [0, count).
struct Range {
  std::uint64_t first = 0, last = 0;
  [[nodiscard]] bool empty() const { return first >= last; }
};
[[nodiscard]] Range share(std::uint64_t count, std::uint64_t index, std::uint64_t parts);

}  // namespace rackproof::cpu
