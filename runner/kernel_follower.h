// SPDX-License-Identifier: Apache-2.0
// Follows the kernel log in a thread of its own and proves that it does: a line that it writes
// itself must come back.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/device.h"
#include "runner/telemetry_message.h"

namespace rackproof {

/// Thread-safe. The thread is detached and lives as long as the process: a read may block.
class KernelFollower {
 public:
  /// `device`: /dev/kmsg, or a file or pipe that stands for it, which nothing is written to.
  /// `after`: the last record that is known already; none: only what comes from now on.
  KernelFollower(std::filesystem::path device, std::optional<std::uint64_t> after);
  KernelFollower(const KernelFollower&) = delete;
  KernelFollower& operator=(const KernelFollower&) = delete;

  /// Waits until the proof has come back or cannot come, at most until `deadline`.
  void wait_for_proof(Clock::time_point deadline);
  /// What came since the last call, at most so much that it fits a message.
  [[nodiscard]] KernelNews take();
  /// Records that nobody has taken yet.
  [[nodiscard]] std::size_t waiting();

 private:
  [[noreturn]] void follow(std::filesystem::path device, std::optional<std::uint64_t> after);
  [[noreturn]] void give_up(const std::string& why);
  void prove(const std::filesystem::path& device);
  void read_on(KernelLog& log);
  void add(KernelLog::Batch batch, std::optional<std::uint64_t> last, bool fresh);
  void look_for_the_proof(const KernelRecord& record);
  void unproven(std::string why);

  std::mutex mutex_;
  std::condition_variable proof_;
  KernelNews news_;
  bool decided_ = false;  ///< proven, or known not to be
  bool closed_ = false;   ///< it could not even be opened
  const std::string nonce_;
  double written_s_ = 0;  ///< when our line was written, by Clock; the thread's own
};

}  // namespace rackproof
