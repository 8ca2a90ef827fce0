// SPDX-License-Identifier: Apache-2.0
// The fake's functions about what a card measures and counts.
#include <string>

#include "hardware/nvml/fake/library.h"

using namespace rackproof::nvml_fake;

namespace {

std::string counter_key(nvmlMemoryErrorType_t type, nvmlEccCounterType_t span,
                        const std::string& place) {
  return std::string(span == NVML_VOLATILE_ECC ? "ecc.volatile." : "ecc.aggregate.") +
         (type == NVML_MEMORY_ERROR_TYPE_CORRECTED ? "corrected." : "uncorrected.") + place;
}

const char* place_of(nvmlMemoryLocation_t location) {
  constexpr const char* kPlaces[] = {"l1",      "l2",     "dram", "register_file",
                                     "texture", "shared", "cbu",  "sram"};
  return location < std::size(kPlaces) ? kPlaces[location] : "unknown";
}

bool is_signed(unsigned field) {
  return field >= NVML_FI_DEV_TEMPERATURE_SHUTDOWN_TLIMIT &&
         field <= NVML_FI_DEV_TEMPERATURE_GPU_MAX_TLIMIT;
}

// A link's own trace, else that of all links.
std::string field_key(nvmlDevice_t device, const nvmlFieldValue_t& field) {
  const std::string all = "field." + std::to_string(field.fieldId);
  std::string own = all + "." + std::to_string(field.scopeId);
  const Gpu* gpu = gpu_of(device);
  return gpu != nullptr && gpu->traces.contains(all) && !gpu->traces.contains(own) ? all : own;
}

void fill(nvmlDevice_t device, nvmlFieldValue_t& field) {
  const Outcome outcome = next(device, field_key(device, field));
  field.nvmlReturn = outcome.code;
  field.valueType = NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
  field.value.ullVal = outcome.number;
  if (!is_signed(field.fieldId)) return;
  field.valueType = NVML_VALUE_TYPE_SIGNED_INT;
  field.value.siVal = static_cast<int>(outcome.number);
}

}  // namespace

extern "C" {

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int* power) {
  return give(device, "power", power);
}
nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device, unsigned long long* energy) {
  return give(device, "energy", energy);
}
nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int* limit) {
  return give(device, "power.enforced_limit", limit);
}
nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, nvmlClockType_t type,
                                    unsigned int* clock) {
  const bool sm = type == NVML_CLOCK_SM, memory = type == NVML_CLOCK_MEM;
  return give(device, sm ? "clock.sm" : memory ? "clock.memory" : "clock.graphics", clock);
}
nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t device,
                                                    unsigned long long* reasons) {
  return give(device, "reasons", reasons);
}
nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device,
                                                       unsigned long long* reasons) {
  return give(device, "throttle_reasons", reasons);
}
nvmlReturn_t nvmlDeviceGetViolationStatus(nvmlDevice_t device, nvmlPerfPolicyType_t policy,
                                          nvmlViolationTime_t* time) {
  time->referenceTime = 0;
  return give(device, "violation." + std::to_string(policy), &time->violationTime);
}
nvmlReturn_t nvmlDeviceGetPerformanceState(nvmlDevice_t device, nvmlPstates_t* state) {
  return give(device, "pstate", state);
}
nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t* rates) {
  const nvmlReturn_t code = give(device, "utilization.gpu", &rates->gpu);
  return code == NVML_SUCCESS ? give(device, "utilization.memory", &rates->memory) : code;
}
nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, nvmlTemperatureSensors_t,
                                      unsigned int* temp) {
  return give(device, "temp", temp);
}
nvmlReturn_t nvmlDeviceGetTemperatureThreshold(nvmlDevice_t device,
                                               nvmlTemperatureThresholds_t type,
                                               unsigned int* temp) {
  const bool slowdown = type == NVML_TEMPERATURE_THRESHOLD_SLOWDOWN;
  return give(device, slowdown ? "temp.slowdown" : "temp.shutdown", temp);
}
nvmlReturn_t nvmlDeviceGetMarginTemperature(nvmlDevice_t device, nvmlMarginTemperature_t* margin) {
  if (margin->version != nvmlMarginTemperature_v1) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
  return give(device, "temp.margin", &margin->marginTemperature);
}
nvmlReturn_t nvmlDeviceGetNumFans(nvmlDevice_t device, unsigned int* fans) {
  return give(device, "fans", fans);
}
nvmlReturn_t nvmlDeviceGetFanSpeed_v2(nvmlDevice_t device, unsigned int fan, unsigned int* speed) {
  return give(device, "fan." + std::to_string(fan), speed);
}

