// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/json_fields.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 3> kStates{"value", "unsupported", "error"};
constexpr std::size_t kLongestName = 200, kLongestDetail = 400;

std::string bounded(const std::string& text, std::size_t most) {
  return utf8_line(text.size() <= most ? text : text.substr(0, most) + "...");
}

std::string sensor_name(const Json& json) {
  const auto& text = json.get_ref<const std::string&>();
  if (text.empty() || text.size() > kLongestName || utf8_line(text) != text)
    throw std::invalid_argument(
        fmt::format("a sensor's name must be 1 to {} printable bytes", kLongestName));
  return text;
}

Unit unit_of(const Json& json) {
  const auto unit = unit_from_name(json.get_ref<const std::string&>());
  if (!unit) throw std::invalid_argument(unit.error().message);
  return *unit;
}

void take_value(const Json& json, Reading& reading) {
  const auto state = std::ranges::find(kStates, json.at("state").get_ref<const std::string&>());
  if (state == kStates.end()) throw std::invalid_argument("no such state");
  reading.state = static_cast<Reading::State>(state - kStates.begin());
  if (reading.state != Reading::State::value) return;
  if (json.at("value").is_null()) {
    reading.state = Reading::State::error;
    reading.detail = "not a finite number";
  } else {
    reading.value = json.at("value").get<double>();
  }
}

Json record_json(const KernelRecord& record) {
  return {{"sequence", record.sequence}, {"boot_s", record.boot_s}, {"level", record.level},
          {"facility", record.facility}, {"text", record.text},     {"device", record.device}};
}

KernelRecord record_from(const Json& json) {
  KernelRecord record;
  json.at("sequence").get_to(record.sequence);
  json.at("boot_s").get_to(record.boot_s);
  json.at("level").get_to(record.level);
  json.at("facility").get_to(record.facility);
  record.text = bounded(json.at("text").get_ref<const std::string&>(), kLongestKernelLine);
  record.device = bounded(json.at("device").get_ref<const std::string&>(), kLongestDetail);
  return record;
}

template <class Read>
auto read_checked(const char* what, Read read) -> Expected<decltype(read())> {
  try {
    return read();
  } catch (const std::exception& problem) {
    return fail(fmt::format("not {}: {}", what, problem.what()));
  }
}

}  // namespace

Json to_json(const Reading& reading) {
  const bool usable = reading.state == Reading::State::value && std::isfinite(reading.value);
  Json json{{"sensor", reading.sensor},
            {"unit", name(reading.unit)},
            {"state", kStates[static_cast<std::size_t>(reading.state)]},
            {"value", usable ? Json(reading.value) : Json(nullptr)},
            {"detail", reading.detail}};
  if (reading.counter) json["counter"] = true;
  return json;
}

Expected<Reading> reading_from_json(const Json& json) {
  return read_checked("a reading", [&] {
    Reading reading;
    reading.sensor = sensor_name(json.at("sensor"));
    reading.unit = unit_of(json.at("unit"));
    reading.detail = bounded(json.at("detail").get_ref<const std::string&>(), kLongestDetail);
    reading.counter = json.value("counter", false);
    take_value(json, reading);
    return reading;
  });
}

Json to_json(const TickPart& part) {
  Json list = Json::array();
  for (const Reading& reading : part.readings) list.push_back(to_json(reading));
  return {{"t", "readings"}, {"tick", part.tick}, {"more", part.more}, {"list", std::move(list)}};
}

Expected<TickPart> tick_from_json(const Json& json) {
  return read_checked("a tick of readings", [&] {
    TickPart part;
    json.at("tick").get_to(part.tick);
    json.at("more").get_to(part.more);
    for (const Json& entry : json.at("list")) {
      auto reading = reading_from_json(entry);
      if (!reading) throw std::invalid_argument(reading.error().message);
      part.readings.push_back(*std::move(reading));
    }
    return part;
  });
}

Json to_json(const KernelNews& news) {
  Json records = Json::array();
  for (const KernelRecord& record : news.records) records.push_back(record_json(record));
  return {{"t", "kernel"},
          {"records", std::move(records)},
          {"lost", news.lost},
          {"error", news.error},
          {"last", news.last},
          {"proven", news.proven},
          {"unproven", news.unproven},
          {"offset_s", news.offset_s}};
}

Expected<KernelNews> kernel_news_from_json(const Json& json) {
  return read_checked("news of the kernel log", [&] {
    KernelNews news;
    for (const Json& entry : json.at("records")) news.records.push_back(record_from(entry));
    json.at("lost").get_to(news.lost);
    news.error = bounded(json.at("error").get_ref<const std::string&>(), kLongestDetail);
    json.at("last").get_to(news.last);
    json.at("proven").get_to(news.proven);
    news.unproven = bounded(json.at("unproven").get_ref<const std::string&>(), kLongestDetail);
    json.at("offset_s").get_to(news.offset_s);
    return news;
  });
}

}  // namespace rackproof
