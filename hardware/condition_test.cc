// SPDX-License-Identifier: Apache-2.0
#include "hardware/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Conditions, AllHaveRegistered) {
  std::vector<std::string_view> names;
  for (const ConditionInfo& info : conditions()) names.push_back(info.name);
  EXPECT_THAT(names, ElementsAre("gpu.clocks", "gpu.compute_mode", "gpu.cuda", "gpu.driver",
                                 "gpu.ecc", "gpu.mig", "gpu.mps", "gpu.persistence",
                                 "gpu.power_limit", "gpu.processes", "host.cpu_clocks",
                                 "host.cpu_governor", "host.idle", "host.swap"));
}

TEST(Conditions, TakeTheirOwnKindOfValueOnly) {
  const auto refused = [](const char* name, const char* value) {
    const auto text = canonical(*find_condition(name), value);
    return text ? "taken: " + *text : text.error().message;
  };
  EXPECT_THAT(refused("gpu.ecc", "1"), HasSubstr("gpu.ecc takes no value"));
  EXPECT_THAT(refused("gpu.power_limit", "700 MB"), HasSubstr("700"));
  EXPECT_THAT(refused("gpu.power_limit", "-1 W"), HasSubstr("below zero"));
  EXPECT_THAT(refused("gpu.driver", "new"), HasSubstr("is no version"));
  EXPECT_EQ(refused("gpu.power_limit", "0.7 kW"), "taken: 700 W");
  EXPECT_EQ(refused("gpu.driver", "580.65.06"), "taken: 580.65.06");
}

TEST(Conditions, OneThatThisBuildDoesNotKnowIsUnknown) {
  const auto record = look_at("gpu.colour", {});
  EXPECT_EQ(record.state, ConditionState::unknown);
  EXPECT_EQ(record.name, "gpu.colour");
  EXPECT_THAT(record.detail, HasSubstr("knows no condition"));
}

TEST(Conditions, AGpuThatNobodyCanAskIsUnknownWithTheReason) {
  ConditionPlace place;
  place.device.id = "gpu:0";  // neither an address nor a UUID, and no driver here
  const auto record = look_at("gpu.ecc", place);
  EXPECT_EQ(record.state, ConditionState::unknown);
  EXPECT_TRUE(record.found.empty());
  EXPECT_FALSE(record.detail.empty());
}

TEST(Conditions, AreDescribedInOneLine) {
  ConditionRecord record = decided(false, "500 W", "at least 700 W", "nvidia-smi -i 0 -pl 700");
  record.name = "gpu.power_limit";
  record.part = "gpu:0";
  EXPECT_EQ(describe(record),
            "gpu:0 gpu.power_limit: 500 W, wanted at least 700 W; to do: nvidia-smi -i 0 -pl 700");
  record = not_known("no answer within 30 s");
  record.name = "gpu.ecc";
  record.part = "gpu:1";
  EXPECT_EQ(describe(record), "gpu:1 gpu.ecc: unknown: no answer within 30 s");
}

}  // namespace
}  // namespace rackproof
