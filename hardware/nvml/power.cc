// SPDX-License-Identifier: Apache-2.0
// Power, energy, limit and fans of a card.
#include <fmt/format.h>

#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

constexpr double kMilli = 1e-3, kPercent = 1e-2;
constexpr unsigned kMostFans = 16;

void read_fans(const Card& card, Readings& readings) {
  const Answer fans = ask<unsigned>(card, "nvmlDeviceGetNumFans", card.api().DeviceGetNumFans);
  if (!fans.ok()) return readings.gauge("fan", Unit::ratio, fans);
  if (fans.value < 1) return readings.unsupported("fan", "this card has no fan of its own");
  for (unsigned fan = 0; fan < kMostFans && fan < fans.value; ++fan) {
    readings.gauge(
        fmt::format("fan{}", fan), Unit::ratio,
        ask<unsigned>(card, "nvmlDeviceGetFanSpeed_v2", card.api().DeviceGetFanSpeed_v2, fan)
            .scaled(kPercent));
  }
}

}  // namespace

void read_power(const Card& card, Readings& readings) {
  const Api& api = card.api();
  readings.gauge(
      "power", Unit::watt,
      ask<unsigned>(card, "nvmlDeviceGetPowerUsage", api.DeviceGetPowerUsage).scaled(kMilli));
  readings.gauge("power.instant", Unit::watt,
                 ask_fields(card, {{NVML_FI_DEV_POWER_INSTANT}})[0].scaled(kMilli));
  readings.gauge(
      "power.limit", Unit::watt,
      ask<unsigned>(card, "nvmlDeviceGetEnforcedPowerLimit", api.DeviceGetEnforcedPowerLimit)
          .scaled(kMilli));
  readings.counter("energy", Unit::joule,
                   ask<unsigned long long>(card, "nvmlDeviceGetTotalEnergyConsumption",
                                           api.DeviceGetTotalEnergyConsumption)
                       .scaled(kMilli));
  read_fans(card, readings);
}

}  // namespace rackproof::nvml
