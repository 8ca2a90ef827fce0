// SPDX-License-Identifier: Apache-2.0
// A GPU's conditions all the way: the fake driver's library, a worker that asks it, the records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/folder_for_test.h"
#include "runner/environment.h"

namespace rackproof {
namespace {

using testing::HasSubstr;

constexpr const char* kConditions[] = {"gpu.processes",   "gpu.ecc",    "gpu.mig",
                                       "gpu.persistence", "gpu.clocks", "gpu.power_limit",
                                       "gpu.compute_mode"};

/// Workers that are started as long as this lives find the fake in the driver's place.
class FakeDriver {
 public:
  explicit FakeDriver(const std::string& script) {
    const std::filesystem::path library = RACKPROOF_FAKE_NVML_FILE;
    ::setenv("LD_LIBRARY_PATH", library.parent_path().c_str(), 1);
    ::setenv("RACKPROOF_FAKE_NVML", tree_.file("nvml.txt", script).c_str(), 1);
  }
  ~FakeDriver() {
    ::unsetenv("RACKPROOF_FAKE_NVML");
    ::unsetenv("LD_LIBRARY_PATH");
  }
  FakeDriver(const FakeDriver&) = delete;
  FakeDriver& operator=(const FakeDriver&) = delete;

 private:
  TestFolder tree_;
};

DeviceInfo gpu(const std::string& id, const std::string& bdf) {
  DeviceInfo device;
  device.id = id;
  device.backend = "cuda";
  device.kind = "gpu";
  device.bdf = bdf;
  return device;
}

// Of gpu:0 and gpu:1, all conditions of the one and then of the other.
std::vector<ConditionRecord> look(const std::string& script) {
  const FakeDriver driver(script);
  EnvironmentRequest request;
  request.rack.devices = {gpu("gpu:0", "0000:1b:00.0"), gpu("gpu:1", "0000:1c:00.0")};
  for (const DeviceInfo& device : request.rack.devices) {
    for (const char* name : kConditions) {
      ConditionDemand& demand = request.demands.emplace_back();
      demand.name = name;
      demand.part = device.id;
      demand.devices = {device.id};
    }
  }
  request.deadline_s = 3;
  return look_at_environment(request);
}

TEST(NvmlEnvironment, OfHealthyGpusIsGood) {
  for (const ConditionRecord& record : look("gpu 0000:1b:00.0\ngpu 0000:1c:00.0\n"))
    EXPECT_EQ(record.state, ConditionState::good) << describe(record);
}

TEST(NvmlEnvironment, ALoweredPowerLimitIsItsOwnGpusAlone) {
  for (const ConditionRecord& record :
       look("gpu 0000:1b:00.0\ngpu 0000:1c:00.0\npower.enforced_limit 500000\n")) {
    const bool lowered = record.part == "gpu:1" && record.name == "gpu.power_limit";
    EXPECT_EQ(record.state, lowered ? ConditionState::bad : ConditionState::good);
    if (lowered) {
      EXPECT_EQ(describe(record),
                "gpu:1 gpu.power_limit: 500 W, wanted at least 700 W; to do: nvidia-smi -i 1 -pl "
                "700");
    }
  }
}

TEST(NvmlEnvironment, AGpuThatStallsIsUnknownAndHoldsUpNoOther) {
  for (const ConditionRecord& record :
       look("gpu 0000:1b:00.0\necc.mode stall\ngpu 0000:1c:00.0\n")) {
    const bool stalls = record.part == "gpu:0";
    EXPECT_EQ(record.state, stalls ? ConditionState::unknown : ConditionState::good);
    EXPECT_THAT(record.detail, HasSubstr(stalls ? "no answer within 3 s" : ""));
  }
}

TEST(NvmlEnvironment, WithoutADriverAllIsUnknownWithTheReason) {
  for (const ConditionRecord& record : look("init DRIVER_NOT_LOADED\n")) {
    EXPECT_EQ(record.state, ConditionState::unknown);
    EXPECT_THAT(record.detail, HasSubstr("nvmlInit: Driver Not Loaded"));
  }
}

}  // namespace
}  // namespace rackproof
