// SPDX-License-Identifier: Apache-2.0
// Deliberate faults in a card's memory, and the observer that says what they changed, by reads of
// its own: a blind checker cannot vouch for a fault that it did not see.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "backends/kernels/memory.h"
#include "core/device.h"

namespace rackproof::kernels {

/// Where a fault can strike: elements of one size in one piece of memory.
struct Target {
  std::shared_ptr<Memory> memory;
  std::uint64_t count = 0;  ///< elements; 0: nothing can be struck
  DType type = DType::fp64;
  bool words = false;               ///< plain 64-bit words instead of `type`
  bool operands = false;            ///< shown as the accumulator's bits
  std::uint64_t start = 0;          ///< where element 0 lies, in elements
  std::uint64_t first_element = 0;  ///< what miscompares call element 0
  /// Where an element lies, in elements from `start` on; empty: at its own number.
  std::function<std::uint64_t(std::uint64_t)> position = {};
  /// Moves an element below `count` to one that the check reads; empty: all are read.
  std::function<std::uint64_t(std::uint64_t)> place = {};
};

class Strike;

/// The faults armed on one Prepared. arm() and a run may come from different threads.
class Strikes {
 public:
  /// Null when `fault` is not of `site` or not a change of bits (late, missing).
  [[nodiscard]] std::unique_ptr<ArmedFault> arm(const Fault& fault, FaultSite site);

  /// For one run: takes what is armed.
  void begin();
  /// Between making something and checking it: single faults strike at the first time only, stuck
  /// ones at each. Nothing may be running that writes there.
  void hit(const Target& target);
  /// Whether a hit() would do anything.
  [[nodiscard]] bool any() const { return !active_.empty(); }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<Strike>> armed_, active_;
};

}  // namespace rackproof::kernels
