// SPDX-License-Identifier: Apache-2.0
// OpenCL's entry points, taken from the ICD loader at run time: a machine without one still runs
// this program.
#pragma once

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS  // command queues as every OpenCL since 1.2 makes them
#include <CL/cl.h>
#include <CL/cl_ext.h>

#include "core/error.h"

namespace rackproof::opencl {

#define RACKPROOF_OPENCL_CALLS(X) \
  X(GetPlatformIDs)               \
  X(GetPlatformInfo)              \
  X(GetDeviceIDs)                 \
  X(GetDeviceInfo)                \
  X(CreateSubDevices)             \
  X(ReleaseDevice)                \
  X(CreateContext)                \
  X(ReleaseContext)               \
  X(CreateCommandQueue)           \
  X(CreateProgramWithSource)      \
  X(BuildProgram)                 \
  X(GetProgramBuildInfo)          \
  X(ReleaseProgram)               \
  X(CreateKernel)                 \
  X(SetKernelArg)                 \
  X(ReleaseKernel)                \
  X(CreateBuffer)                 \
  X(ReleaseMemObject)             \
  X(EnqueueNDRangeKernel)         \
  X(EnqueueReadBuffer)            \
  X(EnqueueReadBufferRect)        \
  X(EnqueueWriteBuffer)           \
  X(EnqueueCopyBuffer)            \
  X(EnqueueFillBuffer)            \
  X(EnqueueMapBuffer)             \
  X(EnqueueUnmapMemObject)        \
  X(Flush)                        \
  X(Finish)

struct Api {
#define RACKPROOF_OPENCL_MEMBER(name) decltype(&::cl##name) name = nullptr;
  RACKPROOF_OPENCL_CALLS(RACKPROOF_OPENCL_MEMBER)
#undef RACKPROOF_OPENCL_MEMBER
};

/// Loads a loader or a driver by its file's name. An Error says what is missing of it.
[[nodiscard]] Expected<Api> load_api(const char* library);

/// The system's ICD loader, loaded once; an Error when this machine has none.
[[nodiscard]] const Expected<Api>& loader();

/// The same where a device of it is at hand already. Throws DeviceError when there is no loader.
[[nodiscard]] const Api& cl();

}  // namespace rackproof::opencl
