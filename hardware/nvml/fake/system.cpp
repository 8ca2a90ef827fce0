// SPDX-License-Identifier: Apache-2.0
// The fake's functions about the driver and about finding and naming cards.
#include <cstdlib>
#include <string>

#include "hardware/nvml/fake/library.h"

using namespace rackproof::nvml_fake;

namespace {

nvmlReturn_t text_of(nvmlDevice_t device, std::string Gpu::*member, char* out, unsigned length) {
  const Gpu* gpu = gpu_of(device);
  return gpu == nullptr ? NVML_ERROR_INVALID_ARGUMENT : give_text(gpu->*member, out, length);
}

// "0000:1b:00.0" and NVML's "00000000:1B:00.0" alike.
bool same_address(const std::string& a, const std::string& b) {
  unsigned x[3] = {}, y[3] = {};
  return std::sscanf(a.c_str(), "%x:%x:%x", &x[0], &x[1], &x[2]) == 3 &&
         std::sscanf(b.c_str(), "%x:%x:%x", &y[0], &y[1], &y[2]) == 3 && x[0] == y[0] &&
         x[1] == y[1] && x[2] == y[2];
}

template <class Fits>
nvmlReturn_t handle_where(Fits fits, nvmlDevice_t* device) {
  for (std::size_t i = 0; i < gpus(); ++i) {
    if (!fits(*gpu_at(i))) continue;
    *device = handle_of(*gpu_at(i));
    return next(*device, "handle").code;
  }
  return NVML_ERROR_NOT_FOUND;
}

}  // namespace

extern "C" {

nvmlReturn_t nvmlInit_v2() { return open(); }

nvmlReturn_t nvmlShutdown() {
  close();
  return NVML_SUCCESS;
}

const char* nvmlErrorString(nvmlReturn_t code) {
  switch (code) {
    case NVML_SUCCESS:
      return "The operation was successful";
    case NVML_ERROR_NOT_SUPPORTED:
      return "Not Supported";
    case NVML_ERROR_DRIVER_NOT_LOADED:
      return "Driver Not Loaded";
    case NVML_ERROR_GPU_IS_LOST:
      return "GPU is lost";
    case NVML_ERROR_NO_PERMISSION:
      return "Insufficient Permissions";
    case NVML_ERROR_LIB_RM_VERSION_MISMATCH:
      return "Driver/library version mismatch";
    default:
      return "Unknown Error";
  }
}

nvmlReturn_t nvmlSystemGetDriverVersion(char* out, unsigned int length) {
  return give_text(system_word("driver", "580.65.06"), out, length);
}

nvmlReturn_t nvmlSystemGetNVMLVersion(char* out, unsigned int length) {
  return give_text(system_word("nvml", "13.580.65.06"), out, length);
}

nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int* version) {
  *version = std::atoi(system_word("cuda", "13000").c_str());
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlSystemGetProcessName(unsigned int pid, char* out, unsigned int length) {
  for (std::size_t i = 0; i < gpus(); ++i) {
    for (const auto& kind : gpu_at(i)->processes) {
      for (const Process& process : kind.second) {
        if (process.pid == pid) return give_text(process.name, out, length);
      }
    }
  }
  return NVML_ERROR_NOT_FOUND;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int* count) {
  *count = static_cast<unsigned>(gpus());
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t* device) {
  const Gpu* gpu = gpu_at(index);
  if (gpu == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  *device = handle_of(*gpu);
  return next(*device, "handle").code;
}

nvmlReturn_t nvmlDeviceGetHandleByUUID(const char* uuid, nvmlDevice_t* device) {
  return handle_where([uuid](const Gpu& gpu) { return gpu.uuid == uuid; }, device);
}

nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char* bus, nvmlDevice_t* device) {
  return handle_where([bus](const Gpu& gpu) { return same_address(gpu.bdf, bus); }, device);
}

nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t* pci) {
  const Gpu* gpu = gpu_of(device);
  if (gpu == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  *pci = {};
  std::sscanf(gpu->bdf.c_str(), "%x:%x:%x", &pci->domain, &pci->bus, &pci->device);
  pci->pciDeviceId = 0x233510de;
  std::snprintf(pci->busId, sizeof pci->busId, "%08X:%02X:%02X.0", pci->domain, pci->bus & 0xff,
                pci->device & 0x1f);
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char* out, unsigned int length) {
  return text_of(device, &Gpu::name, out, length);
}
nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char* out, unsigned int length) {
  return text_of(device, &Gpu::uuid, out, length);
}
nvmlReturn_t nvmlDeviceGetSerial(nvmlDevice_t device, char* out, unsigned int length) {
  return text_of(device, &Gpu::serial, out, length);
}
nvmlReturn_t nvmlDeviceGetVbiosVersion(nvmlDevice_t device, char* out, unsigned int length) {
  if (gpu_of(device) == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  return give_text("96.00.A5.00.03", out, length);
}

nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t device, unsigned int* index) {
  for (*index = 0; *index < gpus(); ++*index) {
    if (handle_of(*gpu_at(*index)) == device) return NVML_SUCCESS;
  }
  return NVML_ERROR_INVALID_ARGUMENT;
}
nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t device, unsigned int* minor) {
  return nvmlDeviceGetIndex(device, minor);
}
}
