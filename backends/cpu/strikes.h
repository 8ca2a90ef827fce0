// SPDX-License-Identifier: Apache-2.0
// Deliberate faults in this back end's memory, and the observer that says what they changed. Knows
// nothing of the checkers, so that a blind checker cannot vouch for a fault it did not see.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "backends/cpu/memory.h"
#include "core/device.h"

namespace rackproof::cpu {

/// One element's place in memory.
struct Slot {
  std::shared_ptr<NodeMemory> memory;
  std::uint64_t offset = 0;  ///< bytes
  unsigned width = 8;        ///< bytes
  std::uint64_t bias = 0;    ///< xored into the element's bits where they lie
  bool widened = false;      ///< the element is named by its bits as an int32, sign-extended
};

/// Where a fault can strike: elements of one size in one piece of memory, or wherever `slot` says.
struct Target {
  std::shared_ptr<NodeMemory> memory;
  std::uint64_t count = 0;  ///< elements; 0: nothing can be struck
  DType type = DType::fp64;
  bool words = false;  ///< plain 64-bit words instead of `type`
  /// Moves an element below `count` to one that the check reads; empty: all are read.
  std::function<std::uint64_t(std::uint64_t)> place = {};
  std::function<Slot(std::uint64_t)> slot = {};  ///< empty: one behind the other in `memory`
  std::uint64_t first = 0;                       ///< what activations call element 0
};

class Strike;

/// The faults armed on one Prepared. arm() and a run may come from different threads.
class Strikes {
 public:
  /// Null when `fault` is not of `site` or not a change of bits (late, missing).
  [[nodiscard]] std::unique_ptr<ArmedFault> arm(const Fault& fault, FaultSite site);

  /// For one run: takes what is armed.
  void begin();
  /// Once an iteration, between making a result and checking it: single faults strike in the first
  /// iteration only, stuck ones in each.
  void hit(const Target& target);
  /// Whether a hit() would do anything.
  [[nodiscard]] bool any() const { return !active_.empty(); }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<Strike>> armed_, active_;
};

}  // namespace rackproof::cpu
