// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiles/sample_profile.h"

namespace rackproof {
namespace {

using testing::ElementsAre;

std::string gemm(const std::string& rest) {
  return "      - {run: compute.gemm, on: synthetic, " + rest + "}";
}
std::string march(const std::string& rest) {
  return "      - {run: memory.march, on: synthetic, " + rest + "}";
}

TEST(Stages, KeepCanonicalValuesAndBaseUnits) {
  const auto profile = parse_profile(
      sample_with(13,
                  "      - {run: memory.triad, on: synthetic, together: all, attempts: 2, "
                  "with: {array_bytes: [65536 KiB, 1 MiB]}, for: 2 min, deadline: 1 h}"),
      "p.yaml");
  ASSERT_TRUE(profile);
  const ProfileStep& step = profile->stages.at(0).steps.at(1);
  EXPECT_EQ(step.with.at("array_bytes"), (std::vector<std::string>{"64 MiB", "1 MiB"}));
  EXPECT_EQ(step.duration_s, 120);
  EXPECT_EQ(step.deadline_s, 3600);
  EXPECT_EQ(step.attempts, 2u);
  EXPECT_TRUE(step.gang);
}

TEST(Stages, RunPeersWhereANodeHasTwo) {
  const std::string line = "      - {run: interconnect.peer_copy, on: synthetic, for: 3 s}";
  EXPECT_THAT(problems(sample_with(13, line)), ElementsAre());
  std::string alone = sample_with(13, line);
  alone.replace(alone.find("count: 2"), 8, "count: 1");
  EXPECT_THAT(problems(alone),
              ElementsAre("p.yaml:13:15: interconnect.peer_copy needs two devices of kind "
                          "'synthetic' on a node at least; this profile's nodes have one"));
}

TEST(Stages, RunByPassesOrByTime) {
  const auto profile = parse_profile(sample_with(13, march("for: 3 passes")), "p.yaml");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->stages[0].steps[1].passes, 3u);
  EXPECT_EQ(profile->stages[0].steps[1].duration_s, 0);
  EXPECT_EQ(profile->stages[0].steps[0].passes, 0u);
  EXPECT_EQ(profile->stages[0].steps[0].duration_s, 3);
}

TEST(Stages, ReportEachMistakeOnceAtItsPlace) {
  const std::vector<WrongLine> table = {
      {13, "      - {run: memory.marsh, on: synthetic, for: one pass}",
       "p.yaml:13:15: unknown stressor 'memory.marsh'; did you mean 'memory.march'?"},
      {13, "      - {run: memory.march, on: gpu, for: one pass}",
       "p.yaml:13:33: on: no accelerators of kind 'gpu' stand under hardware; known here: "
       "synthetic"},
      {13, march("for: 60"),
       "p.yaml:13:49: for: '60' lacks its unit: expected second, for example '60 s'"},
      {13, march("for: 0 s"), "p.yaml:13:49: for: '0 s' must be above zero"},
      {13, march("for: 0 passes"), "p.yaml:13:49: for: '0 passes' must be 1 to 1000000 passes"},
      {13, march("for: 1000 d"), "p.yaml:13:49: for: '1000 d' is longer than a year"},
      {13, march("for: 60 s and one pass"),
       "p.yaml:13:49: for: '60 s and one pass': give either a time ('60 s') or passes "
       "('one pass', '3 passes')"},
      {12, gemm("with: {dtype: [int8, fp32]}, for: one pass"),
       "p.yaml:12:78: for: compute.gemm does not run by passes; give a time, such as '60 s'"},
      {13, march("for: 60 s, deadline: 1 min"),
       "p.yaml:13:65: deadline: '1 min' is not longer than the step itself (1 min)"},
      {13, march("for: 60 s, with: {memry: 5 %}"),
       "p.yaml:13:62: memory.march has no parameter 'memry'; did you mean 'memory'?"},
      {13, march("for: 60 s, with: {memry: [5 %, 6 %]}"),
       "p.yaml:13:62: memory.march has no parameter 'memry'; did you mean 'memory'?"},
      {13, march("for: 60 s, with: {memory: 120 %}"),
       "p.yaml:13:70: memory: 120 % is out of range (0.0001 % ... 100 %)"},
      {13, march("for: 60 s, with: {memory: 5 MB}"),
       "p.yaml:13:70: memory: '5 MB' is in byte, expected ratio, for example '5 %' "
       "(0.0001 % ... 100 %)"},
      {13, march("for: 60 s, with: {memory: [50 %, 50.0 %]}"),
       "p.yaml:13:77: memory: '50 %' stands here twice"},
      {13, march("for: one pass, attempts: 0"),
       "p.yaml:13:69: attempts: expected a whole number from 1 to 100, found '0'"},
      {13, gemm("with: {dtype: [int8, fp32]}, for: 9 s"),
       "p.yaml:13:9: stage 'demo' runs this step a second time; run it longer instead"},
  };
  for (const WrongLine& wrong : table) {
    EXPECT_THAT(problems(sample_with(wrong.number, wrong.text)), ElementsAre(wrong.message));
  }
}

TEST(Stages, BoundHowManyStepsOneLineBecomes) {
  std::string sizes;
  for (int i = 0; i < 1001; ++i) sizes += (i == 0 ? "" : ", ") + std::to_string(100 + i);
  EXPECT_THAT(problems(sample_with(13, gemm("for: 1 s, with: {size: [" + sizes + "]}"))),
              ElementsAre("p.yaml:13:54: with: expands to 1001 steps; at most 1000"));
}

TEST(Stages, HaveNamesThatAreKnownAndUnique) {
  const std::string twice =
      sample_with(0, "") +
      "  - {stage: demo, steps: [{run: memory.march, on: synthetic, for: 1 s}]}\n";
  EXPECT_THAT(problems(twice), ElementsAre("p.yaml:14:13: stage: two stages are named 'demo'"));
  EXPECT_THAT(problems(sample_with(0, "") + "default_stages: [demmo]\n"),
              ElementsAre("p.yaml:14:18: default_stages: no stage 'demmo'; did you mean 'demo'?"));
  EXPECT_THAT(problems(sample_with(0, "") + "default_stages: [demo, demo]\n"),
              ElementsAre("p.yaml:14:24: default_stages: 'demo' stands here twice"));
}

TEST(Stages, ReportSeveralMistakesOnceEach) {
  std::string yaml = sample_with(13, march("fro: one pass"));
  yaml.replace(yaml.find("for: 3 s"), 8, "for: 3 m");
  yaml.replace(yaml.find("revision: 1"), 11, "revision: x");
  EXPECT_THAT(problems(yaml),
              ElementsAre(testing::StartsWith("p.yaml:3:11: revision: expected a whole number"),
                          testing::StartsWith("p.yaml:12:78: for: unknown unit 'm' in '3 m'"),
                          "p.yaml:13:44: unknown key 'fro'; did you mean 'for'?"));
}

}  // namespace
}  // namespace rackproof
