// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/planner_test_support.h"

namespace rackproof::planner_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> unmet(const Profile& profile, const Rack& rack) {
  Plan plan;
  plan.inventory = check_inventory(profile, rack);
  return planner_test::unmet(plan);
}

TEST(Inventory, IsMetByAWholeRack) {
  EXPECT_THAT(unmet(synthetic_profile(4, 8), rack_of(4, 8)), IsEmpty());
}

TEST(Inventory, NamesTheDeviceThatIsMissing) {
  Rack rack = rack_of(4, 8);
  remove(rack, "n3-d7");
  EXPECT_THAT(unmet(synthetic_profile(4, 8), rack),
              ElementsAre("n3: 7 of 8 devices of kind synthetic; missing n3-d7"));
}

TEST(Inventory, KnowsFromOtherNodesThatNumbersStartAtZero) {
  Rack rack = rack_of(4, 8);
  remove(rack, "n2-d0");
  EXPECT_THAT(unmet(synthetic_profile(4, 8), rack),
              ElementsAre("n2: 7 of 8 devices of kind synthetic; missing n2-d0"));
}

TEST(Inventory, NamesTheNodeThatIsMissing) {
  EXPECT_THAT(unmet(synthetic_profile(4, 8), rack_of(3, 8)),
              ElementsAre("3 of 4 nodes; missing n3"));
}

TEST(Inventory, DoesNotPassARackWithNoDevicesAtAll) {
  EXPECT_THAT(unmet(synthetic_profile(4, 8), Rack{}),
              ElementsAre("0 of 4 nodes", "0 of 8 devices of kind synthetic"));
}

TEST(Inventory, NamesExtraDevicesAndNodes) {
  EXPECT_THAT(
      unmet(synthetic_profile(1, 2), rack_of(2, 3)),
      ElementsAre("2 of 1 nodes; extra n1", "n0: 3 of 2 devices of kind synthetic; extra n0-d2",
                  "n1: 3 of 2 devices of kind synthetic; extra n1-d2"));
}

TEST(Inventory, CallsAClaimOfTwiceTheMemoryALie) {
  Profile profile = synthetic_profile(1, 4);
  profile.accelerators[0].memory_bytes = 256 * kMiB;
  Rack rack = rack_of(1, 4);
  device(rack, "n0-d1").memory_bytes = 512u << 20;
  device(rack, "n0-d2").memory_bytes = 0;
  EXPECT_THAT(unmet(profile, rack), ElementsAre("n0-d1 claims 512 MiB, profile says 256 MiB; "
                                                "n0-d2 does not say how much memory it has"));
}

TEST(Inventory, AllowsFivePercentOfMemoryAndNoMore) {
  Profile profile = synthetic_profile(1, 1);
  profile.accelerators[0].memory_bytes = 100 * kMiB;
  Rack rack = rack_of(1, 1);
  rack.devices[0].memory_bytes = 95u << 20;
  EXPECT_THAT(unmet(profile, rack), IsEmpty());
  rack.devices[0].memory_bytes = 94u << 20;
  EXPECT_THAT(unmet(profile, rack), ElementsAre("n0-d0 claims 94 MiB, profile says 100 MiB"));
}

TEST(Inventory, ComparesNames) {
  Profile profile = synthetic_profile(1, 2);
  profile.accelerators[0].name = "accelerator";
  Rack rack = rack_of(1, 2);
  EXPECT_THAT(unmet(profile, rack), IsEmpty());
  device(rack, "n0-d1").name = "toaster";
  EXPECT_THAT(unmet(profile, rack),
              ElementsAre("n0-d1 is a 'toaster', profile says 'accelerator'"));
}

TEST(Inventory, ComparesPciIdsWithTheHostsInventory) {
  Profile profile = host_profile();
  profile.accelerators = {{.kind = "gpu", .count = 2, .pci = "10de:2335"}};
  Rack rack;
  rack.devices = {host_cpu(), host_cpu()};
  rack.devices[0].id = "gpu:0";
  rack.devices[1].id = "gpu:1";
  for (DeviceInfo& each : rack.devices) each.kind = "gpu";
  rack.devices[0].bdf = "0000:1b:00.0";
  rack.host.pci = {{.bdf = "0000:1b:00.0", .vendor_id = "10de", .device_id = "2336"}};
  EXPECT_THAT(unmet(profile, rack), ElementsAre("gpu:0 is 10de:2336, profile says 10de:2335; "
                                                "gpu:1 has no PCI address"));
}

// One GPU with this link to the host, and a profile that wants generation 5 x16.
std::vector<std::string> unmet_with_link(const PciLink& link) {
  Profile profile = host_profile();
  profile.accelerators = {{.kind = "gpu", .count = 1, .pcie_generation = 5, .pcie_width = 16}};
  Rack rack;
  rack.devices = {host_cpu()};
  rack.devices[0].id = "gpu:0";
  rack.devices[0].kind = "gpu";
  rack.devices[0].bdf = "0000:1b:00.0";
  rack.host.pci = {{.bdf = "0000:1b:00.0", .link = link}};
  return unmet(profile, rack);
}

