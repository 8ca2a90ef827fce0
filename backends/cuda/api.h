// SPDX-License-Identifier: Apache-2.0
// CUDA's driver API, taken from libcuda.so.1 at run time: a machine without NVIDIA's driver still
// runs this program, and one with it needs no CUDA runtime.
#pragma once

#include <cuda.h>

#include <string>
#include <string_view>

#include "core/error.h"

namespace rackproof::cuda {

// cuda.h maps each name to the version that it declares, here as well as in every use.
#define RACKPROOF_CUDA_CALLS(X) \
  X(cuInit)                     \
  X(cuDriverGetVersion)         \
  X(cuGetErrorName)             \
  X(cuGetErrorString)           \
  X(cuDeviceGetCount)           \
  X(cuDeviceGet)                \
  X(cuDeviceGetName)            \
  X(cuDeviceGetUuid)            \
  X(cuDeviceGetPCIBusId)        \
  X(cuDeviceGetAttribute)       \
  X(cuDeviceTotalMem)           \
  X(cuDeviceCanAccessPeer)      \
  X(cuDevicePrimaryCtxRetain)   \
  X(cuDevicePrimaryCtxRelease)  \
  X(cuCtxSetCurrent)            \
  X(cuCtxEnablePeerAccess)      \
  X(cuMemAlloc)                 \
  X(cuMemFree)                  \
  X(cuMemHostAlloc)             \
  X(cuMemFreeHost)              \
  X(cuMemHostRegister)          \
  X(cuMemHostUnregister)        \
  X(cuMemsetD8Async)            \
  X(cuMemcpyHtoDAsync)          \
  X(cuMemcpyDtoHAsync)          \
  X(cuMemcpyDtoDAsync)          \
  X(cuMemcpyPeerAsync)          \
  X(cuMemcpy2DAsync)            \
  X(cuModuleLoadData)           \
  X(cuModuleGetFunction)        \
  X(cuModuleGetGlobal)          \
  X(cuLaunchKernel)             \
  X(cuStreamCreate)             \
  X(cuStreamSynchronize)        \
  X(cuStreamQuery)              \
  X(cuStreamBeginCapture)       \
  X(cuStreamEndCapture)         \
  X(cuGraphInstantiate)         \
  X(cuGraphDestroy)             \
  X(cuGraphLaunch)              \
  X(cuGraphExecDestroy)

struct Api {
#define RACKPROOF_CUDA_MEMBER(name) decltype(&::name) name = nullptr;
  RACKPROOF_CUDA_CALLS(RACKPROOF_CUDA_MEMBER)
#undef RACKPROOF_CUDA_MEMBER
};

/// Loads a driver by its file's name. An Error says what is missing of it.
[[nodiscard]] Expected<Api> load_api(const char* library);

/// This machine's driver, loaded once; an Error where there is none.
[[nodiscard]] const Expected<Api>& driver_api();

/// The same where a device of it is at hand already. Throws DeviceError when there is no driver.
[[nodiscard]] const Api& cu();

/// Throws DeviceError "cuMemAlloc(8 GiB) on cuda:0: CUDA_ERROR_OUT_OF_MEMORY: out of memory" unless
/// `status` is CUDA_SUCCESS. `what` follows the call in parentheses.
void check(CUresult status, std::string_view call, std::string_view device,
           std::string_view what = {});

}  // namespace rackproof::cuda
