// SPDX-License-Identifier: Apache-2.0
// The profiles that ship, planned on the hardware they are for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/planner_test_support.h"

namespace rackproof::planner_test {
namespace {

Profile shipped(const std::string& name) {
  auto profile =
      load_profile(std::string(RACKPROOF_SOURCE_DIR "/profiles/racks/") + name + ".yaml");
  EXPECT_TRUE(profile) << profile.error().front().text();
  return profile.value();
}

Rack demonstration_rack() {
  Rack rack = rack_of(4, 8);
  for (DeviceInfo& device : rack.devices) {
    for (const char* way : {"host_link.h2d", "host_link.d2h", "host_link.both"}) {
      device.ceilings[way] = 110e9;
      device.nominals[way] = 50e9;
    }
  }
  return rack;
}

// Every limit meets a step (those on sensors all of them), and every required row has a limit or
// siblings.
void expect_every_row_judgeable(const Plan& plan) {
  for (const PlannedCriterion& row : plan.criteria) {
    EXPECT_TRUE(!row.step.empty() || row.metric.starts_with("sensor ")) << row.id << row.reason;
    EXPECT_TRUE(row.limit || row.rule == Rule::peers) << row.id << ": " << row.reason;
  }
}

TEST(ShippedProfiles, SyntheticRackPlansItsRackWhole) {
  const Plan plan = make_plan(shipped("synthetic-rack"), demonstration_rack()).value();
  EXPECT_THAT(unmet(plan), testing::IsEmpty());
  EXPECT_EQ(plan.devices.size(), 32u);
  expect_every_row_judgeable(plan);
}

TEST(ShippedProfiles, GenericHostPlansEveryStageOfAHost) {
  Rack rack;
  rack.devices = {host_cpu()};
  for (const char* peak : {"gemm.int8", "gemm.fp32", "gemm.fp64", "memory", "host_link.h2d",
                           "host_link.d2h", "host_link.both"}) {
    rack.devices[0].ceilings[peak] = 1e13;
    rack.devices[0].nominals[peak] = 1e11;
  }
  const Profile profile = shipped("generic-host");
  for (const ProfileStage& stage : profile.stages) {
    const Plan plan = make_plan(profile, rack, {.stages = {stage.name}}).value();
    EXPECT_THAT(unmet(plan), testing::IsEmpty());
    expect_every_row_judgeable(plan);
  }
}

// GPUs below PCIe switches, as the CUDA back end and the host's inventory show them.
Rack nvidia_rack(int count, const std::string& name, const std::string& id, double memory_mib) {
  Rack rack;
  rack.devices = {host_cpu()};
  for (int i = 0; i < count; ++i) {
    DeviceInfo gpu = synthetic(0, i);
    gpu.id = fmt::format("cuda:{}", i);
    gpu.node.clear();
    gpu.kind = "gpu";
    gpu.name = name;
    gpu.bdf = fmt::format("0000:{:02x}:00.0", 0x1b + i);
    gpu.memory_bytes = gpu.allocatable_bytes = static_cast<std::uint64_t>(memory_mib * kMiB);
    gpu.ceilings = gpu.nominals = {};
    rack.devices.push_back(gpu);
    PciDevice pci{.bdf = gpu.bdf, .vendor_id = "10de", .device_id = id};
    pci.link = {.speed_gts = 32, .max_speed_gts = 32, .width = 16, .max_width = 16};
    rack.host.pci.push_back(pci);
  }
  return rack;
}

TEST(ShippedProfiles, OfNvidiaPlanEveryStage) {
  const std::pair<const char*, Rack> table[] = {
      {"nvidia-h200", nvidia_rack(1, "NVIDIA H200", "2335", 143771)},
      {"nvidia-h100", nvidia_rack(1, "NVIDIA H100 80GB HBM3", "2330", 81559)},
      {"nvidia-hgx-h200", nvidia_rack(8, "NVIDIA H200", "2335", 143771)}};
  for (const auto& [name, rack] : table) {
    const Profile profile = shipped(name);
    for (const ProfileStage& stage : profile.stages) {
      const Plan plan = make_plan(profile, rack, {.stages = {stage.name}}).value();
      EXPECT_THAT(unmet(plan), testing::IsEmpty()) << name;
      for (const PlannedCriterion& row : plan.criteria)
        EXPECT_TRUE(!row.required || row.limit || row.rule == Rule::peers) << row.id << row.reason;
    }
  }
}

TEST(ShippedProfiles, OfNvidiaRefuseAnotherPartAndANarrowLink) {
  const Rack nvl = nvidia_rack(1, "NVIDIA H200 NVL", "233b", 143771);
  EXPECT_THAT(unmet(make_plan(shipped("nvidia-h200"), nvl).value()),
              testing::ElementsAre("cuda:0 is 10de:233b, profile says 10de:2335"));
  Rack rack = nvidia_rack(8, "NVIDIA H200", "2335", 143771);
  rack.host.pci[5].link.width = 8;
  EXPECT_THAT(unmet(make_plan(shipped("nvidia-hgx-h200"), rack).value()),
              testing::ElementsAre("cuda:5 has a link of 32 GT/s x8, profile says 32 GT/s x16"));
}

TEST(ShippedProfiles, AreChosenByTheNumberAndNameOfGpus) {
  const std::vector<Profile> profiles{shipped("generic-host"), shipped("nvidia-h100"),
                                      shipped("nvidia-h200"), shipped("nvidia-hgx-h200")};
  const auto chosen = [&](int count, const char* name, const char* id, double mib) {
    return choose_profile(profiles, nvidia_rack(count, name, id, mib))->profile;
  };
  EXPECT_EQ(chosen(1, "NVIDIA H200", "2335", 143771), "nvidia-h200");
  EXPECT_EQ(chosen(8, "NVIDIA H200", "2335", 143771), "nvidia-hgx-h200");
  EXPECT_EQ(chosen(1, "NVIDIA H100 80GB HBM3", "2330", 81559), "nvidia-h100");
}

TEST(ShippedProfiles, AreChosenForTheirHardware) {
  const std::vector<Profile> profiles{shipped("generic-host"), shipped("synthetic-rack")};
  Rack rack = demonstration_rack();
  rack.devices.push_back(host_cpu());
  EXPECT_EQ(choose_profile(profiles, rack)->profile, "synthetic-rack");
  rack.devices = {host_cpu()};
  EXPECT_EQ(choose_profile(profiles, rack)->profile, "generic-host");
}

}  // namespace
}  // namespace rackproof::planner_test
