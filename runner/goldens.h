// SPDX-License-Identifier: Apache-2.0
// The right answers, computed in a thread of their own so that watching workers never waits for
// one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "core/oracle.h"

namespace rackproof {

/// One answer in the making; `answer` may be read once `ready`.
struct Golden {
  std::atomic<bool> ready = false;
  Expected<std::optional<std::uint64_t>> answer;
};

/// About how many operands computing this golden touches; 0 for what golden() refuses.
[[nodiscard]] double golden_cost(const WorkKey& key);

/// request() is for one thread.
class Goldens {
 public:
  Goldens();
  Goldens(const Goldens&) = delete;
  Goldens& operator=(const Goldens&) = delete;
  ~Goldens();

  /// The answer for this work, from the cache of the last few thousand or queued now.
  [[nodiscard]] std::shared_ptr<const Golden> request(const WorkKey& key);
  /// Readable when an answer became ready since the last acknowledge().
  [[nodiscard]] int wake_fd() const { return wake_fd_; }
  void acknowledge() const;

 private:
  struct Job {
    WorkKey key;
    std::shared_ptr<Golden> golden;
  };
  void work();
  [[nodiscard]] std::optional<Job> next();

  int wake_fd_;
  std::map<WorkKey, std::shared_ptr<Golden>> cache_;
  std::deque<WorkKey> oldest_;
  std::mutex mutex_;
  std::condition_variable queued_;
  std::deque<Job> queue_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace rackproof
