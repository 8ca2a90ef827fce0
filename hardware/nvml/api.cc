// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/api.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <utility>

namespace rackproof::nvml {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

Expected<Api> load_api(const std::string& library) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return fail(fmt::format("no NVML, which comes with NVIDIA's driver: {}", dlerror()));
  }
  Api api;
#define RACKPROOF_NVML_FIND(name)               \
  if (!find(handle, "nvml" #name, api.name)) {  \
    return fail(library + " lacks nvml" #name); \
  }
  RACKPROOF_NVML_NEEDED(RACKPROOF_NVML_FIND)
#undef RACKPROOF_NVML_FIND
#define RACKPROOF_NVML_FIND(name) find(handle, "nvml" #name, api.name);
  RACKPROOF_NVML_OPTIONAL(RACKPROOF_NVML_FIND)
#undef RACKPROOF_NVML_FIND
  return api;
}

std::string error_text(const Api& api, const char* call, nvmlReturn_t code) {
  if (code == NVML_ERROR_FUNCTION_NOT_FOUND) {
    return fmt::format("{}: not in this version of the driver's library", call);
  }
  const char* text = api.ErrorString == nullptr ? nullptr : api.ErrorString(code);
  if (text == nullptr) return fmt::format("{}: error {}", call, static_cast<int>(code));
  return fmt::format("{}: {}", call, text);
}

bool is_unsupported(nvmlReturn_t code) {
  return code == NVML_ERROR_NOT_SUPPORTED || code == NVML_ERROR_FUNCTION_NOT_FOUND ||
         code == NVML_ERROR_ARGUMENT_VERSION_MISMATCH || code == NVML_ERROR_DEPRECATED;
}

bool is_lost(nvmlReturn_t code) {
  return code == NVML_ERROR_GPU_IS_LOST || code == NVML_ERROR_RESET_REQUIRED ||
         code == NVML_ERROR_GPU_NOT_FOUND;
}

Expected<Session> Session::open(const std::string& library) {
  const Expected<Api> api = load_api(library);
  if (!api) return tl::unexpected<Error>(api.error());
  if (const nvmlReturn_t code = api->Init_v2(); code != NVML_SUCCESS) {
    return fail(error_text(*api, "nvmlInit", code));
  }
  return Session(*api);
}

Session::Session(Session&& other) noexcept
    : api_(other.api_), open_(std::exchange(other.open_, false)) {}

Session& Session::operator=(Session&& other) noexcept {
  std::swap(api_, other.api_);
  std::swap(open_, other.open_);
  return *this;
}

Session::~Session() {
  if (open_) api_.Shutdown();
}

}  // namespace rackproof::nvml
