// SPDX-License-Identifier: Apache-2.0
// The registry of sensor sources, and the watch over sensors that fall silent.
#include "hardware/sensor.h"

#include <exception>
#include <map>
#include <utility>

#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

using Opener = std::unique_ptr<SensorSource> (*)(const std::filesystem::path& root);

std::vector<Opener>& openers() {
  static std::vector<Opener> all;
  return all;
}

// Passes a source's readings on, and makes it an error when a sensor that once answered is gone or
// no longer offered (a drive that fell off the bus takes its sensors along): silence is not health.
class Watched : public SensorSource {
 public:
  explicit Watched(std::unique_ptr<SensorSource> source) : source_(std::move(source)) {}

  [[nodiscard]] std::string name() const override { return source_->name(); }

  [[nodiscard]] std::vector<Reading> read() override {
    std::vector<Reading> readings = read_source();
    std::map<std::string, Unit> lost = answered_;
    for (Reading& reading : readings) {
      reading.detail = utf8_line(reading.detail);
      const bool answered_before = lost.erase(reading.sensor) > 0;
      if (reading.state == Reading::State::value) answered_[reading.sensor] = reading.unit;
      if (answered_before && reading.state == Reading::State::unsupported) {
        reading.state = Reading::State::error;
        reading.detail = "answered before; " + reading.detail;
      }
    }
    for (const auto& [sensor, unit] : lost) {
      readings.push_back({sensor, unit, Reading::State::error, 0, "was there before, now gone"});
    }
    return readings;
  }

 private:
  std::vector<Reading> read_source() {
    try {
      return source_->read();
    } catch (const std::exception& problem) {
      return {{name(), Unit::count, Reading::State::error, 0, problem.what()}};
    }
  }

  std::unique_ptr<SensorSource> source_;
  std::map<std::string, Unit> answered_;
};

}  // namespace

bool register_sensor_source(Opener open) {
  openers().push_back(open);
  return true;
}

std::vector<std::unique_ptr<SensorSource>> open_sensors(const std::filesystem::path& root) {
  std::vector<std::unique_ptr<SensorSource>> sources;
  for (const Opener open : openers()) sources.push_back(std::make_unique<Watched>(open(root)));
  return sources;
}

}  // namespace rackproof
