// SPDX-License-Identifier: Apache-2.0
// Looks at conditions that misbehave in every way, and the gate that a campaign makes of them.
#include "runner/environment.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "core/json.h"
#include "hardware/condition.h"
#include "runner/campaign_for_test.h"
#include "runner/ledger.h"
#include "runner/message.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What the test wrote as the state of the world: one word.
std::string world() {
  const char* folder = std::getenv("RACKPROOF_TEST_FOLDER");
  std::ifstream file(std::filesystem::path(folder == nullptr ? "/nonexistent" : folder) / "world");
  std::string word;
  file >> word;
  return word;
}

ConditionRecord look_at_world(const ConditionPlace& place) {
  const std::string word = world();
  if (word.empty()) return not_known("nobody wrote it down");
  return decided(word.starts_with("good"), word, place.wanted, "make it good");
}

ConditionRecord hang(const ConditionPlace& /*place*/) {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

ConditionRecord crash(const ConditionPlace& /*place*/) {
  std::signal(SIGSEGV, SIG_DFL);
  std::raise(SIGSEGV);
  return {};
}

ConditionRecord babble(const ConditionPlace& /*place*/) {
  constexpr std::string_view kNoise = "driver: hello\n";
  (void)!::write(kWorkerFd, kNoise.data(), kNoise.size());
  return {};
}

ConditionRecord fail_aloud(const ConditionPlace& /*place*/) {
  throw std::runtime_error("the driver is not in the mood");
}

ConditionRecord say_nothing(const ConditionPlace& /*place*/) { return decided(true, "", "", ""); }

[[maybe_unused]] const bool kRegistered[] = {
    register_condition({.name = "test.world", .look = look_at_world}),
    register_condition({.name = "test.hang", .look = hang}),
    register_condition({.name = "test.crash", .look = crash}),
    register_condition({.name = "test.babble", .look = babble}),
    register_condition({.name = "test.throw", .look = fail_aloud}),
    register_condition({.name = "test.empty", .look = say_nothing})};

ConditionDemand demand(const std::string& name, const std::string& part = "fake:0") {
  ConditionDemand demand;
  demand.name = name;
  demand.part = part;
  demand.devices = {part};
  demand.wanted = "good";
  return demand;
}

class EnvironmentTest : public CampaignTest {
 protected:
  void write(const std::string& word) const { std::ofstream(folder_ / "world") << word; }

  std::vector<ConditionRecord> look(std::vector<ConditionDemand> demands) const {
    EnvironmentRequest asked;
    asked.demands = std::move(demands);
    asked.rack = request({}).rack;
    asked.deadline_s = 2;
    return look_at_environment(asked);
  }

  CampaignRequest gated(std::vector<PlannedStep> steps) const {
    CampaignRequest campaign = request(std::move(steps));
    campaign.plan.environment = {demand("test.world")};
    campaign.look_s = 5;
    return campaign;
  }
};

TEST_F(EnvironmentTest, IsReadInAProcessOfItsOwn) {
  write("good");
  const auto records = look({demand("test.world"), demand("test.world", "fake:1")});
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].part, "fake:1");
  EXPECT_EQ(records[1].state, ConditionState::good);
  EXPECT_EQ(records[1].found, "good");
  EXPECT_EQ(records[1].wanted, "good");
}

TEST_F(EnvironmentTest, WhatFailsIsUnknownWithItsReasonAndCostsItsPartOnly) {
  write("good");
  const auto why = [&](const char* name) {
    const auto records = look({demand(name), demand("test.world", "fake:1")});
    EXPECT_EQ(records.at(1).state, ConditionState::good) << name;
    EXPECT_EQ(records.at(0).state, ConditionState::unknown) << name;
    return records.at(0).detail;
  };
  EXPECT_THAT(why("test.hang"), HasSubstr("no answer within 2 s"));
  EXPECT_THAT(why("test.crash"), HasSubstr("ended by signal 11 (SIGSEGV)"));
  EXPECT_THAT(why("test.babble"), HasSubstr("broke the protocol"));
  EXPECT_THAT(why("test.throw"), HasSubstr("not in the mood"));
  EXPECT_THAT(why("test.empty"), HasSubstr("without what was found"));
  EXPECT_THAT(why("test.unheard_of"), HasSubstr("knows no condition"));
}

