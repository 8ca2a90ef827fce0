// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/file_sensors.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace rackproof {
namespace {

void decode_number(const FileSensor& sensor, std::optional<std::int64_t> number,
                   std::string_view text, Reading& reading) {
  if (number && *number >= sensor.least && *number < sensor.most) {
    reading.value = static_cast<double>(*number);
    return;
  }
  constexpr std::size_t kShown = 64;
  const std::string_view why = !number                  ? "not a whole number"
                               : *number < sensor.least ? "physically impossible"
                                                        : "where this counter stops counting";
  reading.state = Reading::State::error;
  reading.detail = fmt::format("'{}' is {}", trimmed(text).substr(0, kShown), why);
}

void fail(Reading& reading, std::string why) {
  reading.state = Reading::State::error;
  reading.value = 0;
  reading.detail = std::move(why);
}

bool faulty(const std::filesystem::path& file) {
  return parse_integer(read_value_file(file).text).value_or(0) != 0;
}

bool not_there(int code) { return code == ENOENT || code == ENOTDIR; }

// The number that follows `prefix`, when nothing else does.
std::optional<int> number_after(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  if (name.starts_with('-')) return {};
  int number = 0;
  const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (status != std::errc{} || end != name.data() + name.size()) return {};
  return number;
}

}  // namespace

void decode_decimal(const FileSensor& sensor, std::string_view text, Reading& reading) {
  decode_number(sensor, parse_integer(text), text, reading);
}

void decode_hex(const FileSensor& sensor, std::string_view text, Reading& reading) {
  decode_number(sensor, parse_integer(text, 16), text, reading);
}

Reading read_sensor(const FileSensor& sensor) {
  Reading reading{.sensor = sensor.sensor, .unit = sensor.unit, .counter = sensor.counter};
  ValueFile file = read_value_file(sensor.path);
  reading.state = file.state;
  if (file.state != Reading::State::value) {
    reading.detail = std::move(file.detail);
    return reading;
  }
  reading.detail = sensor.label;
  sensor.decode(sensor, file.text, reading);
  reading.value *= sensor.scale;
  if (reading.state == Reading::State::error) {
    fail(reading, fmt::format("{}: {}", sensor.path.string(), reading.detail));
  } else if (!sensor.fault.empty() && faulty(sensor.fault)) {
    fail(reading, sensor.label + ": the chip reports that this sensor is faulty");
  }
  return reading;
}

void Listing::problem(std::string sensor, std::string why) {
  problems_.push_back({std::move(sensor), Unit::count, Reading::State::error, 0, std::move(why)});
}

std::vector<std::string> Listing::names_in(const std::filesystem::path& folder,
                                           const std::string& sensor) {
  std::vector<std::string> names;
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    names.push_back(entry->path().filename());
  }
  if (code && !not_there(code.value())) {
    problem(sensor, fmt::format("{}: {}", folder.string(), code.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::pair<int, std::filesystem::path>> Listing::numbered_in(
    const std::filesystem::path& folder, std::string_view prefix, const std::string& sensor) {
  std::vector<std::pair<int, std::filesystem::path>> found;
  for (const std::string& name : names_in(folder, sensor)) {
    if (const auto number = number_after(prefix, name)) found.emplace_back(*number, folder / name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

void Listing::limit(std::size_t most, const std::string& family) {
  if (sensors_.size() <= most) return;
  problem(family, fmt::format("{} sensors: only the first {} are read", sensors_.size(), most));
  sensors_.resize(most);
}

bool offered(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 || !not_there(errno);
}

std::string first_line(const std::filesystem::path& path) {
  const std::string text = read_value_file(path).text;
  return std::string(trimmed(text.substr(0, text.find('\n'))));
}

std::string sensor_word(std::string_view name) {
  constexpr std::string_view kPlain = "._:-+@#!";
  std::string word;
  for (const char byte : name) {
    const bool alphanumeric = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= 'a' && byte <= 'z');
    if (alphanumeric || kPlain.find(byte) != std::string_view::npos) {
      word += byte;
    } else {
      word += fmt::format("%{:02x}", static_cast<unsigned char>(byte));
    }
  }
  return word;
}

std::vector<Reading> FileSensorSource::read() {
  if (listed_ == Clock::time_point{} || Clock::now() - listed_ >= relist_every_) relist();
  std::vector<Reading> readings;
  if (!read_into(readings)) {
    relist();
    readings.clear();
    (void)read_into(readings);
  }
  readings.insert(readings.end(), listing_.problems().begin(), listing_.problems().end());
  if (!all_unsupported(readings)) return readings;
  return family_unsupported(name(), fmt::format("{}: {}", folder_.string(), family_.nothing));
}

bool FileSensorSource::read_into(std::vector<Reading>& readings) {
  readings.reserve(listing_.sensors().size() + listing_.problems().size());
  bool all_there = true;
  for (std::size_t i = 0; i < listing_.sensors().size(); ++i) {
    readings.push_back(read_sensor(listing_.sensors()[i]));
    const bool there = readings.back().state != Reading::State::unsupported;
    all_there = all_there && (there || !answered_[i]);
    answered_[i] = there;
  }
  return all_there;
}

void FileSensorSource::relist() {
  listing_ = family_.list(folder_);
  listing_.limit(kMostSensors, name());
  answered_.assign(listing_.sensors().size(), false);
  listed_ = Clock::now();
}

}  // namespace rackproof
