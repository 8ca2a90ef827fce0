// SPDX-License-Identifier: Apache-2.0
// What a card's error correction has seen, by place.
#include <fmt/format.h>

#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

constexpr struct {
  const char* name;
  nvmlMemoryLocation_t location;
} kPlaces[] = {
    {"dram", NVML_MEMORY_LOCATION_DRAM},
    {"sram", NVML_MEMORY_LOCATION_SRAM},
    {"l1", NVML_MEMORY_LOCATION_L1_CACHE},
    {"l2", NVML_MEMORY_LOCATION_L2_CACHE},
    {"register_file", NVML_MEMORY_LOCATION_REGISTER_FILE},
    {"texture", NVML_MEMORY_LOCATION_TEXTURE_MEMORY},
    {"shared", NVML_MEMORY_LOCATION_TEXTURE_SHM},
    {"cbu", NVML_MEMORY_LOCATION_CBU},
};
constexpr struct {
  const char* name;
  nvmlMemoryErrorType_t type;
} kTypes[] = {{"corrected", NVML_MEMORY_ERROR_TYPE_CORRECTED},
              {"uncorrected", NVML_MEMORY_ERROR_TYPE_UNCORRECTED}};
constexpr struct {
  const char *events, *total;
  nvmlEccCounterType_t span;
} kSpans[] = {{"ecc", "ecc.since_driver", NVML_VOLATILE_ECC},
              {"ecc.lifetime", "ecc.of_life", NVML_AGGREGATE_ECC}};

void read_counters(const Card& card, Readings& readings) {
  const Api& api = card.api();
  for (const auto& span : kSpans) {
    for (const auto& type : kTypes) {
      for (const auto& place : kPlaces) {
        readings.counter(fmt::format("{}.{}.{}", span.events, type.name, place.name), Unit::count,
                         ask<unsigned long long>(card, "nvmlDeviceGetMemoryErrorCounter",
                                                 api.DeviceGetMemoryErrorCounter, type.type,
                                                 span.span, place.location));
      }
      readings.gauge(fmt::format("{}.{}", span.total, type.name), Unit::count,
                     ask<unsigned long long>(card, "nvmlDeviceGetTotalEccErrors",
                                             api.DeviceGetTotalEccErrors, type.type, span.span));
    }
  }
}

void read_mode(const Card& card, Readings& readings) {
  nvmlEnableState_t now = NVML_FEATURE_DISABLED, pending = NVML_FEATURE_DISABLED;
  Answer mode{.call = "nvmlDeviceGetEccMode"};
  mode.code = Session::call(card.api().DeviceGetEccMode, card.handle, &now, &pending);
  mode.value = now == NVML_FEATURE_ENABLED ? 1 : 0;
  if (mode.ok() && now != pending) mode.detail = "changes with the next reset";
  readings.gauge("ecc.enabled", Unit::count, mode);
}

void read_sram_threshold(const Card& card, Readings& readings) {
  nvmlEccSramErrorStatus_t status{};
  status.version = nvmlEccSramErrorStatus_v1;
  Answer exceeded{.call = "nvmlDeviceGetSramEccErrorStatus"};
  exceeded.code = Session::call(card.api().DeviceGetSramEccErrorStatus, card.handle, &status);
  exceeded.value = status.bThresholdExceeded;
  readings.flag("ecc.sram_threshold", exceeded);
}

}  // namespace

void read_ecc(const Card& card, Readings& readings) {
  read_mode(card, readings);
  read_counters(card, readings);
  read_sram_threshold(card, readings);
}

}  // namespace rackproof::nvml
