// SPDX-License-Identifier: Apache-2.0
// Readings as lines of a wide CSV (RFC 4180): one column a sensor, one line a tick.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hardware/sensor.h"

namespace rackproof {

/// Quoted only where it must be.
[[nodiscard]] std::string csv_field(std::string_view text);

/// Up to six significant digits; counters whole, or with up to three decimals where they have any.
/// Empty: unsupported. "error": one.
[[nodiscard]] std::string csv_value(const Reading& reading);

/// The columns only ever become more, so that a sensor that comes and goes makes no new head.
class TelemetryColumns {
 public:
  static constexpr std::size_t kMost = 20000;

  /// Adds what is new; true when the head has changed.
  bool take(const std::vector<Reading>& readings);
  /// at_s,hwmon0.temp1 [celsius],...
  [[nodiscard]] std::string head() const;
  /// Run time with ms, then one field a column, empty where this tick holds none.
  [[nodiscard]] std::string row(const std::vector<Reading>& readings, double at_s) const;
  [[nodiscard]] bool full() const { return names_.size() >= kMost; }

 private:
  using Key = std::pair<std::string, Unit>;
  std::vector<Key> names_;
  std::map<Key, std::size_t> index_;
};

}  // namespace rackproof