TEST_F(EnvironmentTest, WhatWasReadBeforeAHangIsKept) {
  write("good");
  const auto records = look({demand("test.world"), demand("test.hang")});
  EXPECT_EQ(records.at(0).state, ConditionState::good);
  EXPECT_EQ(records.at(1).state, ConditionState::unknown);
}

TEST_F(EnvironmentTest, ADescribedNodeIsNotThisHost) {
  EnvironmentRequest asked;
  asked.demands = {demand("test.world", "n1/synthetic:0")};
  asked.rack.devices.emplace_back().id = "n1/synthetic:0";
  asked.rack.devices.back().node = "n1";
  EXPECT_EQ(look_at_environment(asked).at(0).detail, "node n1 is not this host");
}

TEST_F(EnvironmentTest, AStopEndsTheLookAtOnce) {
  const std::atomic<bool> stop = true;
  EnvironmentRequest asked;
  asked.demands = {demand("test.hang")};
  asked.rack = request({}).rack;
  asked.stop = &stop;
  EXPECT_TRUE(look_at_environment(asked).empty());
}

TEST_F(EnvironmentTest, ABadConditionEndsTheRunBeforeItsLoad) {
  write("bad");
  EXPECT_TRUE(run(gated({step("pass")})).sealed);
  const Evidence evidence = replayed();
  EXPECT_TRUE(evidence.finished);
  EXPECT_TRUE(evidence.tasks.empty());
  ASSERT_EQ(evidence.conditions.size(), 1u);
  EXPECT_EQ(evidence.conditions[0].state, ConditionState::bad);
  EXPECT_EQ(evidence.conditions[0].when, kBeforeLoad);
  EXPECT_EQ(evidence.conditions[0].remedy, "make it good");
}

TEST_F(EnvironmentTest, ABadConditionThatIsNotRequiredIsOnlyTold) {
  write("bad");
  CampaignRequest campaign = gated({step("pass")});
  campaign.plan.environment[0].required = false;
  run(campaign);
  EXPECT_FALSE(replayed().tasks.empty());
  EXPECT_EQ(replayed().conditions.size(), 2u);
}

TEST_F(EnvironmentTest, KeepGoingRunsTheLoadAndKeepsTheRecord) {
  write("bad");
  CampaignRequest campaign = gated({step("pass")});
  campaign.keep_going = true;
  run(campaign);
  EXPECT_FALSE(replayed().tasks.empty());
  EXPECT_EQ(replayed().conditions.at(0).state, ConditionState::bad);
}

TEST_F(EnvironmentTest, AGateThatPassesLooksAgainAfterTheLoad) {
  write("good");
  run(gated({step("pass")}));
  const Evidence evidence = replayed();
  ASSERT_EQ(evidence.conditions.size(), 2u);
  EXPECT_EQ(evidence.conditions[1].when, kAfterLoad);
  EXPECT_LE(evidence.conditions[0].at_s, evidence.tasks.front().start_s);
  EXPECT_GE(evidence.conditions[1].at_s, evidence.tasks.back().end_s);
}

TEST_F(EnvironmentTest, AnUnknownConditionStopsNothing) {
  run(gated({step("pass")}));  // nobody wrote the world down
  const Evidence evidence = replayed();
  EXPECT_FALSE(evidence.tasks.empty());
  EXPECT_EQ(evidence.conditions.at(0).state, ConditionState::unknown);
}

TEST_F(EnvironmentTest, AResumeThatItForbidsLeavesTheRunAsItWas) {
  write("good");
  CampaignRequest campaign = gated({step("pass")});
  const std::filesystem::path journal = campaign.bundle / "journal";
  std::filesystem::create_directories(campaign.bundle);
  { const Ledger begun(journal, campaign.genesis); }  // a run that was cut off
  const auto before = read_file(journal);
  write("bad");
  campaign.resume = true;
  const auto result = run_campaign(campaign);
  ASSERT_TRUE(result) << result.error().text();
  ASSERT_EQ(result->barred.size(), 1u);
  EXPECT_EQ(describe(result->barred[0]),
            "fake:0 test.world: bad, wanted good; to do: make it good");
  EXPECT_FALSE(result->sealed);
  EXPECT_EQ(*read_file(journal), *before);
}

}  // namespace
}  // namespace rackproof
