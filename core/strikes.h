// SPDX-License-Identifier: Apache-2.0
// Deliberate faults in a back end's memory, and the observer that says what they changed. Knows
// nothing of the checkers, so that a blind checker cannot vouch for a fault that it did not see.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/fault.h"
#include "core/workload.h"

namespace rackproof {

/// One element where it lies, read and written apart from every checker. Outlives the run in which
/// it is struck: it keeps its memory. Everything may throw DeviceError.
class StruckCell {
 public:
  virtual ~StruckCell() = default;
  /// The element's bits, zero-extended.
  [[nodiscard]] virtual std::uint64_t load() const = 0;
  virtual void store(std::uint64_t bits) const = 0;
  /// Changes whenever a workload starts to write where the element lies.
  [[nodiscard]] virtual std::uint64_t generation() const = 0;
  /// Such bits as miscompares show them.
  [[nodiscard]] virtual std::uint64_t shown(std::uint64_t bits) const { return bits; }
};

/// Where a fault can strike: elements of one kind.
struct StrikeTarget {
  std::uint64_t count = 0;  ///< elements; 0: nothing can be struck
  DType type = DType::fp64;
  bool words = false;  ///< plain 64-bit words instead of `type`
  std::function<std::unique_ptr<StruckCell>(std::uint64_t element)> cell = {};
  /// Moves an element below `count` to one that the check reads, which is what `cell` gets; empty:
  /// all are read.
  std::function<std::uint64_t(std::uint64_t)> place = {};
  std::uint64_t first = 0;  ///< what activations call element 0
};

/// The faults armed on one Prepared. arm() and a run may come from different threads.
class Strikes {
 public:
  class Strike;

  /// Null when `fault` is not of `site` or not a change of bits (late, missing).
  [[nodiscard]] std::unique_ptr<ArmedFault> arm(const Fault& fault, FaultSite site);

  /// For one run: takes what is armed.
  void begin();
  /// Between making something and checking it, while nothing writes there: single faults strike at
  /// the first time only, stuck ones at each.
  void hit(const StrikeTarget& target);
  /// Whether a hit() would do anything.
  [[nodiscard]] bool any() const { return !active_.empty(); }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<Strike>> armed_, active_;
};

}  // namespace rackproof
