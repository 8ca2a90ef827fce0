// SPDX-License-Identifier: Apache-2.0
// The GPU's conditions, from facts as a driver would tell them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hardware/conditions/gpu_facts.h"

namespace rackproof {
namespace {

using testing::HasSubstr;

template <class T>
Fact<T> known(T value) {
  return {std::move(value), false, {}};
}

GpuFacts healthy() {
  GpuFacts facts;
  facts.index = "3";
  facts.processes = known(std::vector<GpuProcess>{});
  facts.ecc = known(GpuSwitch{true, true});
  facts.mig = known(GpuSwitch{false, false});
  facts.persistence = known(true);
  facts.power_limit_w = known(700.0);
  facts.default_power_limit_w = known(700.0);
  facts.most_power_limit_w = known(700.0);
  facts.clocks = facts.most_clocks = known(GpuClocks{1980, 3201});
  facts.clocks_held = known(false);
  facts.compute_mode = known(std::string("default"));
  facts.driver = known(std::string("580.65.06"));
  facts.cuda = known(std::string("13.0"));
  return facts;
}

ConditionRecord check(const std::string& name, const GpuFacts& facts,
                      const std::string& wanted = "") {
  return check_gpu(name, facts, {"/", {}, wanted});
}

void expect_bad(const ConditionRecord& record, const std::string& found,
                const std::string& remedy) {
  EXPECT_EQ(record.state, ConditionState::bad);
  EXPECT_EQ(record.found, found);
  EXPECT_EQ(record.remedy, remedy);
}

TEST(GpuConditions, AHealthyGpuMeetsAll) {
  const std::pair<const char*, const char*> all[] = {
      {"gpu.processes", ""},   {"gpu.ecc", ""},          {"gpu.mig", ""},
      {"gpu.persistence", ""}, {"gpu.power_limit", ""},  {"gpu.power_limit", "700 W"},
      {"gpu.clocks", ""},      {"gpu.compute_mode", ""}, {"gpu.driver", "580"},
      {"gpu.cuda", "13.0"}};
  for (const auto& [name, wanted] : all) {
    const auto record = check(name, healthy(), wanted);
    EXPECT_EQ(record.state, ConditionState::good) << name << " " << record.detail;
    EXPECT_FALSE(record.found.empty()) << name;
    EXPECT_TRUE(record.remedy.empty()) << name;
  }
}

TEST(GpuConditions, WhatWasNotReadIsUnknownOrUnsupportedButNeverGood) {
  GpuFacts facts;
  for (const char* name :
       {"gpu.processes", "gpu.ecc", "gpu.mig", "gpu.persistence", "gpu.power_limit", "gpu.clocks",
        "gpu.compute_mode", "gpu.driver", "gpu.cuda"}) {
    const auto record = check(name, facts, "1");
    EXPECT_EQ(record.state, ConditionState::unknown) << name;
    EXPECT_EQ(record.detail, "was not read") << name;
  }
  facts.ecc = {{}, true, "nvmlDeviceGetEccMode: Not Supported"};
  EXPECT_EQ(check("gpu.ecc", facts).state, ConditionState::unsupported);
}

TEST(GpuConditions, AnotherProcessIsNamed) {
  GpuFacts facts = healthy();
  facts.processes = known(std::vector<GpuProcess>{{4711, "python3", "compute"}, {9, "", "mps"}});
  expect_bad(check("gpu.processes", facts),
             "processes 4711 (python3, compute), 9 (name unknown, mps)",
             "end the job, or kill 4711 9");
}

TEST(GpuConditions, OfManyProcessesAFewAreNamed) {
  GpuFacts facts = healthy();
  facts.processes = known(std::vector<GpuProcess>(6, {1, "a", "compute"}));
  EXPECT_THAT(check("gpu.processes", facts).found, HasSubstr("and 2 more"));
}

TEST(GpuConditions, EccOffIsBadAlsoWhenItIsToComeBack) {
  GpuFacts facts = healthy();
  facts.ecc = known(GpuSwitch{false, false});
  expect_bad(check("gpu.ecc", facts), "ECC off",
             "nvidia-smi -i 3 -e 1, then nvidia-smi -i 3 -r, or reboot");
  facts.ecc = known(GpuSwitch{false, true});
  expect_bad(check("gpu.ecc", facts), "ECC off, on after the next reset",
             "nvidia-smi -i 3 -r, or reboot");
}

TEST(GpuConditions, MigOnIsBadAndNoMigGood) {
  GpuFacts facts = healthy();
  facts.mig = known(GpuSwitch{true, true});
  expect_bad(check("gpu.mig", facts), "MIG on",
             "nvidia-smi -i 3 -mig 0, then nvidia-smi -i 3 -r, or reboot");
  facts.mig = {{}, true, "Not Supported"};
  EXPECT_EQ(check("gpu.mig", facts).state, ConditionState::good);
}

TEST(GpuConditions, PersistenceOffIsBad) {
  GpuFacts facts = healthy();
  facts.persistence = known(false);
  expect_bad(check("gpu.persistence", facts), "persistence off",
             "nvidia-smi -i 3 -pm 1, or start nvidia-persistenced");
}

TEST(GpuConditions, APowerLimitBelowTheProfilesIsBad) {
  GpuFacts facts = healthy();
  facts.power_limit_w = known(500.0);
  const auto record = check("gpu.power_limit", facts, "700 W");
  expect_bad(record, "500 W", "nvidia-smi -i 3 -pl 700");
  EXPECT_EQ(record.wanted, "at least 700 W");
  EXPECT_EQ(check("gpu.power_limit", facts, "500 W").state, ConditionState::good);
  EXPECT_EQ(check("gpu.power_limit", facts).state, ConditionState::bad);  // its default is 700 W
}

TEST(GpuConditions, APowerLimitThatCannotBeSetIsNoSettingToCorrect) {
  const auto record = check("gpu.power_limit", healthy(), "1000 W");
  EXPECT_EQ(record.state, ConditionState::bad);
  EXPECT_EQ(record.detail, "no more than 700 W can be set");
  EXPECT_THAT(record.remedy, HasSubstr("another profile"));
}

TEST(GpuConditions, LoweredApplicationClocksAreBad) {
  GpuFacts facts = healthy();
  facts.clocks = known(GpuClocks{1200, 3201});
  expect_bad(check("gpu.clocks", facts),
             "application clocks 1200 of 1980 MHz, memory 3201 of 3201 MHz",
             "nvidia-smi -i 3 -rgc; nvidia-smi -i 3 -rmc; nvidia-smi -i 3 -ac 3201,1980");
}

TEST(GpuConditions, ClocksThatTheDriverCallsHeldAreBad) {
  GpuFacts facts = healthy();
  facts.clocks_held = known(true);
  EXPECT_EQ(check("gpu.clocks", facts).state, ConditionState::bad);
  facts.clocks = {{}, true, "Not Supported"};  // drivers without application clocks
  EXPECT_EQ(check("gpu.clocks", facts).state, ConditionState::bad);
  facts.clocks_held = known(false);
  EXPECT_EQ(check("gpu.clocks", facts).state, ConditionState::good);
}

TEST(GpuConditions, AnExclusiveComputeModeIsBad) {
  GpuFacts facts = healthy();
  facts.compute_mode = known(std::string("exclusive process"));
  expect_bad(check("gpu.compute_mode", facts), "compute mode exclusive process",
             "nvidia-smi -i 3 -c 0");
}

TEST(GpuConditions, AnOlderDriverIsBadAndOneWithoutAVersionUnknown) {
  GpuFacts facts = healthy();
  expect_bad(check("gpu.driver", facts, "580.95"), "driver 580.65.06",
             "install a newer driver, then reboot");
  facts.driver = known(std::string("unknown"));
  EXPECT_EQ(check("gpu.driver", facts, "580").state, ConditionState::unknown);
}

TEST(GpuConditions, ADriverForAnOlderCudaIsBad) {
  GpuFacts facts = healthy();
  facts.cuda = known(std::string("12.8"));
  EXPECT_EQ(check("gpu.cuda", facts, "13.0").state, ConditionState::bad);
}

}  // namespace
}  // namespace rackproof
