// SPDX-License-Identifier: Apache-2.0
// The right answers, computed by threads of their own so that watching workers never waits for one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "core/golden_sum.h"

namespace rackproof {

/// One answer in the making; `answer` may be read once `ready`.
struct Golden {
  std::atomic<bool> ready = false;
  Expected<std::optional<std::uint64_t>> answer;
};

/// About how many operands computing this golden touches; 0 for what golden() refuses.
[[nodiscard]] double golden_cost(const WorkKey& key);

/// As many threads as this machine runs at once, and no more than a rack's goldens need.
[[nodiscard]] unsigned golden_threads();

/// Large goldens are cut into pieces that all threads share. Every second piece is of the golden
/// with the fewest left, the others of the one that has waited longest: small ones do not wait
/// behind a huge one, nor it for ever. Threads are less important to the system than workers.
/// request() is for one thread. Throws std::system_error where no thread can be started.
class Goldens {
 public:
  using Cut = std::function<Expected<std::unique_ptr<GoldenSum>>(const WorkKey&)>;

  explicit Goldens(unsigned threads = golden_threads(), Cut cut = golden_sum);
  Goldens(const Goldens&) = delete;
  Goldens& operator=(const Goldens&) = delete;
  /// Waits for the pieces in hand, some milliseconds, and for no golden.
  ~Goldens();

  /// The answer for this work, from the cache of the last few thousand or queued now. Closed forms
  /// and refusals are ready at once.
  [[nodiscard]] std::shared_ptr<const Golden> request(const WorkKey& key);
  /// Readable when an answer became ready since the last acknowledge().
  [[nodiscard]] int wake_fd() const { return wake_fd_; }
  void acknowledge() const;

 private:
  struct Job;
  struct Piece {
    std::shared_ptr<Job> job;
    std::uint64_t first = 0, last = 0;
  };
  void start(unsigned threads);
  void begin(const WorkKey& key, const std::shared_ptr<Golden>& golden);
  void work();
  void compute(const Piece& piece);
  [[nodiscard]] std::optional<Piece> next();
  void deliver(Job& job, const GoldenPart& part);
  void give_up(Job& job, const std::string& why);
  void publish(Golden& golden, Expected<std::optional<std::uint64_t>> answer) const;

  const Cut cut_;
  const int wake_fd_;
  std::map<WorkKey, std::shared_ptr<Golden>> cache_;
  std::deque<WorkKey> oldest_;
  std::mutex mutex_;  // for all that follows, and for jobs
  std::condition_variable queued_;
  std::map<std::uint64_t, std::shared_ptr<Job>> by_age_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_pieces_left_;  // and age
  std::uint64_t jobs_ = 0;
  bool oldest_next_ = false, closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rackproof