nvmlReturn_t nvmlDeviceGetMemoryErrorCounter(nvmlDevice_t device, nvmlMemoryErrorType_t type,
                                             nvmlEccCounterType_t span,
                                             nvmlMemoryLocation_t location,
                                             unsigned long long* count) {
  return give(device, counter_key(type, span, place_of(location)), count);
}
nvmlReturn_t nvmlDeviceGetTotalEccErrors(nvmlDevice_t device, nvmlMemoryErrorType_t type,
                                         nvmlEccCounterType_t span, unsigned long long* count) {
  return give(device, counter_key(type, span, "total"), count);
}
nvmlReturn_t nvmlDeviceGetSramEccErrorStatus(nvmlDevice_t device,
                                             nvmlEccSramErrorStatus_t* status) {
  if (status->version != nvmlEccSramErrorStatus_v1) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
  return give(device, "sram_threshold", &status->bThresholdExceeded);
}
nvmlReturn_t nvmlDeviceGetRemappedRows(nvmlDevice_t device, unsigned int* corrected,
                                       unsigned int* uncorrected, unsigned int* pending,
                                       unsigned int* failed) {
  nvmlReturn_t code = give(device, "rows.corrected", corrected);
  if (code == NVML_SUCCESS) code = give(device, "rows.uncorrected", uncorrected);
  if (code == NVML_SUCCESS) code = give(device, "rows.pending", pending);
  if (code == NVML_SUCCESS) code = give(device, "rows.failed", failed);
  return code;
}
nvmlReturn_t nvmlDeviceGetRetiredPagesPendingStatus(nvmlDevice_t device,
                                                    nvmlEnableState_t* pending) {
  return give(device, "field.31.0", pending);
}

nvmlReturn_t nvmlDeviceGetPcieReplayCounter(nvmlDevice_t device, unsigned int* count) {
  return give(device, "pcie.replays", count);
}
nvmlReturn_t nvmlDeviceGetCurrPcieLinkGeneration(nvmlDevice_t device, unsigned int* generation) {
  return give(device, "pcie.generation", generation);
}
nvmlReturn_t nvmlDeviceGetCurrPcieLinkWidth(nvmlDevice_t device, unsigned int* width) {
  return give(device, "pcie.width", width);
}
nvmlReturn_t nvmlDeviceGetMaxPcieLinkGeneration(nvmlDevice_t device, unsigned int* generation) {
  return give(device, "pcie.max_generation", generation);
}
nvmlReturn_t nvmlDeviceGetMaxPcieLinkWidth(nvmlDevice_t device, unsigned int* width) {
  return give(device, "pcie.max_width", width);
}

nvmlReturn_t nvmlDeviceGetNvLinkState(nvmlDevice_t device, unsigned int link,
                                      nvmlEnableState_t* active) {
  return give(device, "nvlink." + std::to_string(link) + ".state", active);
}
nvmlReturn_t nvmlDeviceGetNvLinkVersion(nvmlDevice_t device, unsigned int link,
                                        unsigned int* version) {
  return give(device, "nvlink." + std::to_string(link) + ".version", version);
}
nvmlReturn_t nvmlDeviceGetNvLinkErrorCounter(nvmlDevice_t device, unsigned int link,
                                             nvmlNvLinkErrorCounter_t counter,
                                             unsigned long long* count) {
  constexpr const char* kNames[] = {"replay", "recovery", "crc_flit", "crc_data", "ecc_data"};
  if (counter >= std::size(kNames)) return NVML_ERROR_INVALID_ARGUMENT;
  return give(device, "nvlink." + std::to_string(link) + "." + kNames[counter], count);
}

nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t device, int count, nvmlFieldValue_t* values) {
  if (gpu_of(device) == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  for (int i = 0; i < count; ++i) fill(device, values[i]);
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t device, unsigned long long* types) {
  *types = nvmlEventTypeXidCriticalError;
  return next(device, "events").code;
}
nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t* set) {
  *set = reinterpret_cast<nvmlEventSet_t>(new nvmlDevice_t{});
  return NVML_SUCCESS;
}
// One card a set is all that is asked of it.
nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t device, unsigned long long, nvmlEventSet_t set) {
  *reinterpret_cast<nvmlDevice_t*>(set) = device;
  return next(device, "events").code;
}
nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t* event, unsigned int) {
  const nvmlDevice_t device = *reinterpret_cast<nvmlDevice_t*>(set);
  const Outcome outcome = next(device, "xid");
  if (outcome.code != NVML_SUCCESS) return outcome.code;
  if (outcome.none) return NVML_ERROR_TIMEOUT;
  *event = {device, nvmlEventTypeXidCriticalError, outcome.number, ~0u, ~0u};
  return NVML_SUCCESS;
}
nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set) {
  delete reinterpret_cast<nvmlDevice_t*>(set);
  return NVML_SUCCESS;
}
}
