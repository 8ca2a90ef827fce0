// SPDX-License-Identifier: Apache-2.0
// What this CPU can do at most: its clock as a chain of additions shows it, times what its units
// can do in a cycle; and what its multiply-add units really reach on registers alone.
#pragma once

#include <cstdint>
#include <string>

#include "backends/cpu/threads.h"
#include "core/workload.h"

namespace rackproof::bench {

/// The fastest clock seen so far on any core: each probe times additions that wait for one another,
/// one a cycle on every CPU that Debian supports here.
class ClockProbe {
 public:
  explicit ClockProbe(cpu::Threads& threads) : threads_(threads) {}
  /// Some milliseconds on all cores at once.
  void probe();
  [[nodiscard]] double hz() const { return hz_; }

 private:
  cpu::Threads& threads_;
  double hz_ = 0;
};

/// Multiplications and additions of `in` (int8, fp32, fp64) that one core can do in a cycle, by the
/// vectors that the kernels use and two units (four on Arm); int8: by VNNI.
[[nodiscard]] double operations_per_cycle(DType in);

/// Operations of multiply-adds on registers alone, on all cores for about `seconds`; fp32 or fp64.
[[nodiscard]] double multiply_adds(cpu::Threads& threads, DType type, double seconds);

/// Whether rates were physically possible: says so, and prints the ceiling beside the best rate.
/// False when `best` exceeds `ceiling` by more than 2 %: then work was elided or a timer is wrong.
[[nodiscard]] bool below_ceiling(const std::string& what, double best, double ceiling);

}  // namespace rackproof::bench
