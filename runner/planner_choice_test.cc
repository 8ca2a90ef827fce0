// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/planner_test_support.h"

namespace rackproof::planner_test {
namespace {

using testing::HasSubstr;

std::vector<Profile> shipped() { return {host_profile(), synthetic_profile(4, 8)}; }

Rack with_host(Rack rack) {
  rack.devices.push_back(host_cpu());
  return rack;
}

TEST(Choice, TakesTheProfileWhoseHardwareIsAllThere) {
  const auto choice = choose_profile(shipped(), with_host(rack_of(4, 8))).value();
  EXPECT_EQ(choice.profile, "synthetic-rack");
  EXPECT_EQ(choice.why, "32 synthetic devices on 4 nodes match synthetic-rack");
}

TEST(Choice, TakesTheHostWhereThereIsNoAccelerator) {
  const auto choice = choose_profile(shipped(), with_host(Rack{})).value();
  EXPECT_EQ(choice.profile, "generic-host");
  EXPECT_EQ(choice.why, "1 cpu device on 1 node matches generic-host");
}

TEST(Choice, KeepsTheRackThatLacksOneDevice) {
  Rack rack = with_host(rack_of(4, 8));
  remove(rack, "n3-d7");
  const auto choice = choose_profile(shipped(), rack).value();
  EXPECT_EQ(choice.profile, "synthetic-rack");
  EXPECT_EQ(
      choice.why,
      "31 synthetic devices on 4 nodes are nearest to synthetic-rack, but: n3: 7 of 8 devices "
      "of kind synthetic; missing n3-d7");
}

TEST(Choice, DoesNotLetAProfileForAnyNumberHideTheMissingDevice) {
  std::vector<Profile> profiles = shipped();
  profiles.push_back(synthetic_profile(4, 0));
  profiles.back().name = "any-synthetic";
  Rack rack = with_host(rack_of(4, 8));
  EXPECT_EQ(choose_profile(profiles, rack)->profile, "synthetic-rack");
  remove(rack, "n3-d7");
  EXPECT_EQ(choose_profile(profiles, rack)->profile, "synthetic-rack");
  EXPECT_EQ(choose_profile(profiles, with_host(rack_of(4, 2)))->profile, "any-synthetic");
}

TEST(Choice, PrefersTheNearestOfTwoThatDoNotFit) {
  std::vector<Profile> profiles{synthetic_profile(1, 2), synthetic_profile(4, 8)};
  profiles[0].name = "small";
  Rack rack = rack_of(4, 8);
  remove(rack, "n0-d3");
  EXPECT_EQ(choose_profile(profiles, rack)->profile, "synthetic-rack");
}

TEST(Choice, PrefersAMatchingName) {
  std::vector<Profile> profiles{synthetic_profile(4, 8), synthetic_profile(4, 8)};
  profiles[1].name = "zz-named";
  profiles[1].accelerators[0].name = "synthetic accelerator";
  EXPECT_EQ(choose_profile(profiles, rack_of(4, 8))->profile, "zz-named");
}

TEST(Choice, DoesNotTakeAnotherMakersProfile) {
  std::vector<Profile> profiles = shipped();
  profiles[1].accelerators[0].name = "another maker's";
  const auto choice = choose_profile(profiles, with_host(rack_of(4, 8))).value();
  EXPECT_EQ(choice.profile, "generic-host");
  EXPECT_THAT(choice.why, HasSubstr("not covered by it: 32 synthetic devices on 4 nodes"));
}

TEST(Choice, DoesNotTakeAHostForOneWithOtherMemory) {
  std::vector<Profile> profiles{host_profile(), host_profile()};
  profiles[0].name = "a-big-host";
  profiles[0].accelerators[0].memory_bytes = 1e12;
  EXPECT_EQ(choose_profile(profiles, with_host(Rack{}))->profile, "generic-host");
}

TEST(Choice, PrefersAnyAcceleratorsProfileToAnExactHosts) {
  std::vector<Profile> profiles{host_profile(), synthetic_profile(1, 0)};
  profiles[0].accelerators[0].count = 1;
  EXPECT_EQ(choose_profile(profiles, with_host(rack_of(1, 3)))->profile, "synthetic-rack");
}

TEST(Choice, SaysWhichBackEndDidNotAnswer) {
  Rack rack = with_host(Rack{});
  rack.discovery_problems = {"opencl: discovery ended by signal 11"};
  const auto choice = choose_profile(shipped(), rack).value();
  EXPECT_EQ(choice.profile, "generic-host");
  EXPECT_THAT(choice.why, HasSubstr("opencl: discovery ended by signal 11"));
}

TEST(Choice, PassesOverAbstractProfiles) {
  std::vector<Profile> profiles = shipped();
  profiles[1].abstract = true;
  EXPECT_EQ(choose_profile(profiles, with_host(rack_of(4, 8)))->profile, "generic-host");
}

TEST(Choice, SaysWhyNothingFits) {
  const auto choice = choose_profile({synthetic_profile(4, 8)}, with_host(Rack{}));
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().message,
            "no profile fits this hardware: synthetic-rack (0 of 4 nodes); name one");
}

}  // namespace
}  // namespace rackproof::planner_test
