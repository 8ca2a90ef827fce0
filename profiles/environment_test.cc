// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiles/sample_profile.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The sample with these entries; its devices are of kind gpu and cpu.
std::string with(const std::string& entries) {
  std::string yaml = sample_with(4,
                                 "hardware: {node: {accelerators: [{kind: synthetic}, {kind: gpu}, "
                                 "{kind: cpu}]}}");
  return yaml + "environment:\n" + entries;
}

std::string problem(const std::string& entries) {
  const auto all = problems(with(entries));
  return all.size() == 1 ? all.front() : std::to_string(all.size()) + " problems";
}

TEST(Environment, IsReadWithCanonicalValues) {
  const auto profile =
      parse_profile(with("  gpu.power_limit: {on: gpu, at_least: 0.7 kW, source: data sheet}\n"
                         "  host.swap: {on: cpu, required: false}\n"),
                    "p.yaml");
  ASSERT_TRUE(profile) << profile.error().front().text();
  ASSERT_EQ(profile->environment.size(), 2u);
  const ProfileCondition& power = profile->environment[0];
  EXPECT_EQ(power.name, "gpu.power_limit");
  EXPECT_EQ(power.on, "gpu");
  EXPECT_EQ(power.wanted, "700 W");
  EXPECT_TRUE(power.required);
  EXPECT_EQ(power.source, "data sheet");
  EXPECT_FALSE(profile->environment[1].required);
}

TEST(Environment, SurvivesTheResolvedProfile) {
  const auto profile = parse_profile(with("  gpu.ecc: {on: gpu}\n"), "p.yaml");
  ASSERT_TRUE(profile);
  const auto again = parse_profile(profile->resolved_yaml, "again.yaml");
  ASSERT_TRUE(again);
  ASSERT_EQ(again->environment.size(), 1u);
  EXPECT_EQ(again->environment[0].name, "gpu.ecc");
}

TEST(Environment, RefusesWhatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"  gpu.powerlimit: {on: gpu}\n",
       "unknown condition 'gpu.powerlimit'; did you mean 'gpu.power_limit'?"},
      {"  gpu.ecc: {on: cpu}\n", "on: gpu.ecc is a condition of devices of kind 'gpu'"},
      {"  host.swap: {on: npu}\n", "on: no accelerators of kind 'npu' stand under hardware"},
      {"  gpu.ecc: {on: gpu, at_least: 1}\n", "at_least: gpu.ecc takes no value"},
      {"  gpu.power_limit: {on: gpu, at_most: 700 W, source: s}\n",
       "at_most: gpu.power_limit takes 'at_least'"},
      {"  gpu.power_limit: {on: gpu, at_least: 700 MB, source: s}\n", "at_least: "},
      {"  gpu.power_limit: {on: gpu, at_least: 700 W}\n", "'source' is missing"},
      {"  gpu.driver: {on: gpu}\n", "'at_least' is missing: gpu.driver has nothing to compare"},
      {"  gpu.driver: {on: gpu, at_least: newest, source: s}\n", "'newest' is no version"},
      {"  gpu.ecc: {onn: gpu}\n", "unknown key 'onn'; did you mean 'on'?"},
      {"  gpu.ecc: {on: gpu, required: perhaps}\n", "required: expected true or false"}};
  for (const auto& [entries, message] : wrong)
    EXPECT_THAT(problem(entries), HasSubstr(message)) << entries;
}

TEST(Environment, StandsAtItsLine) {
  EXPECT_THAT(problems(with("  host.swop: {on: cpu}\n")), ElementsAre(HasSubstr("p.yaml:15:3: ")));
}

}  // namespace
}  // namespace rackproof
