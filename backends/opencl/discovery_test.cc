// SPDX-License-Identifier: Apache-2.0
// What discovery makes of drivers that fail, each in a process of its own: a loader looks for
// drivers once.
#include "backends/opencl/discovery.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "backends/opencl/api.h"

namespace rackproof::opencl {
namespace {

// Prints what is found, or the error, and ends the process.
[[noreturn]] void discover_with(const char* driver, const char* misbehaviour) {
  setenv("OCL_ICD_VENDORS", driver, 1);
  setenv("RACKPROOF_FAKE_ICD", misbehaviour, 1);
  try {
    const auto found = discover("all");
    std::fprintf(stderr, "%zu devices", found ? found->size() : 99);
  } catch (const DeviceError& problem) {
    std::fputs(problem.what(), stderr);
  }
  std::_Exit(0);
}

bool has_pocl() { return std::filesystem::exists("/etc/OpenCL/vendors/pocl.icd"); }

class OpenClDiscoveryDeathTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!loader()) GTEST_SKIP() << loader().error().message;
    testing::FLAGS_gtest_death_test_style = "threadsafe";
  }
};

TEST_F(OpenClDiscoveryDeathTest, NoDriverIsNoDeviceAndNoError) {
  EXPECT_EXIT(discover_with("/proc/nope", ""), testing::ExitedWithCode(0), "^0 devices");
}

TEST_F(OpenClDiscoveryDeathTest, APlatformWithoutDevicesIsNoError) {
  EXPECT_EXIT(discover_with(RACKPROOF_FAKE_ICD_FILE, ""), testing::ExitedWithCode(0), "^0 devices");
}

TEST_F(OpenClDiscoveryDeathTest, AFailingPlatformIsNamed) {
  EXPECT_EXIT(discover_with(RACKPROOF_FAKE_ICD_FILE, "fail_in_devices"), testing::ExitedWithCode(0),
              "^clGetDeviceIDs on platform 'a platform of tests': CL_OUT_OF_HOST_MEMORY");
}

TEST_F(OpenClDiscoveryDeathTest, ACacheThatPoclCannotWriteIsNamed) {
  if (!has_pocl()) GTEST_SKIP() << "PoCL is not installed";
  setenv("POCL_CACHE_DIR", "/proc/nope", 1);
  EXPECT_EXIT(discover_with("pocl.icd", ""), testing::ExitedWithCode(0),
              "^PoCL has no device, .*: set POCL_CACHE_DIR to a folder that this user may write");
  unsetenv("POCL_CACHE_DIR");
}

}  // namespace
}  // namespace rackproof::opencl
