// SPDX-License-Identifier: Apache-2.0
// For tests: this machine's first OpenCL device, once as it is and once worked with as a GPU is,
// and goldens. One context of each serves the whole program: drivers compile kernels for seconds.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

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

inline std::unique_ptr<Prepared> ready(Device& device, const Workload& workload) {
  auto preparation = device.prepare(workload);
  if (const auto* no = std::get_if<Unsupported>(&preparation)) throw DeviceError(no->reason);
  return std::get<std::unique_ptr<Prepared>>(std::move(preparation));
}

inline std::string refusal(Device& device, const Workload& workload) {
  const auto preparation = device.prepare(workload);
  const auto* no = std::get_if<Unsupported>(&preparation);
  return no == nullptr ? "" : no->reason;
}

inline std::optional<std::uint64_t> golden_of(const Workload& workload, const RunFor& how) {
  return golden({describe(workload), how.pattern, how.address_bit, how.half}).value();
}

/// A clean burst: nothing found, and the digest of a faultless device.
inline void expect_clean(const Burst& burst, const Workload& workload, const RunFor& how) {
  EXPECT_EQ(burst.miscompares, 0U) << describe(workload);
  EXPECT_EQ(burst.digest, golden_of(workload, how)) << describe(workload);
  EXPECT_LE(burst.start, burst.end);
}

/// Every activation was found at its element, with its bits, and nothing else was.
inline void expect_found(const Burst& burst, const ArmedFault& armed, const std::string& what) {
  const auto flips = armed.activations();
  EXPECT_EQ(burst.miscompares, flips.size()) << what;
  for (const Activation& flip : flips) {
    EXPECT_THAT(burst.samples, testing::Contains(testing::Truly([&](const Miscompare& m) {
                  return m.element == flip.element && m.got == flip.after &&
                         m.expected == flip.before;
                })))
        << what << " element " << flip.element;
  }
}

inline constexpr FaultKind kKinds[] = {FaultKind::flip,    FaultKind::zero, FaultKind::nan,
                                       FaultKind::inf,     FaultKind::swap, FaultKind::lanes,
                                       FaultKind::scramble};

inline std::string name_of(const testing::TestParamInfo<As>& info) {
  return info.param == As::gpu ? "LikeAGpu" : "AsItself";
}
#define RACKPROOF_ON_BOTH(suite) \
  INSTANTIATE_TEST_SUITE_P(OpenCl, suite, testing::Values(As::itself, As::gpu), name_of)

}  // namespace rackproof::opencl
