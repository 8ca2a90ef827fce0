// SPDX-License-Identifier: Apache-2.0
#include "runner/sensor_windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rackproof {
namespace {

constexpr double kColdest_degC = -60, kHottest_degC = 250;

// Empty: it can be.
std::string absurdity(const Reading& reading) {
  const double value = reading.value;
  if (!std::isfinite(value)) return "not a finite number";
  const bool hot_or_cold = value < kColdest_degC || value > kHottest_degC;
  if (reading.unit == Unit::celsius && hot_or_cold)
    return fmt::format("{:.6g} degC cannot be a temperature", value);
  if (reading.unit == Unit::watt && value < 0)
    return fmt::format("{:.6g} W: a negative power", value);
  if (reading.counter && value < 0) return fmt::format("{:.6g}: a counter below zero", value);
  return {};
}

}  // namespace

Reading plausible(Reading reading) {
  if (reading.state != Reading::State::value) return reading;
  std::string why = absurdity(reading);
  if (why.empty()) return reading;
  reading.state = Reading::State::error;
  reading.detail = std::move(why);
  return reading;
}

void SensorWindows::go_on_from(const std::vector<SensorWindow>& windows) {
  for (const SensorWindow& window : windows) {
    const auto unit = unit_from_name(window.unit);
    if (!unit || !window.counter || window.count == 0) continue;
    // Where it began anew within a window, what it stood at last is not known.
    std::optional<double>& count = past_[{window.sensor, *unit}].count;
    count = window.resets == 0 ? std::optional(window.max) : std::nullopt;
  }
}

bool SensorWindows::add(const Reading& raw, double at_s) {
  const Reading reading = plausible(raw);
  const Key key{reading.sensor, reading.unit};
  const auto [at, fresh] = sums_.try_emplace(key);
  Sum& sum = at->second;
  if (fresh) sum.first_s = at_s;
  const double rise_before = sum.rise;
  switch (reading.state) {
    case Reading::State::value:
      sum.values.push_back(reading.value);
      sum.label = reading.detail;
      if (reading.counter) count(sum, past_[key], reading.value);
      break;
    case Reading::State::unsupported:
      ++sum.unsupported;
      break;
    case Reading::State::error:
      ++sum.errors;
      sum.error = reading.detail;
      break;
  }
  return sum.rise > rise_before;
}

void SensorWindows::count(Sum& sum, Past& past, double value) const {
  sum.counter = true;
  if (past.count && value < *past.count) {
    ++sum.resets;
    sum.rise += value;
  } else if (past.count) {
    sum.rise += value - *past.count;
  }
  past.count = value;
}

std::vector<SensorWindows::Taken> SensorWindows::take(double end_s) {
  std::vector<Taken> windows;
  for (auto& [key, sum] : sums_) windows.push_back(closed(key, sum, end_s));
  sums_.clear();
  start_s_ = end_s;
  return windows;
}

SensorWindows::Taken SensorWindows::closed(const Key& key, Sum& sum, double end_s) {
  Past& past = past_[key];
  double begin_s = start_s_;
  if (past.end_s) begin_s = std::max(*past.end_s, std::min(begin_s, sum.first_s - vouched_s_));
  past.end_s = end_s;
  SensorWindow window;
  window.start_s = begin_s;
  window.length_s = end_s - begin_s;
  window.sensor = key.first;
  window.unit = name(key.second);
  window.count = sum.values.size();
  window.errors = sum.errors;
  window.unsupported = sum.unsupported;
  window.error = sum.error;
  window.counter = sum.counter;
  window.rise = sum.rise;
  window.resets = sum.resets;
  const double last = sum.values.empty() ? 0 : sum.values.back();
  if (!sum.values.empty()) {
    std::sort(sum.values.begin(), sum.values.end());
    window.min = sum.values.front();
    window.median = sum.values[(sum.values.size() - 1) / 2];
    window.max = sum.values.back();
  }
  return {std::move(window), last, std::move(sum.label)};
}

}  // namespace rackproof
