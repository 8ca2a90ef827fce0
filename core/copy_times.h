// SPDX-License-Identifier: Apache-2.0
// How long the copies of one burst took, their checks left out.
#pragma once

#include <algorithm>
#include <vector>

#include "core/device.h"

namespace rackproof {

class CopyTimes {
 public:
  void add(Clock::duration time) {
    const double seconds = std::chrono::duration<double>(time).count();
    sum_s_ += seconds;
    if (first_.size() < kMostKept) first_.push_back(seconds);
  }
  /// All together.
  [[nodiscard]] double sum() const { return sum_s_; }
  /// Of the first copies, the upper one of two middle ones; 0: there were none.
  [[nodiscard]] double median() const {
    if (first_.empty()) return 0;
    std::vector<double> sorted = first_;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    return *middle;
  }

 private:
  static constexpr std::size_t kMostKept = 4096;
  double sum_s_ = 0;
  std::vector<double> first_;
};

}  // namespace rackproof
