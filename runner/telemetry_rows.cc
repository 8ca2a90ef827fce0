// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_rows.h"

#include <fmt/format.h>

#include <cmath>

namespace rackproof {
namespace {

// In full, without a decimal point that says nothing.
std::string whole(double value) {
  std::string text = fmt::format("{:.3f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_value(const Reading& reading) {
  switch (reading.state) {
    case Reading::State::unsupported:
      return {};
    case Reading::State::error:
      return "error";
    case Reading::State::value:
      break;
  }
  if (!std::isfinite(reading.value)) return "error";
  return reading.counter ? whole(reading.value) : fmt::format("{:.6g}", reading.value);
}

bool TelemetryColumns::take(const std::vector<Reading>& readings) {
  bool changed = false;
  for (const Reading& reading : readings) {
    const Key key{reading.sensor, reading.unit};
    if (full() || !index_.try_emplace(key, names_.size()).second) continue;
    names_.push_back(key);
    changed = true;
  }
  return changed;
}

std::string TelemetryColumns::head() const {
  std::string line = "at_s";
  for (const auto& [sensor, unit] : names_) {
    line += "," + csv_field(fmt::format("{} [{}]", sensor, name(unit)));
  }
  return line;
}

std::string TelemetryColumns::row(const std::vector<Reading>& readings, double at_s) const {
  std::vector<const Reading*> fields(names_.size(), nullptr);
  for (const Reading& reading : readings) {
    const auto found = index_.find({reading.sensor, reading.unit});
    if (found != index_.end()) fields[found->second] = &reading;
  }
  std::string line = fmt::format("{:.3f}", at_s);
  for (const Reading* reading : fields) {
    line += ',';
    if (reading != nullptr) line += csv_value(*reading);
  }
  return line;
}

}  // namespace rackproof
