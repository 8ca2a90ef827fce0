// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiles/sample_profile.h"

namespace rackproof {
namespace {

using testing::ElementsAre;

std::string limit(const std::string& rest) { return "    - {metric: throughput, " + rest + "}"; }

Profile with_limit(const std::string& rest) {
  const auto profile = parse_profile(sample_with(7, limit(rest)), "p.yaml");
  EXPECT_TRUE(profile) << profile.error().front().text();
  return profile.value_or(Profile{});
}

TEST(Limits, BecomeOnePerRuleInBaseUnits) {
  const Profile profile = with_limit(
      "where: {dtype: fp32}, floor: 18 TFLOP/s, ceiling: 100 % of ceiling, "
      "peers: {below_median: 5 %}, uncertainty: 1 %, decision: simple, statistic: p1, "
      "required: false, source: here");
  ASSERT_EQ(profile.limits.size(), 3u);
  const ProfileLimit& floor = profile.limits[0];
  EXPECT_EQ(floor.rule, Rule::floor);
  EXPECT_DOUBLE_EQ(floor.value.value(), 18e12);
  EXPECT_EQ(floor.where, (std::map<std::string, std::string>{{"dtype", "fp32"}}));
  EXPECT_DOUBLE_EQ(floor.uncertainty, 0.01);
  EXPECT_FALSE(floor.guarded);
  EXPECT_FALSE(floor.required);
  EXPECT_EQ(floor.statistic, "p1");
  EXPECT_EQ(floor.source, "here");
  EXPECT_DOUBLE_EQ(profile.limits[1].of_ceiling.value(), 1);
  EXPECT_EQ(profile.limits[2].rule, Rule::peers);
  EXPECT_DOUBLE_EQ(profile.limits[2].min_effect, 0.05);
}

TEST(Limits, TakeOperationsForFloatingPointRatesAndSharesOfNominal) {
  EXPECT_DOUBLE_EQ(with_limit("floor: 18 TOP/s, source: x").limits[0].value.value(), 18e12);
  EXPECT_DOUBLE_EQ(with_limit("floor: 10 % of nominal, source: x").limits[0].of_nominal.value(),
                   0.1);
}

TEST(Limits, AreGuardedAndRequiredUnlessTheySayOtherwise) {
  const ProfileLimit limit = with_limit("floor: 18 TFLOP/s, source: x").limits.at(0);
  EXPECT_TRUE(limit.guarded);
  EXPECT_TRUE(limit.required);
}

TEST(Limits, JudgeCountsByTheirSumAndRatesByTheirMedian) {
  const auto profile =
      parse_profile(sample_with(7, "    - {metric: miscompares, equals: 0}"), "p.yaml");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->limits[0].statistic, "sum");
  EXPECT_EQ(with_limit("floor: 1 TFLOP/s, source: x").limits[0].statistic, "median");
}

TEST(Limits, NameTheRightUnitKeyOrWord) {
  const std::vector<WrongLine> table = {
      {6, "  compute.gem:",
       "p.yaml:6:3: unknown stressor 'compute.gem'; did you mean 'compute.gemm'?"},
      {7, "    - {metric: throughputs, floor: 1 TFLOP/s, source: x}",
       "p.yaml:7:16: compute.gemm records no metric 'throughputs'; did you mean 'throughput'?"},
      {7, limit("floor: 18 TB/s, source: x"),
       "p.yaml:7:35: floor: '18 TB/s' is in bytes_per_second, expected flops, for example "
       "'989 TFLOP/s'"},
      {7, limit("floor: 18, source: x"),
       "p.yaml:7:35: floor: '18' lacks its unit: expected flops, for example '989 TFLOP/s'"},
      {7, limit("floor: nan FLOP/s, source: x"),
       "p.yaml:7:35: floor: 'nan FLOP/s' is not a number with a unit: expected flops, for example "
       "'989 TFLOP/s'"},
      {7, limit("floor: 18 TFLOP/s"),
       "p.yaml:7:7: 'source' is missing: say where the limit comes from"},
      {7, limit("source: x"),
       "p.yaml:7:7: a limit without a rule: give floor, ceiling, equals or peers"},
      {7, limit("where: {dtyp: fp32}, floor: 18 TFLOP/s, source: x"),
       "p.yaml:7:36: compute.gemm has no parameter 'dtyp'; did you mean 'dtype'?"},
      {7, limit("where: {dtype: fp33}, floor: 18 TFLOP/s, source: x"),
       "p.yaml:7:43: dtype: unknown word 'fp33'; did you mean 'fp32'?"},
      {7, limit("where: {dtype: [fp32]}, floor: 18 TFLOP/s, source: x"),
       "p.yaml:7:43: dtype: expected a text, found a list"},
  };
  for (const WrongLine& wrong : table) {
    EXPECT_THAT(problems(sample_with(wrong.number, wrong.text)), ElementsAre(wrong.message));
  }
}

TEST(Limits, RefuseWhatCanNeverTripOrContradictsItself) {
  const std::vector<WrongLine> table = {
      {7, limit("floor: 0 FLOP/s, source: x"),
       "p.yaml:7:35: floor: a floor of zero can never be broken"},
      {7, limit("floor: -1 TFLOP/s, source: x"),
       "p.yaml:7:35: floor: '-1 TFLOP/s' is below zero, which no measurement can be"},
      {7, limit("floor: 0 % of nominal, source: x"),
       "p.yaml:7:35: floor: '0 % of nominal' must be above 0 % and at most 100 %"},
      {7, limit("floor: 120 % of nominal, source: x"),
       "p.yaml:7:35: floor: '120 % of nominal' must be above 0 % and at most 100 %"},
      {7, limit("floor: 3 TFLOP/s of nominal, source: x"),
       "p.yaml:7:35: floor: '3 TFLOP/s of nominal': give either a value or a share, such as "
       "'10 % of nominal'"},
      {7, limit("ceiling: 100 % of nominal, source: x"),
       "p.yaml:7:37: ceiling: '100 % of nominal': give either a value or a share, such as "
       "'100 % of ceiling'"},
      {7, "    - {metric: miscompares, floor: 10 % of nominal, source: x}",
       "p.yaml:7:36: floor: 'miscompares' has no nominal rate; give a value"},
      {7, limit("equals: 3 TFLOP/s"),
       "p.yaml:7:28: equals: is for counts; 'throughput' is in flops: give a floor or a ceiling"},
      {7, "    - {metric: miscompares, equals: 0, ceiling: 3, source: x}",
       "p.yaml:7:29: equals: contradicts the floor or ceiling beside it"},
      {7, "    - {metric: miscompares, equals: 0, statistic: median}",
       "p.yaml:7:51: statistic: 'median' of a count can hide single events; use 'sum' or 'max' "
       "with equals"},
      {7, limit("floor: 18 TFLOP/s, source: x, uncertainty: 50 %"),
       "p.yaml:7:71: uncertainty: '50 %' must be at least 0 % and below 50 %"},
      {7, limit("peers: {below_median: 100 %}"),
       "p.yaml:7:50: below_median: '100 %' must be below 100 %"},
      {7, limit("floor: 18 TFLOP/s, ceiling: 17 TFLOP/s, source: x"),
       "p.yaml:7:35: floor: '18 TFLOP/s' is above the ceiling '17 TFLOP/s'"},
  };
  for (const WrongLine& wrong : table) {
    EXPECT_THAT(problems(sample_with(wrong.number, wrong.text)), ElementsAre(wrong.message));
  }
}

TEST(Limits, RefuseWhatNoStepMeasuresAndWhatNoHardwareReaches) {
  const std::vector<WrongLine> table = {
      {7, limit("where: {dtype: fp64}, floor: 18 TFLOP/s, source: x"),
       "p.yaml:7:50: floor: this limit can never be applied: no step runs compute.gemm with "
       "dtype=fp64"},
      {6, "  power.hold:",
       "p.yaml:7:50: floor: this limit can never be applied: no step runs power.hold with "
       "dtype=fp32"},
      {7, limit("where: {dtype: fp32}, floor: 23 TFLOP/s, source: x"),
       "p.yaml:7:57: floor: '23 TFLOP/s' is above the physical ceiling of gemm.fp32 "
       "(22 TFLOP/s)"},
  };
  for (const WrongLine& wrong : table) {
    EXPECT_THAT(problems(sample_with(wrong.number, wrong.text)), ElementsAre(wrong.message));
  }
}

TEST(Limits, HoldTriadBandwidthAgainstTheMemorysOwn) {
  const std::string triad =
      "    - {metric: miscompares, equals: 0}\n"
      "  memory.triad:\n"
      "    - {metric: bandwidth, floor: 500 GB/s, source: x}";
  std::string yaml = sample_with(7, triad);
  yaml += "      - {run: memory.triad, on: synthetic, for: 3 s}\n";
  EXPECT_THAT(problems(yaml), ElementsAre("p.yaml:9:34: floor: '500 GB/s' is above the physical "
                                          "ceiling of memory (440 GB/s)"));
}

TEST(Limits, RefuseTheSameRuleTwice) {
  const std::string line = limit("where: {size: 1024}, peers: {below_median: 5 %}");
  EXPECT_THAT(problems(sample_with(7, line + "\n" + line)),
              ElementsAre("p.yaml:8:49: peers: 'throughput' with size=1024 has this rule already"));
}

TEST(Limits, NeedFourPeers) {
  std::string yaml = sample_with(7, limit("peers: {below_median: 5 %}"));
  EXPECT_THAT(problems(yaml), ElementsAre());
  yaml.replace(yaml.find("nodes: 2"), 8, "nodes: 1");
  EXPECT_THAT(problems(yaml), ElementsAre("p.yaml:7:28: peers: needs at least 4 devices of one "
                                          "kind to compare; hardware expects 2 of kind "
                                          "'synthetic'"));
}

}  // namespace
}  // namespace rackproof
