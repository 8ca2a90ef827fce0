// SPDX-License-Identifier: Apache-2.0
// A campaign as a whole: its start, clean stop, refusals, gangs and drills.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "runner/campaign_for_test.h"

namespace rackproof {

CampaignRequest campaign_in(const std::filesystem::path& folder) {
  CampaignRequest request;
  request.bundle = folder / "bundle";
  request.genesis.run_id = "0123456789abcdef0123456789abcdef";
  request.genesis.plan_sha256 = "plan";
  request.genesis.boot_id = "boot-one";
  request.telemetry.root = "";
  request.limits.stop_s = 0.5;
  request.seal = [](const Evidence&, const JournalHead&) { return R"({"t":"seal"})"; };
  return request;
}

Evidence replay_of(const std::filesystem::path& folder) {
  Evidence evidence;
  const auto contents = read_journal(folder / "bundle" / "journal");
  EXPECT_TRUE(contents.has_value()) << (contents ? "" : contents.error().text());
  if (!contents) return evidence;
  EXPECT_TRUE(contents->sealed);
  for (std::size_t i = 0; i + 1 < contents->records.size(); ++i) {
    const auto applied = evidence.apply(parse_json(contents->records[i]).value());
    EXPECT_TRUE(applied.has_value()) << (applied ? "" : applied.error().text());
  }
  return evidence;
}

namespace {

using ::testing::HasSubstr;

TEST_F(CampaignTest, RecordsNothingButGenesisEndAndSealForARefusedInventory) {
  CampaignRequest campaign = request({step("pass")});
  campaign.record_only = true;
  EXPECT_TRUE(run(campaign).sealed);
  const auto contents = read_journal(folder_ / "bundle" / "journal");
  ASSERT_TRUE(contents.has_value());
  EXPECT_EQ(contents->records.size(), 3u);
  EXPECT_TRUE(replayed().finished);
}

TEST_F(CampaignTest, RefusesAFolderThatHoldsARun) {
  run({step("pass")});
  const auto second = run_campaign(request({step("pass")}));
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().text(), HasSubstr("holds a run already"));
}

TEST_F(CampaignTest, HandsTheSealTheHeadThatItCloses) {
  CampaignRequest campaign = request({});
  JournalHead seen;
  campaign.seal = [&](const Evidence& evidence, const JournalHead& head) {
    EXPECT_TRUE(evidence.finished);
    seen = head;
    return R"({"t":"seal"})";
  };
  const CampaignResult result = run(campaign);
  EXPECT_EQ(seen.count + 1, result.head.count);
}

TEST_F(CampaignTest, KeepsAnUnsealedJournalWhenJudgingFails) {
  CampaignRequest campaign = request({});
  campaign.seal = [](const Evidence&, const JournalHead&) -> std::string {
    throw std::runtime_error("no key");
  };
  const CampaignResult result = run(campaign);
  EXPECT_FALSE(result.sealed);
  EXPECT_THAT(result.problem, HasSubstr("no key"));
}

// Stops the campaign at the first window it hears of.
class Stopper : public Progress {
 public:
  void window(const PlannedStep&, const std::string&, const WindowRecord&) override {
    pid_t worker = 0;
    if (!stop && std::ifstream(signalled) >> worker) ::kill(worker, SIGTERM);
    stop = true;
  }
  std::atomic<bool> stop = false;
  std::filesystem::path signalled;  // a file with the id of a worker that gets SIGTERM first
};

TEST_F(CampaignTest, StopsCleanlyAndRecordsNothingOfWhatWasNotRun) {
  Stopper stopper;
  PlannedStep endless = step("pass");
  endless.duration_s = 3600;
  endless.deadline_s = 7200;
  CampaignRequest campaign = request({endless, step("pass", "both", "next")});
  campaign.progress = &stopper;
  campaign.stop = &stopper.stop;
  EXPECT_TRUE(run(campaign).sealed);
  const Evidence evidence = replayed();
  EXPECT_TRUE(evidence.interrupted);
  EXPECT_EQ(events(evidence, "interrupted").size(), 1u);
  EXPECT_EQ(tasks(evidence, "fake:0").at(0).outcome, Outcome::aborted);
  EXPECT_EQ(tasks(evidence, "fake:0").at(0).detail, "stopped by the operator");
  EXPECT_TRUE(tasks(evidence, "fake:0", "next").empty());
}

TEST_F(CampaignTest, KillsAWorkerThatIgnoresAStop) {
  Stopper stopper;
  PlannedStep endless = step("hang");
  endless.duration_s = 3600;
  endless.deadline_s = endless.silence_s = 7200;
  CampaignRequest campaign = request({endless});
  campaign.progress = &stopper;
  campaign.stop = &stopper.stop;
  run(campaign);
  const auto deaf = tasks(replayed(), "fake:0");
  ASSERT_EQ(deaf.size(), 1u);
  EXPECT_EQ(deaf[0].outcome, Outcome::aborted);
  EXPECT_THAT(deaf[0].detail, HasSubstr("and killed"));
}

TEST_F(CampaignTest, StartsAGangTogether) {
  PlannedStep gang = step("pass");
  gang.gang = true;
  run({gang});
  const Evidence evidence = replayed();
  for (const char* device : {"fake:0", "fake:1"}) {
    const auto attempts = tasks(evidence, device);
    ASSERT_EQ(attempts.size(), 1u);
    EXPECT_EQ(attempts[0].outcome, Outcome::finished) << attempts[0].detail;
    EXPECT_LT(attempts[0].windows.at(0).start_s, 0.2);
  }
}

TEST_F(CampaignTest, EndsAGangAndNamesItsDeadMember) {
  PlannedStep gang = step("segv", "fake:1");
  gang.gang = true;
  gang.duration_s = 3600;
  gang.deadline_s = 7200;
  run({gang});
  const Evidence evidence = replayed();
  ASSERT_EQ(tasks(evidence, "fake:0").size(), 2u);  // the whole gang tries again
  for (const TaskRecord& survivor : tasks(evidence, "fake:0")) {
    EXPECT_EQ(survivor.outcome, Outcome::gang_lost);
    EXPECT_THAT(survivor.detail, HasSubstr("lost fake:1: crashed (ended by signal 11"));
  }
  EXPECT_EQ(tasks(evidence, "fake:1").at(1).outcome, Outcome::crashed);
  EXPECT_EQ(events(evidence, "quarantine").at(0).device, "fake:1");
}

TEST_F(CampaignTest, BlamesTheMemberThatDoesNotComeToTheBarrier) {
  PlannedStep gang = step("hang_first", "fake:1");
  gang.gang = true;
  gang.deadline_s = 0.6;
  run({gang});
  EXPECT_EQ(tasks(replayed(), "fake:0").at(0).outcome, Outcome::gang_lost);
  EXPECT_EQ(tasks(replayed(), "fake:1").at(0).outcome, Outcome::hung);
}

TEST_F(CampaignTest, RunsAGangWithoutAMemberThatWasQuarantinedBefore) {
  PlannedStep gang = step("pass", "both", "next");
  gang.gang = true;
  run({step("segv"), gang});
  const Evidence evidence = replayed();
  EXPECT_EQ(tasks(evidence, "fake:0", "next").at(0).outcome, Outcome::not_run);
  ASSERT_EQ(tasks(evidence, "fake:1", "next").size(), 1u);
  EXPECT_EQ(tasks(evidence, "fake:1", "next")[0].outcome, Outcome::finished);
}

// A supervisor whose every look at a worker takes longer than what counts as standing still.
class Sluggish : public Child {
 public:
  using Child::Child;
  std::optional<int> reap() override {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    return Child::reap();
  }
};

TEST_F(CampaignTest, NoticesAHangAlthoughEveryTickIsSlow) {
  PlannedStep hang = step("hang");
  hang.devices = {"fake:0"};
  hang.drill = true;  // once is enough
  CampaignRequest campaign = request({hang});
  campaign.limits.drill_silence_s = hang.silence_s;
  campaign.spawn = [](const std::vector<std::string>& command) -> Expected<std::unique_ptr<Child>> {
    auto child = spawn(command);
    if (!child) return child;
    const pid_t pid = (*child)->pid();
    const int control = ::dup((*child)->control()), errors = ::dup((*child)->errors());
    static std::vector<std::unique_ptr<Child>> kept;  // killed when the tests end
    kept.push_back(*std::move(child));
    return std::make_unique<Sluggish>(pid, control, errors);
  };
  run(campaign);
  EXPECT_EQ(tasks(replayed(), "fake:0").at(0).outcome, Outcome::hung);
}

TEST_F(CampaignTest, DoesNotLetAStopWaitForAllGoldens) {
  std::atomic<bool> stop = false;
  CampaignRequest campaign = request({step("many_goldens")});
  campaign.stop = &stop;
  campaign.limits.stop_s = 0.2;
  std::thread operator_hand([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    stop = true;
  });
  const CampaignResult result = run(campaign);
  operator_hand.join();
  EXPECT_TRUE(result.sealed);
  const TaskRecord task = tasks(replayed(), "fake:0").at(0);
  EXPECT_EQ(task.outcome, Outcome::aborted);
  EXPECT_EQ(task.detail, "stopped by the operator before all its results were compared");
  const auto& windows = task.windows;
  const bool some_uncompared = std::any_of(windows.begin(), windows.end(), [](const auto& window) {
    return std::any_of(window.work.begin(), window.work.end(),
                       [](const WorkTally& tally) { return !tally.expected; });
  });
  EXPECT_TRUE(some_uncompared);
}

TEST_F(CampaignTest, SaysThatGoldensAreStillComputedWhenTheWorkerHasEnded) {
  struct Listener : Progress {
    std::string heard;
    void comparing(const PlannedStep&, const std::string& device, std::size_t windows) override {
      heard += device + (windows > 0 ? " waits" : " waits for nothing");
    }
  } listener;
  std::atomic<bool> stop = false;  // ends the wait for the goldens too
  CampaignRequest campaign = request({step("many_goldens")});
  campaign.progress = &listener;
  campaign.limits.stop_s = 0.8;
  campaign.limits.quiet_s = 0.01;
  campaign.stop = &stop;
  std::thread operator_hand([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop = true;
  });
  run(campaign);
  operator_hand.join();
  EXPECT_EQ(listener.heard, "fake:0 waits");
}

TEST_F(CampaignTest, TakesASignalToAllProcessesForAStopAndNotForACrash) {
  Stopper stopper;
  PlannedStep endless = step("pass");
  endless.duration_s = 3600;
  endless.deadline_s = 7200;
  CampaignRequest campaign = request({endless});
  stopper.signalled = folder_ / "pid.fake:0";
  campaign.progress = &stopper;
  campaign.stop = &stopper.stop;
  run(campaign);
  EXPECT_EQ(tasks(replayed(), "fake:0").at(0).outcome, Outcome::aborted);
  EXPECT_EQ(tasks(replayed(), "fake:0").at(0).detail, "stopped by the operator");
}

PlannedStep drill_with(std::vector<PlannedFault> faults, PlannedStep step) {
  step.drill = true;
  step.faults = std::move(faults);
  return step;
}

TEST_F(CampaignTest, NoticesADrillsMissingAnswerWithoutBlame) {
  run({drill_with({{FaultSite::result, FaultKind::flip}, {FaultSite::timing, FaultKind::missing}},
                  step("pass"))});
  const Evidence evidence = replayed();
  for (const char* device : {"fake:0", "fake:1"}) {
    const auto attempts = tasks(evidence, device);
    ASSERT_EQ(attempts.size(), 1u);
    EXPECT_EQ(attempts[0].outcome, Outcome::hung);
    EXPECT_THAT(attempts[0].detail, HasSubstr("drill: missing answer noticed after 0."));
    EXPECT_EQ(attempts[0].windows.back().faults.at(0).kind, "missing");
  }
  EXPECT_TRUE(events(evidence, "quarantine").empty());
}

TEST_F(CampaignTest, RecordsWhatADrillsFaultsDid) {
  run({drill_with({{FaultSite::result, FaultKind::flip}}, step("pass"))});
  std::vector<FaultRecord> faults;
  const Evidence evidence = replayed();
  const TaskRecord task = tasks(evidence, "fake:0").at(0);
  for (const WindowRecord& window : task.windows) {
    faults.insert(faults.end(), window.faults.begin(), window.faults.end());
  }
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].id, 1u);
  EXPECT_EQ(faults[0].flips.at(0).element, 1u);
}

TEST_F(CampaignTest, TakesAHangThatNoDrillPlannedForAHang) {
  CampaignRequest campaign =
      request({drill_with({{FaultSite::result, FaultKind::flip}}, step("hang"))});
  campaign.limits.drill_silence_s = 2;
  run(campaign);
  const auto attempts = tasks(replayed(), "fake:0");
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_THAT(attempts[0].detail, HasSubstr("silent for 2."));  // and not the planned fault's 0.8 s
}

}  // namespace
}  // namespace rackproof
