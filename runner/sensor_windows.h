// SPDX-License-Identifier: Apache-2.0
// Readings of some seconds as one record a sensor; of a counter, by how much it rose.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/record.h"
#include "hardware/sensor.h"

namespace rackproof {

/// The reading, or an error in place of a value that nothing in a machine can have: no finite
/// number, a temperature below -60 or above 250 degC, a negative power, a counter below zero.
[[nodiscard]] Reading plausible(Reading reading);

/// Values of one sensor in two units count as two sensors.
class SensorWindows {
 public:
  /// One sensor's window, and for events what the counter stood at last and its label.
  struct Taken {
    SensorWindow window;
    double last = 0;
    std::string label;
  };

  /// Windows begin at `start_s`; a reading vouches for the two intervals before it.
  explicit SensorWindows(double start_s = 0, double interval_s = 1)
      : start_s_(start_s), vouched_s_(2 * interval_s) {}

  /// Counters go on from where these windows of the same boot left them.
  void go_on_from(const std::vector<SensorWindow>& windows);

  /// A counter's rise is its increase since the reading before, in whatever window that was; its
  /// first reading is the base. Where it fell it began anew from zero: `resets` counts that, and
  /// all that it shows has been added. Returns whether it is a counter that has risen.
  bool add(const Reading& reading, double at_s);

  /// What was added since the last take. Of a sensor without any reading there is no window, and
  /// its next one covers the time from here on.
  [[nodiscard]] std::vector<Taken> take(double end_s);

 private:
  using Key = std::pair<std::string, Unit>;
  struct Sum {
    double first_s = 0;
    std::vector<double> values;
    std::uint64_t errors = 0, unsupported = 0, resets = 0;
    double rise = 0;
    bool counter = false;
    std::string error, label;
  };
  struct Past {
    std::optional<double> end_s, count;
  };
  void count(Sum& sum, Past& past, double value) const;
  [[nodiscard]] Taken closed(const Key& key, Sum& sum, double end_s);

  double start_s_, vouched_s_;
  std::map<Key, Sum> sums_;
  std::map<Key, Past> past_;
};

}  // namespace rackproof
