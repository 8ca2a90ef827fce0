// SPDX-License-Identifier: Apache-2.0
// Where the cores of one section of work wait for one another between its phases: much cheaper than
// ending the section, when a phase takes a fraction of a millisecond.
#pragma once

#include <atomic>
#include <cstdint>

#include "backends/cpu/wake.h"

namespace rackproof::cpu {

/// For one section, called from all of its `parties` threads.
class Meeting {
 public:
  explicit Meeting(unsigned parties) : parties_(parties) {}

  /// Waits until all are here; the last one calls `between` before any goes on. False once a party
  /// has left: the work is to be dropped then.
  template <class Fn>
  [[nodiscard]] bool meet(const Fn& between) {
    const std::uint32_t round = round_.load(std::memory_order_relaxed);
    if (here_.fetch_add(1, std::memory_order_acq_rel) + 1 < parties_) return wait(round);
    between();
    here_.store(0, std::memory_order_relaxed);
    round_.store(round + 1, std::memory_order_release);
    wake_all(round_);
    return !left_.load(std::memory_order_relaxed);
  }

  /// Will not come again, because of an error: nobody waits for it.
  void leave() {
    left_.store(true, std::memory_order_release);
    round_.fetch_add(1, std::memory_order_release);
    wake_all(round_);
  }

 private:
  // Others are done at the same time but for noise: sleeping and waking would cost more. Where two
  // threads share a PU, the other needs it.
  [[nodiscard]] bool wait(std::uint32_t round) const {
    constexpr int kSpins = 1 << 15;
    for (int i = 0; round_.load(std::memory_order_acquire) == round; ++i) {
      if (left_.load(std::memory_order_acquire)) return false;
      if (i >= kSpins) round_.wait(round, std::memory_order_acquire);
    }
    return !left_.load(std::memory_order_acquire);
  }

  const unsigned parties_;
  std::atomic<std::uint32_t> here_{0};
  alignas(64) std::atomic<std::uint32_t> round_{0};
  std::atomic<bool> left_{false};
};

}  // namespace rackproof::cpu
