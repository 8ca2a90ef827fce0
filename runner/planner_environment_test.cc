// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "runner/planner_test_support.h"

namespace rackproof {
namespace {

using planner_test::host_cpu;
using testing::ElementsAre;

DeviceInfo gpu(const std::string& id) {
  DeviceInfo device;
  device.id = id;
  device.backend = "cuda";
  device.kind = "gpu";
  return device;
}

Rack two_gpus_and_cpus() {
  Rack rack;
  DeviceInfo second = host_cpu();
  second.id = "cpu:1";
  rack.devices = {host_cpu(), second, gpu("gpu:0"), gpu("gpu:1")};
  return rack;
}

std::vector<ConditionDemand> demands(std::vector<ProfileCondition> conditions,
                                     const std::vector<std::string>& taking_part) {
  Profile profile;
  profile.environment = std::move(conditions);
  return plan_environment(profile, two_gpus_and_cpus(), taking_part);
}

TEST(PlanEnvironment, AGpusConditionIsOfEachGpu) {
  const auto rows = demands({{"gpu.power_limit", "gpu", "700 W", true, "data sheet"}},
                            {"cpu:0", "gpu:0", "gpu:1"});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].part, "gpu:1");
  EXPECT_THAT(rows[1].devices, ElementsAre("gpu:1"));
  EXPECT_EQ(rows[1].wanted, "700 W");
  EXPECT_EQ(rows[1].source, "data sheet");
  EXPECT_TRUE(rows[1].steady);
}

TEST(PlanEnvironment, AHostsConditionIsOfAllItsDevicesOnce) {
  const auto rows = demands({{"host.swap", "cpu", "", false, ""}}, {"cpu:0", "cpu:1", "gpu:0"});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].part, "host");
  EXPECT_THAT(rows[0].devices, ElementsAre("cpu:0", "cpu:1"));
  EXPECT_FALSE(rows[0].required);
  EXPECT_FALSE(rows[0].steady);
}

TEST(PlanEnvironment, OnlyDevicesThatTakePartCount) {
  EXPECT_EQ(demands({{"gpu.ecc", "gpu"}}, {"cpu:0", "gpu:1"}).size(), 1u);
  EXPECT_TRUE(demands({{"gpu.ecc", "gpu"}}, {"cpu:0"}).empty());
}

TEST(PlanEnvironment, IsInThePlanAndItsFile) {
  Profile profile = planner_test::host_profile();
  profile.environment = {{"host.swap", "cpu"}};
  Rack rack;
  rack.devices = {host_cpu()};
  const auto plan = make_plan(profile, rack);
  ASSERT_TRUE(plan);
  const auto read = plan_from_json(to_json(*plan));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->environment.size(), 1u);
  EXPECT_EQ(read->environment[0].name, "host.swap");
}

}  // namespace
}  // namespace rackproof
