// SPDX-License-Identifier: Apache-2.0
// For tests: this machine's first OpenCL device, once as it is and once worked with as a GPU is,
// and goldens. One context of each serves the whole program: drivers compile kernels for seconds.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "backends/kernels/claims_for_test.h"
#include "backends/kernels/device.h"
#include "backends/kernels/memory.h"
#include "backends/opencl/driver.h"
#include "core/oracle.h"

namespace rackproof::opencl {

using namespace kernels;  // NOLINT(google-build-using-namespace): what is tested here

/// None where this machine has no OpenCL device.
inline cl_device_id first_device() {
  cl_platform_id platform = nullptr;
  cl_device_id device = nullptr;
  if (!loader() || cl().GetPlatformIDs(1, &platform, nullptr) != CL_SUCCESS) return nullptr;
  if (cl().GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, nullptr) != CL_SUCCESS)
    return nullptr;
  return device;
}

inline std::shared_ptr<Card> card_with(const Traits& traits, std::uint64_t allocatable_bytes) {
  DeviceInfo info;
  info.id = "opencl:test";
  info.allocatable_bytes = allocatable_bytes;
  info.cores = traits.compute_units;
  return std::make_shared<Card>(std::make_shared<ClDriver>(first_device(), traits, info.id), traits,
                                info);
}

constexpr std::uint64_t kAllocatable = 32 << 20;

enum class As { itself, gpu };

/// `gpu`: one queue, groups of many items, regions in buffers of 4 KiB.
inline KernelDevice& device_as(As as) {
  static const std::vector<std::unique_ptr<KernelDevice>> both = [] {
    Traits traits = traits_of(first_device());
    std::vector<std::unique_ptr<KernelDevice>> made;
    made.push_back(std::make_unique<KernelDevice>(card_with(traits, kAllocatable)));
    traits.cpu = traits.divisible = false;
    made.push_back(std::make_unique<KernelDevice>(card_with(traits, kAllocatable)));
    return made;
  }();
  return *both[static_cast<std::size_t>(as)];
}

/// Skips where there is no device.
class OnDevice : public testing::TestWithParam<As> {
 protected:
  void SetUp() override {
    if (first_device() == nullptr) GTEST_SKIP() << "no OpenCL device (pocl-opencl-icd is one)";
  }
  [[nodiscard]] static KernelDevice& device() { return device_as(GetParam()); }
};

inline std::string name_of(const testing::TestParamInfo<As>& info) {
  return info.param == As::gpu ? "LikeAGpu" : "AsItself";
}
#define RACKPROOF_ON_BOTH(suite) \
  INSTANTIATE_TEST_SUITE_P(OpenCl, suite, testing::Values(As::itself, As::gpu), name_of)

}  // namespace rackproof::opencl
