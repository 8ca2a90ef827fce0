// SPDX-License-Identifier: Apache-2.0
// Temperatures of a card and how far they are from slowing it down and from shutting it down.
#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

Answer threshold(const Card& card, nvmlTemperatureThresholds_t type) {
  return ask<unsigned>(card, "nvmlDeviceGetTemperatureThreshold",
                       card.api().DeviceGetTemperatureThreshold, type);
}

Answer margin_of(const Card& card) {
  Answer answer{.call = "nvmlDeviceGetMarginTemperature"};
  nvmlMarginTemperature_t margin{};
  margin.version = nvmlMarginTemperature_v1;
  answer.code = Session::call(card.api().DeviceGetMarginTemperature, card.handle, &margin);
  answer.value = margin.marginTemperature;
  return answer;
}

// Both answers hold, or the reason why one does not.
Answer difference(const Answer& more, const Answer& less) {
  if (!more.ok()) return more;
  Answer result = less;
  if (less.ok()) result.value = more.value - less.value;
  return result;
}

// Since Ada by the margin and T.Limit, which is in degrees from it; before that by the threshold.
Answer distance(const Answer& margin, const Answer& limit, const Answer& absolute,
                const Answer& now) {
  const Answer by_limit = difference(margin, limit);
  return by_limit.ok() ? by_limit : difference(absolute, now);
}

}  // namespace

void read_temperatures(const Card& card, Readings& readings) {
  const Answer gpu = ask<unsigned>(card, "nvmlDeviceGetTemperature",
                                   card.api().DeviceGetTemperature, NVML_TEMPERATURE_GPU);
  const Answer margin = margin_of(card);
  const std::vector<Answer> fields = ask_fields(card, {{NVML_FI_DEV_MEMORY_TEMP},
                                                       {NVML_FI_DEV_TEMPERATURE_SLOWDOWN_TLIMIT},
                                                       {NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT}});
  readings.gauge("temp", Unit::celsius, gpu);
  readings.gauge("temp.memory", Unit::celsius, fields[0]);
  readings.gauge("temp.margin", Unit::celsius, margin);
  readings.gauge(
      "temp.to_slowdown", Unit::celsius,
      distance(margin, fields[1], threshold(card, NVML_TEMPERATURE_THRESHOLD_SLOWDOWN), gpu));
  readings.gauge(
      "temp.to_shutdown", Unit::celsius,
      distance(margin, fields[2], threshold(card, NVML_TEMPERATURE_THRESHOLD_SHUTDOWN), gpu));
}

}  // namespace rackproof::nvml
