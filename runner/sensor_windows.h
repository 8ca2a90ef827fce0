// SPDX-License-Identifier: Apache-2.0
// Readings of some seconds as one record a sensor.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/record.h"
#include "hardware/sensor.h"

namespace rackproof {

/// Values of one sensor in two units count as two sensors.
class SensorWindows {
 public:
  void add(const Reading& reading);
  /// What was added since the last take, as windows of this time span.
  [[nodiscard]] std::vector<SensorWindow> take(double start_s, double end_s);

 private:
  struct Sum {
    std::vector<double> values;
    std::uint64_t errors = 0, unsupported = 0;
    std::string error;
  };
  std::map<std::pair<std::string, Unit>, Sum> sums_;
};

}  // namespace rackproof
