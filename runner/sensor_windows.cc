// SPDX-License-Identifier: Apache-2.0
#include "runner/sensor_windows.h"

#include <algorithm>
#include <cmath>

namespace rackproof {

void SensorWindows::add(const Reading& reading) {
  Sum& sum = sums_[{reading.sensor, reading.unit}];
  switch (reading.state) {
    case Reading::State::value:
      if (std::isfinite(reading.value)) {
        sum.values.push_back(reading.value);
      } else {
        ++sum.errors;
        sum.error = "not a finite number";
      }
      break;
    case Reading::State::unsupported:
      ++sum.unsupported;
      break;
    case Reading::State::error:
      ++sum.errors;
      sum.error = reading.detail;
      break;
  }
}

std::vector<SensorWindow> SensorWindows::take(double start_s, double end_s) {
  std::vector<SensorWindow> windows;
  for (auto& [key, sum] : sums_) {
    SensorWindow window;
    window.start_s = start_s;
    window.length_s = end_s - start_s;
    window.sensor = key.first;
    window.unit = name(key.second);
    window.count = sum.values.size();
    window.errors = sum.errors;
    window.unsupported = sum.unsupported;
    window.error = sum.error;
    if (!sum.values.empty()) {
      std::sort(sum.values.begin(), sum.values.end());
      window.min = sum.values.front();
      window.median = sum.values[(sum.values.size() - 1) / 2];
      window.max = sum.values.back();
    }
    windows.push_back(std::move(window));
  }
  sums_.clear();
  return windows;
}

}  // namespace rackproof
