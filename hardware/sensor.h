// SPDX-License-Identifier: Apache-2.0
// What the box says while it runs. A sensor source is one file; every reading is tri-state.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.h"

namespace rackproof {

/// One look at one sensor. An error is never a value, and a missing sensor never an error.
struct Reading {
  enum class State { value, unsupported, error };
  std::string
      sensor;  ///< "hwmon0.temp1", "cpu0.frequency", "psi.memory.some_avg10", "memory.available"
  Unit unit = Unit::count;
  State state = State::unsupported;
  double value = 0;      ///< in the unit's base, when state is value
  std::string detail;    ///< why not, otherwise; or the sensor's own label
  bool counter = false;  ///< it only counts up, until it wraps or is reset: its rise is what counts
};

/// What a counter's rise means: by the table hardware/sensors/counters.yaml.
struct CounterClass {
  std::string cause;     ///< "memory.uncorrected"
  std::string severity;  ///< "info", "warning", "fatal": of any rise
  std::string part;      ///< "mc0 dimm3", "0000:1b:00.0"
  std::string next_step;
};
/// An Xid's is that of the kernel log's table. Counters that the table does not know: severity
/// "info", cause "counter".
[[nodiscard]] CounterClass class_of_counter(std::string_view sensor);

/// A family of sensors below one root folder ("/" on a live machine, a fixture in tests).
class SensorSource {
 public:
  virtual ~SensorSource() = default;
  [[nodiscard]] virtual std::string name() const = 0;  ///< "hwmon"
  /// May block as long as the kernel does: only the telemetry process calls it.
  [[nodiscard]] virtual std::vector<Reading> read() = 0;
  /// Sources that the last read has found, such as one for each card; each is given once.
  [[nodiscard]] virtual std::vector<std::unique_ptr<SensorSource>> found() { return {}; }
};

/// Passes a source's readings on; a sensor that answered once and then is gone, or no longer
/// offered, is an error there: silence is not health.
[[nodiscard]] std::unique_ptr<SensorSource> watched(std::unique_ptr<SensorSource> source);

/// Every registered source, watched, opened below `root`. A source that finds nothing yields one
/// unsupported reading.
[[nodiscard]] std::vector<std::unique_ptr<SensorSource>> open_sensors(
    const std::filesystem::path& root = "/");
bool register_sensor_source(
    std::unique_ptr<SensorSource> (*open)(const std::filesystem::path& root));

}  // namespace rackproof
