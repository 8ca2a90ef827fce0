// SPDX-License-Identifier: Apache-2.0
// A driver that misbehaves as RACKPROOF_FAKE_ICD says: what discovery must survive. Loaded by the
// ICD loader in tests (cl_khr_icd), never linked.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl_icd.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

struct _cl_platform_id {
  cl_icd_dispatch* dispatch;
};

namespace {

bool asked_to(const char* what) {
  const char* asked = std::getenv("RACKPROOF_FAKE_ICD");
  return asked != nullptr && std::strcmp(asked, what) == 0;
}

void misbehave(const std::string& where) {
  if (asked_to(("crash_in_" + where).c_str())) raise(SIGSEGV);
  while (asked_to(("hang_in_" + where).c_str())) sleep(1);
}

cl_int CL_API_CALL platform_info(cl_platform_id, cl_platform_info what, size_t size, void* value,
                                 size_t* needed) {
  const char* text = "a platform of tests";
  if (what == CL_PLATFORM_EXTENSIONS) text = "cl_khr_icd";
  if (what == CL_PLATFORM_ICD_SUFFIX_KHR) text = "FAKE";
  if (what == CL_PLATFORM_VERSION) text = "OpenCL 1.2 fake";
  const size_t length = std::strlen(text) + 1;
  if (needed != nullptr) *needed = length;
  if (value != nullptr && size < length) return CL_INVALID_VALUE;
  if (value != nullptr) std::memcpy(value, text, length);
  return CL_SUCCESS;
}

cl_int CL_API_CALL device_ids(cl_platform_id, cl_device_type, cl_uint, cl_device_id*,
                              cl_uint* count) {
  misbehave("devices");
  if (asked_to("fail_in_devices")) return CL_OUT_OF_HOST_MEMORY;
  if (count != nullptr) *count = 0;
  return CL_DEVICE_NOT_FOUND;
}

cl_icd_dispatch make_dispatch() {
  cl_icd_dispatch dispatch{};
  dispatch.clGetPlatformInfo = platform_info;
  dispatch.clGetDeviceIDs = device_ids;
  return dispatch;
}
cl_icd_dispatch the_dispatch = make_dispatch();
_cl_platform_id the_platform{&the_dispatch};

}  // namespace

extern "C" {

cl_int CL_API_CALL clGetPlatformInfo(cl_platform_id platform, cl_platform_info what, size_t size,
                                     void* value, size_t* needed) {
  return platform_info(platform, what, size, value, needed);
}

cl_int CL_API_CALL clIcdGetPlatformIDsKHR(cl_uint room, cl_platform_id* platforms, cl_uint* count) {
  misbehave("platforms");
  if (count != nullptr) *count = 1;
  if (platforms != nullptr && room > 0) *platforms = &the_platform;
  return CL_SUCCESS;
}

void* CL_API_CALL clGetExtensionFunctionAddress(const char* name) {
  if (std::strcmp(name, "clIcdGetPlatformIDsKHR") == 0)
    return reinterpret_cast<void*>(&clIcdGetPlatformIDsKHR);
  return nullptr;
}

}  // extern "C"
