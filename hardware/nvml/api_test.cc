// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/api.h"

#include <gmock/gmock.h>

#include "hardware/nvml/fake_for_test.h"

namespace rackproof::nvml {
namespace {

using testing::HasSubstr;

TEST(NvmlApi, SaysThatThereIsNoDriver) {
  const auto api = load_api("libno-such-nvml.so.1");
  ASSERT_FALSE(api);
  EXPECT_THAT(api.error().message, HasSubstr("no NVML, which comes with NVIDIA's driver: "));
  EXPECT_THAT(api.error().message, HasSubstr("libno-such-nvml.so.1"));
}

TEST(NvmlApi, RefusesALibraryThatIsNone) {
  const auto api = load_api("libm.so.6");
  ASSERT_FALSE(api);
  EXPECT_EQ(api.error().message, "libm.so.6 lacks nvmlInit_v2");
}

TEST(NvmlApi, LeavesNullWhatTheLibraryLacks) {
  const auto api = load_api(FakeDriver::library());
  ASSERT_TRUE(api);
  EXPECT_NE(api->DeviceGetPowerUsage, nullptr);
  nvmlReturn_t (*const lacking)(nvmlDevice_t) = nullptr;
  const nvmlReturn_t code = Session::call(lacking, nvmlDevice_t{});
  EXPECT_TRUE(is_unsupported(code));
  EXPECT_EQ(error_text(*api, "nvmlNew", code),
            "nvmlNew: not in this version of the driver's library");
}

TEST(NvmlApi, OpensASessionAndAsks) {
  const FakeDriver driver("driver 580.82.07\ngpu 0000:1b:00.0\n");
  const auto session = Session::open(FakeDriver::library());
  ASSERT_TRUE(session) << session.error().message;
  char version[80] = {};
  EXPECT_EQ(Session::call(session->api().SystemGetDriverVersion, version, 80u), NVML_SUCCESS);
  EXPECT_STREQ(version, "580.82.07");
}

TEST(NvmlApi, SaysWhyNvmlCannotBeUsed) {
  const FakeDriver driver("init LIB_RM_VERSION_MISMATCH\n");
  const auto session = Session::open(FakeDriver::library());
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().message, "nvmlInit: Driver/library version mismatch");
}

}  // namespace
}  // namespace rackproof::nvml
