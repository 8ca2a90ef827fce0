// SPDX-License-Identifier: Apache-2.0
// When the iterations of a burst run, and what their digests come to: the same in every back end.
#pragma once

#include <cstdint>

#include "core/device.h"

namespace rackproof {

/// Keeps to RunFor: when to start, and whether another iteration follows.
class Pace {
 public:
  /// Operands are in place: waits for the start instant.
  explicit Pace(const RunFor& how);
  [[nodiscard]] Clock::time_point start() const { return start_; }
  /// To be asked after `done` iterations; true when done is 0.
  [[nodiscard]] bool more(std::uint64_t done) const;
  /// How many iterations to start together after `done`, where one takes `each` (0: nobody knows):
  /// what ends with the burst and within `most`, one at least; 0: no more of them.
  [[nodiscard]] std::uint64_t next(std::uint64_t done, Clock::duration each,
                                   Clock::duration most) const;

 private:
  RunFor how_;
  Clock::time_point start_;
};

/// The digest of a burst from those of its iterations: theirs when all agree, else a value that no
/// faultless device arrives at, so that one wrong iteration among many shows.
class DigestFold {
 public:
  void add(std::uint64_t digest);
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  bool any_ = false;
  std::uint64_t first_ = 0, value_ = 0;
};

}  // namespace rackproof
