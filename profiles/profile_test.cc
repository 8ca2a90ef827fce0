// SPDX-License-Identifier: Apache-2.0
#include "profiles/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/json_fields.h"
#include "profiles/sample_profile.h"

namespace rackproof {

// Whole profiles are compared through all their fields.
RACKPROOF_JSON_ENUM(Rule, rule_from_name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ExpectedDevices, kind, count, name, pci, memory_bytes,
                                   pcie_generation, pcie_width, ceilings)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProfileLimit, stressor, metric, where, rule, value, of_nominal,
                                   of_ceiling, min_effect, uncertainty, guarded, required,
                                   statistic, source)
RACKPROOF_JSON_ENUM(Unit, unit_from_name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProfileSensorLimit, sensor, during, rule, value, unit, statistic,
                                   uncertainty, guarded, required, source)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProfileCoverage, memory_installed, memory_allocatable, cores,
                                   links, sensors, kernel_log)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProfileStep, stressor, on, with, duration_s, passes, gang,
                                   attempts, deadline_s)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProfileStage, name, purpose, coverage, steps)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Profile, name, title, confidence, revision, abstract, nodes,
                                   accelerators, limits, sensor_limits, sensor_rate_hz, coverage,
                                   stages, default_stages, resolved_yaml)

namespace {

const std::string kRacks = RACKPROOF_SOURCE_DIR "/profiles/racks/";

Profile shipped(const std::string& name) {
  const auto profile = load_profile(kRacks + name + ".yaml");
  if (profile) return *profile;
  for (const Error& error : profile.error()) ADD_FAILURE() << error.text();
  return {};
}

TEST(Profiles, ThatAreShippedLoadAndAreNamedLikeTheirFiles) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kRacks)) {
    const std::string name = entry.path().stem().string();
    EXPECT_EQ(shipped(name).name, name);
    ++count;
  }
  EXPECT_GE(count, 2);
}

TEST(Profiles, ResolveToADocumentThatLoadsToTheSameProfile) {
  for (const char* name : {"generic-host", "synthetic-rack", "nvidia-hgx-h200"}) {
    const Profile profile = shipped(name);
    const auto again = parse_profile(profile.resolved_yaml, "resolved.yaml");
    ASSERT_TRUE(again) << again.error().front().text() << "\n" << profile.resolved_yaml;
    EXPECT_EQ(Json(*again), Json(profile));
  }
}

TEST(Profiles, ResolveToTheSameBytesWhateverTheOrderOfKeys) {
  const std::string step = "      - {run: memory.march, on: synthetic, for: one pass}";
  const std::string turned = "      - {\"for\": 'one pass', on: synthetic, run: memory.march} # x";
  const auto a = parse_profile(sample_with(13, step), "a.yaml");
  const auto b = parse_profile(sample_with(13, turned), "b.yaml");
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->resolved_yaml, b->resolved_yaml);
}

TEST(Profiles, KeepAwkwardTextsWhenResolved) {
  const std::string title = "a: [b] #c 'd' \"e\" \\ \xc3\xa9\nnull";
  const auto profile =
      parse_profile(sample_with(2, "name: sample\ntitle: " + Json(title).dump()), "p.yaml");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->title, title);
  const auto again = parse_profile(profile->resolved_yaml, "resolved.yaml");
  ASSERT_TRUE(again) << profile->resolved_yaml;
  EXPECT_EQ(again->title, title);
}

TEST(Profiles, ThatAreAbstractCanDoWithoutHardwareAndStages) {
  const std::string head = "schema: rackproof/profile/1\nname: a\nrevision: 1\n";
  EXPECT_TRUE(parse_profile(head + "abstract: true\n", "a.yaml"));
  EXPECT_THAT(problems(head),
              testing::ElementsAre(testing::HasSubstr("'hardware.node.accelerators' is missing"),
                                   testing::HasSubstr("'stages' is missing")));
}

TEST(GenericHost, NeedsOnlyACpuAndRunsQuickByDefault) {
  const Profile profile = shipped("generic-host");
  ASSERT_EQ(profile.accelerators.size(), 1u);
  EXPECT_EQ(profile.accelerators[0].kind, "cpu");
  EXPECT_EQ(profile.accelerators[0].count, 0u);
  EXPECT_EQ(profile.default_stages, std::vector<std::string>{"quick"});
  ASSERT_EQ(profile.stages.size(), 3u);
  EXPECT_EQ(profile.stages[0].coverage.cores, 1.0);
  EXPECT_GT(profile.stages[2].coverage.memory_allocatable.value(), 0.9);
}

TEST(SyntheticRack, ExpectsThirtyTwoDevicesWithRoomBelowTheirPeaks) {
  const Profile profile = shipped("synthetic-rack");
  EXPECT_EQ(profile.nodes, 4u);
  ASSERT_EQ(profile.accelerators.size(), 1u);
  EXPECT_EQ(profile.accelerators[0].count, 8u);
  EXPECT_EQ(profile.accelerators[0].memory_bytes, 256.0 * 1024 * 1024);
  EXPECT_DOUBLE_EQ(profile.accelerators[0].ceilings.at("gemm.fp32"), 22e12);
  const auto is_peers = [](const ProfileLimit& limit) { return limit.rule == Rule::peers; };
  EXPECT_EQ(std::ranges::count_if(profile.limits, is_peers), 5);
}

}  // namespace
}  // namespace rackproof
