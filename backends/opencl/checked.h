// SPDX-License-Identifier: Apache-2.0
// The one checker of all OpenCL calls, and owners of what they make.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "backends/opencl/api.h"

namespace rackproof::opencl {

/// "CL_OUT_OF_RESOURCES"; "error -9999" for a number that no specification names.
[[nodiscard]] std::string error_name(cl_int status);

/// Throws DeviceError "clFinish on opencl:0.0: CL_OUT_OF_RESOURCES" unless `status` is CL_SUCCESS.
/// `what` follows the call in parentheses: a kernel, a size.
void check(cl_int status, std::string_view call, std::string_view device,
           std::string_view what = {});

/// Owns one reference to an OpenCL object.
template <class T, auto Api::*kRelease>
class Owner {
 public:
  Owner() = default;
  explicit Owner(T object) : object_(object) {}
  Owner(Owner&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Owner& operator=(Owner&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  ~Owner() {
    if (object_ != nullptr) (cl().*kRelease)(object_);
  }
  [[nodiscard]] T get() const { return object_; }
  /// The caller's from now on.
  [[nodiscard]] T release() { return std::exchange(object_, nullptr); }

 private:
  T object_ = nullptr;
};

using SubDevice = Owner<cl_device_id, &Api::ReleaseDevice>;
using ContextOwner = Owner<cl_context, &Api::ReleaseContext>;
using Program = Owner<cl_program, &Api::ReleaseProgram>;
using KernelOwner = Owner<cl_kernel, &Api::ReleaseKernel>;
using MemoryOwner = Owner<cl_mem, &Api::ReleaseMemObject>;

}  // namespace rackproof::opencl
