// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/serial.h"

#include "backends/cuda/library.h"

namespace rackproof::cuda {
namespace {

// NVML's binary interface, so that its header is not needed here. Source: NVML API Reference Guide.
struct Nvml {
  int (*init)() = nullptr;
  int (*by_bdf)(const char*, void**) = nullptr;
  int (*serial)(void*, char*, unsigned) = nullptr;
  bool ready = false;
};

Nvml load() {
  Nvml nvml;
  const auto library = open_library("libnvidia-ml.so.1");
  nvml.ready = library && find_function(*library, "nvmlInit_v2", nvml.init) &&
               find_function(*library, "nvmlDeviceGetHandleByPciBusId_v2", nvml.by_bdf) &&
               find_function(*library, "nvmlDeviceGetSerial", nvml.serial) && nvml.init() == 0;
  return nvml;
}

}  // namespace

std::string serial_of(const std::string& bdf) {
  static const Nvml nvml = load();
  void* device = nullptr;
  char text[64] = {};
  if (!nvml.ready || nvml.by_bdf(bdf.c_str(), &device) != 0) return "";
  return nvml.serial(device, text, sizeof text - 1) == 0 ? text : "";
}

}  // namespace rackproof::cuda
