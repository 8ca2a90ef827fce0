// SPDX-License-Identifier: Apache-2.0
// What an OpenCL device says of itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "backends/kernels/traits.h"
#include "backends/opencl/api.h"

namespace rackproof::opencl {

/// Text of a device, "" where it has none.
[[nodiscard]] std::string text_of(cl_device_id device, cl_device_info what);

/// A number or a struct of a device; none where it does not know the question.
template <class T>
[[nodiscard]] std::optional<T> value_of(cl_device_id device, cl_device_info what) {
  T value{};
  const cl_int status = cl().GetDeviceInfo(device, what, sizeof value, &value, nullptr);
  return status == CL_SUCCESS ? std::optional(value) : std::nullopt;
}

/// "0000:1b:00.0", by the PCI extension of Khronos or those of NVIDIA and AMD; "" where none says.
[[nodiscard]] std::string bdf_of(cl_device_id device);
/// 8-4-4-4-12 hex digits, by cl_khr_device_uuid; "" without.
[[nodiscard]] std::string uuid_of(cl_device_id device);
/// The product's name: AMD's board name where there is one.
[[nodiscard]] std::string product_of(cl_device_id device);

[[nodiscard]] kernels::Traits traits_of(cl_device_id device);

}  // namespace rackproof::opencl
