// SPDX-License-Identifier: Apache-2.0
// Deliberate faults in a card's memory: core/strikes.h on this folder's Memory.
#pragma once

#include <functional>
#include <memory>

#include "backends/kernels/memory.h"
#include "core/strikes.h"

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

class Strikes : public rackproof::Strikes {
 public:
  void hit(const Target& target);
};

}  // namespace rackproof::kernels
