// SPDX-License-Identifier: Apache-2.0
// Where deliberate faults strike in this back end's memory, and how they are stored and observed
// there, apart from every checker.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "backends/cpu/memory.h"
#include "core/strikes.h"

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

/// Strikes in this node's memory.
class Strikes : public rackproof::Strikes {
 public:
  /// Once an iteration, between making a result and checking it.
  void hit(const Target& target);
};

}  // namespace rackproof::cpu
