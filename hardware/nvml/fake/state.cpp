// SPDX-License-Identifier: Apache-2.0
// The fake's functions about how a card is set up and what runs on it.
#include <algorithm>
#include <string>
#include <vector>

#include "hardware/nvml/fake/library.h"

using namespace rackproof::nvml_fake;

namespace {

std::string word_of(nvmlClockType_t type) {
  switch (type) {
    case NVML_CLOCK_SM:
      return "sm";
    case NVML_CLOCK_MEM:
      return "memory";
    default:
      return "graphics";
  }
}

nvmlReturn_t give_processes(nvmlDevice_t device, const char* kind, unsigned* count,
                            nvmlProcessInfo_t* infos) {
  const Gpu* gpu = gpu_of(device);
  if (gpu == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  const auto found = gpu->processes.find(kind);
  const std::vector<Process> all =
      found == gpu->processes.end() ? std::vector<Process>{} : found->second;
  const bool fits = *count >= all.size();
  *count = static_cast<unsigned>(all.size());
  if (!fits) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::transform(all.begin(), all.end(), infos, [](const Process& process) {
    return nvmlProcessInfo_t{process.pid, process.bytes, ~0u, ~0u};
  });
  return NVML_SUCCESS;
}

template <class Out>
nvmlReturn_t give_two(nvmlDevice_t device, const char* first, Out* a, const char* second, Out* b) {
  const nvmlReturn_t code = give(device, first, a);
  return code == NVML_SUCCESS ? give(device, second, b) : code;
}

}  // namespace

extern "C" {

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int* count,
                                                     nvmlProcessInfo_t* infos) {
  return give_processes(device, "compute", count, infos);
}
nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t device, unsigned int* count,
                                                      nvmlProcessInfo_t* infos) {
  return give_processes(device, "graphics", count, infos);
}
nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int* count,
                                                        nvmlProcessInfo_t* infos) {
  return give_processes(device, "mps", count, infos);
}

nvmlReturn_t nvmlDeviceGetComputeMode(nvmlDevice_t device, nvmlComputeMode_t* mode) {
  return give(device, "compute_mode", mode);
}
nvmlReturn_t nvmlDeviceGetPersistenceMode(nvmlDevice_t device, nvmlEnableState_t* mode) {
  return give(device, "persistence", mode);
}
nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned int* now, unsigned int* pending) {
  return give_two(device, "mig", now, "mig.pending", pending);
}
nvmlReturn_t nvmlDeviceGetEccMode(nvmlDevice_t device, nvmlEnableState_t* now,
                                  nvmlEnableState_t* pending) {
  return give_two(device, "ecc.mode", now, "ecc.pending", pending);
}
nvmlReturn_t nvmlDeviceGetArchitecture(nvmlDevice_t device,
                                       nvmlDeviceArchitecture_t* architecture) {
  return give(device, "architecture", architecture);
}
nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t* memory) {
  nvmlReturn_t code =
      give_two(device, "memory.total", &memory->total, "memory.free", &memory->free);
  if (code == NVML_SUCCESS)
    code = give_two(device, "memory.used", &memory->used, "memory.reserved", &memory->reserved);
  return code;
}

nvmlReturn_t nvmlDeviceGetPowerManagementLimit(nvmlDevice_t device, unsigned int* limit) {
  return give(device, "power.limit", limit);
}
nvmlReturn_t nvmlDeviceGetPowerManagementDefaultLimit(nvmlDevice_t device, unsigned int* limit) {
  return give(device, "power.default_limit", limit);
}
nvmlReturn_t nvmlDeviceGetPowerManagementLimitConstraints(nvmlDevice_t device, unsigned int* least,
                                                          unsigned int* most) {
  return give_two(device, "power.min_limit", least, "power.max_limit", most);
}
nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t device, nvmlClockType_t type,
                                       unsigned int* clock) {
  return give(device, "clock.max." + word_of(type), clock);
}
nvmlReturn_t nvmlDeviceGetApplicationsClock(nvmlDevice_t device, nvmlClockType_t type,
                                            unsigned int* clock) {
  return give(device, "clock.application." + word_of(type), clock);
}
nvmlReturn_t nvmlDeviceGetDefaultApplicationsClock(nvmlDevice_t device, nvmlClockType_t type,
                                                   unsigned int* clock) {
  return give(device, "clock.default." + word_of(type), clock);
}
nvmlReturn_t nvmlDeviceGetMaxCustomerBoostClock(nvmlDevice_t device, nvmlClockType_t type,
                                                unsigned int* clock) {
  return give(device, "clock.boost." + word_of(type), clock);
}
}
