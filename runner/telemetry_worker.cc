// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_worker.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

constexpr auto kAnswerDue = std::chrono::seconds(5);
constexpr std::size_t kReadingsInALine = 1000;
constexpr std::array<std::string_view, 3> kStates{"value", "unsupported", "error"};

Clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void send_readings(Uplink& uplink, const std::vector<Reading>& readings) {
  for (std::size_t at = 0; at < readings.size(); at += kReadingsInALine) {
    Json list = Json::array();
    for (std::size_t i = at; i < std::min(readings.size(), at + kReadingsInALine); ++i) {
      list.push_back(to_json(readings[i]));
    }
    uplink.send({{"t", "readings"}, {"list", std::move(list)}});
  }
}

// One source and the thread that reads it.
class Reader {
 public:
  Reader(std::unique_ptr<SensorSource> source, Uplink& uplink, Clock::duration interval)
      : source_(std::move(source)), uplink_(uplink), interval_(interval), known_{unnamed()} {
    std::thread([this] { read_forever(); }).detach();  // it may be blocked when the process ends
  }

  void report_silence() {
    const std::lock_guard lock(mutex_);
    if (!reading_ || Clock::now() - since_ < kAnswerDue) return;
    std::vector<Reading> silent = known_;
    for (Reading& reading : silent) {
      reading.state = Reading::State::error;
      reading.detail =
          fmt::format("{} has not answered for {} s", source_->name(),
                      std::chrono::round<std::chrono::seconds>(Clock::now() - since_).count());
    }
    send_readings(uplink_, silent);
  }

 private:
  [[nodiscard]] Reading unnamed() const { return {.sensor = source_->name()}; }

  [[noreturn]] void read_forever() {
    for (auto due = Clock::now();; due = std::max(due + interval_, Clock::now())) {
      std::this_thread::sleep_until(due);
      mark(true);
      std::vector<Reading> readings = read_once();
      mark(false);
      send_readings(uplink_, readings);
      const std::lock_guard lock(mutex_);
      if (!readings.empty()) known_ = std::move(readings);
    }
  }

  std::vector<Reading> read_once() {
    try {
      return source_->read();
    } catch (const std::exception& problem) {
      return {
          {.sensor = source_->name(), .state = Reading::State::error, .detail = problem.what()}};
    }
  }

  void mark(bool reading) {
    const std::lock_guard lock(mutex_);
    reading_ = reading;
    since_ = Clock::now();
  }

  std::unique_ptr<SensorSource> source_;
  Uplink& uplink_;
  Clock::duration interval_;
  std::mutex mutex_;
  bool reading_ = false;
  Clock::time_point since_{};
  std::vector<Reading> known_;
};

}  // namespace

int serve_telemetry(Uplink& uplink, const std::filesystem::path& root, double interval_s) {
  const auto interval = from_seconds(std::max(interval_s, 0.01));
  std::vector<std::unique_ptr<Reader>> readers;
  for (auto& source : open_sensors(root)) {
    readers.push_back(std::make_unique<Reader>(std::move(source), uplink, interval));
  }
  while (!uplink.stop()) {
    uplink.send({{"t", "beat"}});
    for (const auto& reader : readers) reader->report_silence();
    std::this_thread::sleep_for(interval);
  }
  std::_Exit(0);  // the readers' threads cannot be joined when a sensor blocks
}

Json to_json(const Reading& reading) {
  const bool usable = reading.state == Reading::State::value;
  return Json{
      {"sensor", reading.sensor},
      {"unit", name(reading.unit)},
      {"state", kStates[static_cast<std::size_t>(reading.state)]},
      {"value", usable && std::isfinite(reading.value) ? Json(reading.value) : Json(nullptr)},
      {"detail", reading.detail}};
}

Expected<Reading> reading_from_json(const Json& json) {
  try {
    Reading reading;
    reading.sensor = json.at("sensor");
    const auto unit = unit_from_name(json.at("unit").get_ref<const std::string&>());
    if (!unit) return tl::unexpected(unit.error());
    reading.unit = *unit;
    reading.detail = json.at("detail");
    const auto& state = json.at("state").get_ref<const std::string&>();
    if (state != "value" && state != "unsupported" && state != "error")
      return fail("no such state");
    if (state == "value" && json.at("value").is_null()) {
      reading.state = Reading::State::error;
      reading.detail = "not a finite number";
    } else if (state == "value") {
      reading.state = Reading::State::value;
      reading.value = json.at("value");
    } else {
      reading.state = state == "error" ? Reading::State::error : Reading::State::unsupported;
    }
    return reading;
  } catch (const std::exception& problem) {
    return fail(std::string("not a reading: ") + problem.what());
  }
}

}  // namespace rackproof
