// SPDX-License-Identifier: Apache-2.0
// Clocks of a card, why they are lowered now, and for how long each reason lowered them.
#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

constexpr double kMega = 1e6, kNano = 1e-9;

// Bits of nvmlDeviceGetCurrentClocksEventReasons. Idle and display clocks tell of no trouble.
constexpr struct {
  const char* name;
  unsigned long long bit;
} kReasons[] = {
    {"slowed.application_clocks", nvmlClocksEventReasonApplicationsClocksSetting},
    {"slowed.sw_power_cap", nvmlClocksEventReasonSwPowerCap},
    {"slowed.hw", nvmlClocksThrottleReasonHwSlowdown},
    {"slowed.sync_boost", nvmlClocksEventReasonSyncBoost},
    {"slowed.sw_thermal", nvmlClocksEventReasonSwThermalSlowdown},
    {"slowed.hw_thermal", nvmlClocksThrottleReasonHwThermalSlowdown},
    {"slowed.hw_power_brake", nvmlClocksThrottleReasonHwPowerBrakeSlowdown},
};

// Nanoseconds that the driver adds up: a field, and the older call where there was one.
constexpr struct {
  const char* name;
  unsigned field;
  int policy;  // of nvmlDeviceGetViolationStatus; -1: none
} kDurations[] = {
    {"slowed.sw_power_cap.time", NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_POWER_CAP,
     NVML_PERF_POLICY_POWER},
    {"slowed.sync_boost.time", NVML_FI_DEV_CLOCKS_EVENT_REASON_SYNC_BOOST,
     NVML_PERF_POLICY_SYNC_BOOST},
    {"slowed.board_limit.time", NVML_FI_DEV_PERF_POLICY_BOARD_LIMIT, NVML_PERF_POLICY_BOARD_LIMIT},
    {"slowed.reliability.time", NVML_FI_DEV_PERF_POLICY_RELIABILITY, NVML_PERF_POLICY_RELIABILITY},
    {"slowed.thermal.time", NVML_FI_DEV_PERF_POLICY_THERMAL, NVML_PERF_POLICY_THERMAL},
    {"slowed.sw_thermal.time", NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN, -1},
    {"slowed.hw_thermal.time", NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN, -1},
    {"slowed.hw_power_brake.time", NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN, -1},
};

Answer violation(const Card& card, int policy) {
  Answer answer{.call = "nvmlDeviceGetViolationStatus"};
  nvmlViolationTime_t time{};
  answer.code = Session::call(card.api().DeviceGetViolationStatus, card.handle,
                              static_cast<nvmlPerfPolicyType_t>(policy), &time);
  answer.value = static_cast<double>(time.violationTime);
  return answer;
}

void read_reasons(const Card& card, Readings& readings) {
  const Api& api = card.api();
  Answer mask = ask<unsigned long long>(card, "nvmlDeviceGetCurrentClocksEventReasons",
                                        api.DeviceGetCurrentClocksEventReasons);
  if (is_unsupported(mask.code)) {
    mask = ask<unsigned long long>(card, "nvmlDeviceGetCurrentClocksThrottleReasons",
                                   api.DeviceGetCurrentClocksThrottleReasons);
  }
  const auto bits = static_cast<unsigned long long>(mask.value);
  for (const auto& reason : kReasons) {
    mask.value = (bits & reason.bit) == 0 ? 0 : 1;
    readings.gauge(reason.name, Unit::count, mask);
  }
}

void read_durations(const Card& card, Readings& readings) {
  std::vector<Field> fields;
  for (const auto& duration : kDurations) fields.push_back({duration.field});
  std::vector<Answer> answers = ask_fields(card, fields);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool older = is_unsupported(answers[i].code) && kDurations[i].policy >= 0;
    if (older) answers[i] = violation(card, kDurations[i].policy);
    readings.counter(kDurations[i].name, Unit::second, answers[i].scaled(kNano));
  }
}

}  // namespace

void read_clocks(const Card& card, Readings& readings) {
  const auto clock = [&card](nvmlClockType_t type) {
    return ask<unsigned>(card, "nvmlDeviceGetClockInfo", card.api().DeviceGetClockInfo, type)
        .scaled(kMega);
  };
  readings.gauge("clock.sm", Unit::hertz, clock(NVML_CLOCK_SM));
  readings.gauge("clock.memory", Unit::hertz, clock(NVML_CLOCK_MEM));
  nvmlPstates_t state = NVML_PSTATE_UNKNOWN;
  Answer pstate{.call = "nvmlDeviceGetPerformanceState"};
  pstate.code = Session::call(card.api().DeviceGetPerformanceState, card.handle, &state);
  pstate.value = state;
  if (pstate.ok() && state == NVML_PSTATE_UNKNOWN) pstate.code = NVML_ERROR_NO_DATA;
  readings.gauge("pstate", Unit::count, pstate);
  read_reasons(card, readings);
  read_durations(card, readings);
}

}  // namespace rackproof::nvml
