// SPDX-License-Identifier: Apache-2.0
// When a burst's iterations run, and what their digests come to.
#pragma once

#include <thread>

#include "core/device.h"
#include "core/oracle.h"

namespace rackproof::kernels {

/// Keeps to RunFor: waits for the start instant, then says whether another iteration follows.
class Pace {
 public:
  explicit Pace(const RunFor& how) : how_(how) {
    std::this_thread::sleep_until(how.start);
    start_ = Clock::now();
  }
  [[nodiscard]] Clock::time_point start() const { return start_; }
  /// To be asked after `done` iterations; true when done is 0.
  [[nodiscard]] bool more(std::uint64_t done) const {
    if (done == 0) return true;
    return how_.iterations > 0 ? done < how_.iterations : Clock::now() < how_.until;
  }

 private:
  RunFor how_;
  Clock::time_point start_;
};

/// The iterations' digest when all agree, else a value that no faultless device arrives at.
class DigestFold {
 public:
  void add(std::uint64_t digest) {
    if (!any_) first_ = value_ = digest;
    if (digest != first_) value_ = mix64(value_ ^ mix64(digest));
    any_ = true;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  bool any_ = false;
  std::uint64_t first_ = 0, value_ = 0;
};

}  // namespace rackproof::kernels
