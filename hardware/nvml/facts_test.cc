// SPDX-License-Identifier: Apache-2.0
// The conditions of a GPU from the driver's library to what is said of them.
#include "hardware/nvml/facts.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "hardware/nvml/fake_for_test.h"

namespace rackproof::nvml {
namespace {

using testing::HasSubstr;

constexpr const char* kSecond = "0000:1c:00.0";

DeviceInfo at(const std::string& bdf) {
  DeviceInfo device;
  device.id = "gpu:1";
  device.bdf = bdf;
  return device;
}

// Two GPUs, the second with these lines.
Expected<GpuFacts> facts(const std::string& lines, const std::string& head = "") {
  const FakeDriver driver(head + "gpu 0000:1b:00.0\ngpu " + kSecond + "\n" + lines);
  return read_facts(at(kSecond), FakeDriver::library());
}

ConditionRecord check(const std::string& name, const std::string& lines,
                      const std::string& wanted = "", const std::string& head = "") {
  const auto found = facts(lines, head);
  if (!found) return not_known(found.error().message);
  return check_gpu(name, *found, {"/", at(kSecond), wanted});
}

TEST(NvmlFacts, AHealthyGpuMeetsAllConditions) {
  const std::pair<const char*, const char*> all[] = {
      {"gpu.processes", ""},    {"gpu.ecc", ""},         {"gpu.mig", ""},
      {"gpu.persistence", ""},  {"gpu.power_limit", ""}, {"gpu.clocks", ""},
      {"gpu.compute_mode", ""}, {"gpu.driver", "580"},   {"gpu.cuda", "12.0"}};
  for (const auto& [name, wanted] : all)
    EXPECT_EQ(describe(check(name, "", wanted)).find("to do"), std::string::npos) << name;
  for (const auto& [name, wanted] : all)
    EXPECT_EQ(check(name, "", wanted).state, ConditionState::good) << name;
}

struct Setting {
  const char *condition, *line, *found, *remedy;
};
void PrintTo(const Setting& setting, std::ostream* out) { *out << setting.line; }

class NvmlSetting : public testing::TestWithParam<Setting> {};

TEST_P(NvmlSetting, IsFoundOnItsOwnGpuWithItsRemedy) {
  const Setting& setting = GetParam();
  const auto record = check(setting.condition, setting.line);
  EXPECT_EQ(record.state, ConditionState::bad) << record.detail;
  EXPECT_THAT(record.found, HasSubstr(setting.found));
  EXPECT_THAT(record.remedy, HasSubstr(setting.remedy));
}

INSTANTIATE_TEST_SUITE_P(
    Bad, NvmlSetting,
    testing::Values(
        Setting{"gpu.ecc", "ecc.mode 0\necc.pending 0\n", "ECC off", "nvidia-smi -i 1 -e 1"},
        Setting{"gpu.ecc", "ecc.mode 0\n", "on after the next reset", "nvidia-smi -i 1 -r"},
        Setting{"gpu.mig", "mig 1\nmig.pending 1\n", "MIG on", "nvidia-smi -i 1 -mig 0"},
        Setting{"gpu.persistence", "persistence 0\n", "persistence off", "nvidia-smi -i 1 -pm 1"},
        Setting{"gpu.power_limit", "power.enforced_limit 500000\n", "500 W",
                "nvidia-smi -i 1 -pl 700"},
        Setting{"gpu.clocks", "clock.application.graphics 1200\n", "1200 of 1980 MHz",
                "-ac 3201,1980"},
        Setting{"gpu.clocks", "reasons 0x2\n", "a setting holds", "nvidia-smi -i 1 -rgc"},
        Setting{"gpu.compute_mode", "compute_mode 3\n", "exclusive process",
                "nvidia-smi -i 1 -c 0"},
        Setting{"gpu.processes", "process compute 4194303 1024 python3\n", "4194303 (",
                "kill 4194303"},
        Setting{"gpu.processes", "process mps 4194303 1024 client\n", "mps", "kill 4194303"}));

TEST(NvmlFacts, OurOwnProcessesAreNobodyElse) {
  const std::string own = "process compute " + std::to_string(::getpid()) + " 1 us\n" +
                          "process compute " + std::to_string(::getppid()) + " 1 supervisor\n";
  EXPECT_EQ(check("gpu.processes", own).state, ConditionState::good);
}

TEST(NvmlFacts, AnOlderDriverIsBad) {
  EXPECT_EQ(check("gpu.driver", "", "580.95", "driver 580.65.06\n").state, ConditionState::bad);
}

TEST(NvmlFacts, WhatTheCardDoesNotOfferIsUnsupported) {
  const auto record = check("gpu.ecc", "ecc.mode NOT_SUPPORTED\n");
  EXPECT_EQ(record.state, ConditionState::unsupported);
  EXPECT_EQ(record.detail, "nvmlDeviceGetEccMode: Not Supported");
}

TEST(NvmlFacts, WhatCannotBeReadIsUnknown) {
  const auto record = check("gpu.persistence", "persistence NO_PERMISSION\n");
  EXPECT_EQ(record.state, ConditionState::unknown);
  EXPECT_EQ(record.detail, "nvmlDeviceGetPersistenceMode: Insufficient Permissions");
}

TEST(NvmlFacts, WithoutApplicationClocksTheDriversWordIsLeft) {
  EXPECT_EQ(check("gpu.clocks", "clock.application.graphics NOT_SUPPORTED\n").state,
            ConditionState::good);
}

TEST(NvmlFacts, AGpuThatNvmlDoesNotKnowIsNoneOfItsOthers) {
  const FakeDriver driver("gpu 0000:1b:00.0\n");
  const auto found = read_facts(at(kSecond), FakeDriver::library());
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("NVML has no GPU 0000:1c:00.0 among its 1"));
}

TEST(NvmlFacts, ALostGpuDoesNotHideTheOthers) {
  const FakeDriver driver(std::string("gpu 0000:1b:00.0\nhandle GPU_IS_LOST\ngpu ") + kSecond +
                          "\n");
  EXPECT_TRUE(read_facts(at(kSecond), FakeDriver::library()));
  const auto lost = read_facts(at("0000:1b:00.0"), FakeDriver::library());
  ASSERT_FALSE(lost);
  EXPECT_THAT(lost.error().message, HasSubstr("GPU 0: nvmlDeviceGetHandleByIndex: GPU is lost"));
}

TEST(NvmlFacts, ADeviceWithoutAnAddressIsFoundByItsUuid) {
  const FakeDriver driver("gpu 0000:1b:00.0\nuuid GPU-5A8f0000-0000-0000-0000-00000000000a\n");
  DeviceInfo device;
  device.uuid = "5a8f000000000000000000000000000a";  // as other APIs write it
  const auto found = read_facts(device, FakeDriver::library());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->index, "0");
}

TEST(NvmlFacts, ADriverOfAnotherVersionThanItsLibraryIsBadAndLeavesTheRestUnknown) {
  const std::string head = "init LIB_RM_VERSION_MISMATCH\n";
  const auto driver = check("gpu.driver", "", "580", head);
  EXPECT_EQ(driver.state, ConditionState::bad);
  EXPECT_EQ(driver.found, "nvmlInit: Driver/library version mismatch");
  EXPECT_THAT(driver.remedy, HasSubstr("reboot"));
  const auto ecc = check("gpu.ecc", "", "", head);
  EXPECT_EQ(ecc.state, ConditionState::unknown);
  EXPECT_EQ(ecc.detail, "nvmlInit: Driver/library version mismatch");
}

}  // namespace
}  // namespace rackproof::nvml
