// SPDX-License-Identifier: Apache-2.0
#include "backends/opencl/api.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

namespace rackproof::opencl {
namespace {

constexpr const char* kLoader = "libOpenCL.so.1";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

// The library stays loaded: drivers keep threads that outlive their last object.
Expected<Api> load_api(const char* library) {
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return fail(fmt::format("no OpenCL: {}", dlerror()));
  Api api;
#define RACKPROOF_OPENCL_FIND(name) \
  if (!find(handle, "cl" #name, api.name)) return fail(fmt::format("{} lacks cl" #name, library));
  RACKPROOF_OPENCL_CALLS(RACKPROOF_OPENCL_FIND)
#undef RACKPROOF_OPENCL_FIND
  return api;
}

const Expected<Api>& loader() {
  static const Expected<Api> loaded = [] {
    setenv("POCL_AFFINITY", "1", 0);  // else a compute unit of PoCL moves from PU to PU
    return load_api(kLoader);
  }();
  return loaded;
}

const Api& cl() {
  if (!loader()) throw DeviceError(loader().error().message);
  return *loader();
}

}  // namespace rackproof::opencl
