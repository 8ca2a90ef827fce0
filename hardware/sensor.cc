// SPDX-License-Identifier: Apache-2.0
// The registry of sensor sources, and the watch over sensors that fall silent.
#include "hardware/sensor.h"

#include <algorithm>
#include <cstdint>
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

bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Passes a source's readings on, and makes it an error when a sensor that once answered is gone or
// no longer offered (a drive that fell off the bus takes its sensors along): silence is not health.
class Watched : public SensorSource {
 public:
  explicit Watched(std::unique_ptr<SensorSource> source) : source_(std::move(source)) {}

  [[nodiscard]] std::string name() const override { return source_->name(); }

  [[nodiscard]] std::vector<Reading> read() override {
    std::vector<Reading> readings = read_source();
    ++round_;
    for (Reading& reading : readings) {
      if (!is_plain(reading.detail)) reading.detail = utf8_line(reading.detail);
      note(reading);
    }
    for (const auto& [sensor, last] : answered_) {
      if (last.round != round_) readings.push_back(gone(sensor, last));
    }
    return readings;
  }

  [[nodiscard]] std::vector<std::unique_ptr<SensorSource>> found() override {
    std::vector<std::unique_ptr<SensorSource>> found = source_->found();
    for (auto& one : found) one = watched(std::move(one));
    return found;
  }

 private:
  struct Last {
    Unit unit = Unit::count;
    bool counter = false;
    std::uint64_t round = 0;
  };

  void note(Reading& reading) {
    const auto found = answered_.find(reading.sensor);
    if (found != answered_.end()) {
      found->second.round = round_;
      if (reading.state != Reading::State::unsupported) return;
      reading.state = Reading::State::error;
      reading.detail = "answered before; " + reading.detail;
    } else if (reading.state == Reading::State::value) {
      answered_[reading.sensor] = {reading.unit, reading.counter, round_};
    }
  }

  static Reading gone(const std::string& sensor, const Last& last) {
    return {sensor,      last.unit, Reading::State::error, 0, "was there before, now gone",
            last.counter};
  }

  std::vector<Reading> read_source() {
    try {
      return source_->read();
    } catch (const std::exception& problem) {
      return {{name(), Unit::count, Reading::State::error, 0, problem.what()}};
    }
  }

  std::unique_ptr<SensorSource> source_;
  std::map<std::string, Last> answered_;
  std::uint64_t round_ = 0;
};

}  // namespace

std::unique_ptr<SensorSource> watched(std::unique_ptr<SensorSource> source) {
  return std::make_unique<Watched>(std::move(source));
}

bool register_sensor_source(Opener open) {
  openers().push_back(open);
  return true;
}

std::vector<std::unique_ptr<SensorSource>> open_sensors(const std::filesystem::path& root) {
  std::vector<std::unique_ptr<SensorSource>> sources;
  for (const Opener open : openers()) sources.push_back(watched(open(root)));
  return sources;
}

}  // namespace rackproof
