// SPDX-License-Identifier: Apache-2.0
#include "backends/opencl/checked.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rackproof::opencl {
namespace {

struct Named {
  cl_int status;
  const char* name;
};

#define RACKPROOF_NAMED(status) \
  Named { status, #status }
constexpr std::array kNames{RACKPROOF_NAMED(CL_DEVICE_NOT_FOUND),
                            RACKPROOF_NAMED(CL_DEVICE_NOT_AVAILABLE),
                            RACKPROOF_NAMED(CL_COMPILER_NOT_AVAILABLE),
                            RACKPROOF_NAMED(CL_MEM_OBJECT_ALLOCATION_FAILURE),
                            RACKPROOF_NAMED(CL_OUT_OF_RESOURCES),
                            RACKPROOF_NAMED(CL_OUT_OF_HOST_MEMORY),
                            RACKPROOF_NAMED(CL_PROFILING_INFO_NOT_AVAILABLE),
                            RACKPROOF_NAMED(CL_MEM_COPY_OVERLAP),
                            RACKPROOF_NAMED(CL_BUILD_PROGRAM_FAILURE),
                            RACKPROOF_NAMED(CL_MAP_FAILURE),
                            RACKPROOF_NAMED(CL_MISALIGNED_SUB_BUFFER_OFFSET),
                            RACKPROOF_NAMED(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST),
                            RACKPROOF_NAMED(CL_DEVICE_PARTITION_FAILED),
                            RACKPROOF_NAMED(CL_INVALID_VALUE),
                            RACKPROOF_NAMED(CL_INVALID_DEVICE_TYPE),
                            RACKPROOF_NAMED(CL_INVALID_PLATFORM),
                            RACKPROOF_NAMED(CL_INVALID_DEVICE),
                            RACKPROOF_NAMED(CL_INVALID_CONTEXT),
                            RACKPROOF_NAMED(CL_INVALID_QUEUE_PROPERTIES),
                            RACKPROOF_NAMED(CL_INVALID_COMMAND_QUEUE),
                            RACKPROOF_NAMED(CL_INVALID_HOST_PTR),
                            RACKPROOF_NAMED(CL_INVALID_MEM_OBJECT),
                            RACKPROOF_NAMED(CL_INVALID_BINARY),
                            RACKPROOF_NAMED(CL_INVALID_BUILD_OPTIONS),
                            RACKPROOF_NAMED(CL_INVALID_PROGRAM),
                            RACKPROOF_NAMED(CL_INVALID_PROGRAM_EXECUTABLE),
                            RACKPROOF_NAMED(CL_INVALID_KERNEL_NAME),
                            RACKPROOF_NAMED(CL_INVALID_KERNEL_DEFINITION),
                            RACKPROOF_NAMED(CL_INVALID_KERNEL),
                            RACKPROOF_NAMED(CL_INVALID_ARG_INDEX),
                            RACKPROOF_NAMED(CL_INVALID_ARG_VALUE),
                            RACKPROOF_NAMED(CL_INVALID_ARG_SIZE),
                            RACKPROOF_NAMED(CL_INVALID_KERNEL_ARGS),
                            RACKPROOF_NAMED(CL_INVALID_WORK_DIMENSION),
                            RACKPROOF_NAMED(CL_INVALID_WORK_GROUP_SIZE),
                            RACKPROOF_NAMED(CL_INVALID_WORK_ITEM_SIZE),
                            RACKPROOF_NAMED(CL_INVALID_GLOBAL_OFFSET),
                            RACKPROOF_NAMED(CL_INVALID_EVENT_WAIT_LIST),
                            RACKPROOF_NAMED(CL_INVALID_OPERATION),
                            RACKPROOF_NAMED(CL_INVALID_BUFFER_SIZE),
                            RACKPROOF_NAMED(CL_INVALID_GLOBAL_WORK_SIZE),
                            RACKPROOF_NAMED(CL_INVALID_PROPERTY),
                            RACKPROOF_NAMED(CL_INVALID_DEVICE_PARTITION_COUNT),
                            RACKPROOF_NAMED(CL_PLATFORM_NOT_FOUND_KHR)};
#undef RACKPROOF_NAMED

}  // namespace

std::string error_name(cl_int status) {
  const auto found = std::find_if(kNames.begin(), kNames.end(),
                                  [&](const Named& named) { return named.status == status; });
  return found == kNames.end() ? fmt::format("error {}", status) : found->name;
}

void check(cl_int status, std::string_view call, std::string_view device, std::string_view what) {
  if (status == CL_SUCCESS) return;
  const std::string detail = what.empty() ? "" : fmt::format("({})", what);
  throw DeviceError(fmt::format("{}{} on {}: {}", call, detail, device, error_name(status)));
}

}  // namespace rackproof::opencl