TEST(Inventory, TakesALinkThatOnlySlowedDownWhenIdle) {
  EXPECT_THAT(
      unmet_with_link({.speed_gts = 2.5, .max_speed_gts = 32, .width = 16, .max_width = 16}),
      IsEmpty());
}

TEST(Inventory, NamesALinkThatIsTooNarrowOrTooSlow) {
  EXPECT_THAT(unmet_with_link({.speed_gts = 32, .max_speed_gts = 32, .width = 8, .max_width = 16}),
              ElementsAre("gpu:0 has a link of 32 GT/s x8, profile says 32 GT/s x16"));
  EXPECT_THAT(unmet_with_link({.speed_gts = 16, .max_speed_gts = 16, .width = 16, .max_width = 16}),
              ElementsAre("gpu:0 has a link of 16 GT/s x16, profile says 32 GT/s x16"));
}

TEST(Inventory, DoesNotTakeALinkThatSaysNothingForAGoodOne) {
  EXPECT_THAT(unmet_with_link({}),
              ElementsAre("gpu:0 does not show its link, profile says 32 GT/s x16"));
}

TEST(Inventory, CountsEachPartOfAMixedNodeForItself) {
  Profile profile = synthetic_profile(1, 0);
  profile.accelerators = {{.kind = "synthetic", .count = 2, .name = "big"},
                          {.kind = "synthetic", .count = 1, .name = "small"}};
  Rack rack = rack_of(1, 3);
  rack.devices[0].name = rack.devices[1].name = "big one";
  rack.devices[2].name = "odd one";
  EXPECT_THAT(unmet(profile, rack), ElementsAre("n0: 0 of 1 devices of kind synthetic (small)",
                                                "there is none", "n0-d2"));
}

TEST(Inventory, ShowsAnAcceleratorThatTheProfileDoesNotName) {
  Profile profile = host_profile();
  profile.accelerators = {{.kind = "gpu", .count = 1}};
  profile.stages[0].steps[0].on = "gpu";
  Rack rack;
  rack.devices = {host_cpu(), host_cpu(), host_cpu()};
  rack.devices[0].id = "gpu:0";
  rack.devices[0].kind = "gpu";
  rack.devices[1].id = "tpu:0";
  rack.devices[1].kind = "tpu";
  EXPECT_THAT(unmet(profile, rack), ElementsAre("unexpected: tpu:0 (kind tpu)"));
}

TEST(Inventory, OfAHostShowsAcceleratorsAsNotTested) {
  Rack rack = rack_of(1, 1);
  rack.devices.push_back(host_cpu());
  const auto checks = check_inventory(host_profile(), rack);
  EXPECT_THAT(unmet(host_profile(), rack), IsEmpty());
  EXPECT_EQ(checks.back().found, "1");
  EXPECT_EQ(checks.back().detail, "not tested under this profile: n0-d0 (kind synthetic)");
}

TEST(Inventory, RefusesOneDeviceInTwoPlaces) {
  Rack rack = rack_of(1, 3);
  device(rack, "n0-d1").uuid = "uuid-n0-d0";
  device(rack, "n0-d2").id = "n0-d0";
  EXPECT_THAT(unmet(synthetic_profile(1, 3), rack),
              ElementsAre("seen before: n0-d1 with UUID uuid-n0-d0, n0-d0",
                          "n0: 2 of 3 devices of kind synthetic; missing n0-d2"));
}

TEST(Inventory, FailsWhenANeededBackEndDidNotAnswer) {
  Rack rack = rack_of(1, 1);
  rack.discovery_problems = {"synthetic: discovery ended by signal 11"};
  EXPECT_THAT(unmet(synthetic_profile(1, 1), rack),
              ElementsAre("synthetic: discovery ended by signal 11"));
}

TEST(Inventory, ShowsABackEndThatWasNotNeeded) {
  Rack rack = rack_of(1, 1);
  rack.discovery_problems = {"opencl: discovery ended by signal 11"};
  const auto checks = check_inventory(synthetic_profile(1, 1), rack);
  EXPECT_TRUE(checks.back().met);
  EXPECT_EQ(checks.back().detail, "opencl: discovery ended by signal 11");
}

TEST(Inventory, BlamesAnyBackEndThatCouldHaveHadTheMissingKind) {
  Rack rack;
  rack.discovery_problems = {"opencl: silent for 30 s", "no prefix"};
  Profile profile = host_profile();
  profile.accelerators = {{.kind = "gpu"}};
  const auto details = unmet(profile, rack);
  EXPECT_THAT(details, testing::Contains("opencl: silent for 30 s"));
  EXPECT_THAT(details, testing::Contains("no prefix"));
}

}  // namespace
}  // namespace rackproof::planner_test
