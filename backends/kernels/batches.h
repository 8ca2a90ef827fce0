// SPDX-License-Identifier: Apache-2.0
// The iterations of a burst, started so many at a time that a device need not wait for its host.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "backends/kernels/lanes.h"
#include "core/pace.h"

namespace rackproof::kernels {

/// What a burst repeats.
struct Iteration {
  /// Starts one. What it starts depends on RunFor and `state` only, and an even number of
  /// iterations leaves `state` as it was.
  std::function<void()> start;
  std::function<std::uint64_t()> state = [] { return std::uint64_t{0}; };
  /// The host has a part in each (faults to commit): each is waited for.
  bool singly = false;
};

struct BatchLimits {
  /// A burst ends late by no more than this, or by one iteration.
  Clock::duration longest = std::chrono::milliseconds(4);
  /// Iterations in a recording: even, and enough to be worth one start.
  std::uint64_t recorded = 16;
  /// Iterations of a burst before a recording is made in it: all kernels were loaded, and it is no
  /// short one.
  std::uint64_t unrecorded = 64;
};

/// One thread at a time. Recordings serve later bursts that do the same.
class Batches {
 public:
  explicit Batches(Lanes& lanes, BatchLimits limits = {}) : lanes_(lanes), limits_(limits) {}

  /// Runs until `pace` ends it, waits for the last one, and returns how many there were.
  std::uint64_t run(const Pace& pace, const RunFor& how, const Iteration& iteration);

 private:
  // All that makes one burst's iterations other than another's.
  struct Sameness {
    std::uint64_t pattern, state;
    int address_bit, half, core;
    bool operator==(const Sameness&) const = default;
  };
  struct Kept {
    Sameness same;
    std::unique_ptr<Recording> recording;
  };

  void start(std::uint64_t count, Recording* recording, const Iteration& iteration) const;
  [[nodiscard]] std::unique_ptr<Recording> record(const Iteration& iteration,
                                                  std::uint64_t state) const;
  [[nodiscard]] Recording* recording_for(const RunFor& how, const Iteration& iteration,
                                         bool may_record);

  Lanes& lanes_;
  BatchLimits limits_;
  bool records_ = true;  // as long as the driver can
  std::vector<Kept> kept_;
};

}  // namespace rackproof::kernels
