// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/api.h"

#include <fmt/format.h>

#include "backends/cuda/library.h"

namespace rackproof::cuda {
namespace {

constexpr const char* kDriver = "libcuda.so.1";

#define RACKPROOF_CUDA_TEXT(name) #name
#define RACKPROOF_CUDA_SYMBOL(name) RACKPROOF_CUDA_TEXT(name)

// Works without a driver too: errors of loading are told by it.
std::string error_text(CUresult status) {
  const char *name = nullptr, *text = nullptr;
  if (driver_api()) {
    driver_api()->cuGetErrorName(status, &name);
    driver_api()->cuGetErrorString(status, &text);
  }
  if (name == nullptr) return fmt::format("error {}", static_cast<int>(status));
  return text == nullptr ? name : fmt::format("{}: {}", name, text);
}

}  // namespace

Expected<Api> load_api(const char* library) {
  const auto handle = open_library(library);
  if (!handle) return fail("no NVIDIA driver: " + handle.error().message);
  Api api;
#define RACKPROOF_CUDA_FIND(name)                                                           \
  if (!find_function(*handle, RACKPROOF_CUDA_SYMBOL(name), api.name))                       \
    return fail(fmt::format("{} lacks {}: the driver is too old for this program", library, \
                            RACKPROOF_CUDA_SYMBOL(name)));
  RACKPROOF_CUDA_CALLS(RACKPROOF_CUDA_FIND)
#undef RACKPROOF_CUDA_FIND
  return api;
}

const Expected<Api>& driver_api() {
  static const Expected<Api> loaded = load_api(kDriver);
  return loaded;
}

const Api& cu() {
  if (!driver_api()) throw DeviceError(driver_api().error().message);
  return *driver_api();
}

void check(CUresult status, std::string_view call, std::string_view device, std::string_view what) {
  if (status == CUDA_SUCCESS) return;
  const std::string named = what.empty() ? "" : fmt::format("({})", what);
  throw DeviceError(fmt::format("{}{} on {}: {}", call, named, device, error_text(status)));
}

}  // namespace rackproof::cuda
