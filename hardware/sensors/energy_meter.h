// SPDX-License-Identifier: Apache-2.0
// Energy without end and mean power, from a counter that wraps.
#pragma once

#include <optional>

namespace rackproof {

class EnergyMeter {
 public:
  /// Joules that the counter holds before it begins again at 0; 0: it never does.
  explicit EnergyMeter(double range_j) : range_j_(range_j) {}

  struct Sample {
    double energy_j = 0;            ///< falls only when the counter was reset
    std::optional<double> power_w;  ///< mean since the sample before; none: there was none
  };
  /// `at_s` on any clock that only goes forward. Samples less than kLeastGap apart share one mean,
  /// since the counter itself moves in steps of a millisecond.
  Sample add(double raw_j, double at_s);

  static constexpr double kLeastGap_s = 0.01;
  /// A counter that fell and would have needed more than this to wrap was reset.
  static constexpr double kMostPower_w = 20e3;

 private:
  struct Point {
    double energy_j = 0, at_s = 0;
  };
  [[nodiscard]] bool wrapped(double raw_j, double at_s) const;

  double range_j_, wraps_j_ = 0;
  std::optional<Point> last_raw_, base_;
  std::optional<double> power_w_;
};

}  // namespace rackproof
