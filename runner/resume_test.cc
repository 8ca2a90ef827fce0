// SPDX-License-Identifier: Apache-2.0
// kill -9, a torn journal, a full disk: no record lost, no step done twice.
#include "runner/resume.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "runner/campaign_for_test.h"
#include "runner/ledger.h"
#include "runner/lock.h"

namespace rackproof {
namespace {

using ::testing::HasSubstr;

class ResumeTest : public CampaignTest {
 protected:
  std::filesystem::path journal() const { return folder_ / "bundle" / "journal"; }

  // A campaign whose supervisor is killed -9 once its second step has recorded a window.
  void killed_in_the_second_step() const {
    const pid_t child = ::fork();
    if (child == 0) {
      (void)run_campaign(request({step("pass", "both", "first"), endless()}));
      ::_exit(1);
    }
    while (!second_step_has_a_window()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the campaign ended by itself";
  }

  // A journal that nothing but its seal is missing from.
  void unsealed() const {
    CampaignRequest campaign = request({});
    campaign.seal = nullptr;
    run(campaign);
  }

  static PlannedStep endless() {
    PlannedStep endless = step("pass", "both", "second");
    endless.duration_s = 3600;
    endless.deadline_s = 7200;
    return endless;
  }

  bool second_step_has_a_window() const {
    const auto contents = read_journal(journal(), true);
    if (!contents) return false;
    for (const std::string& record : contents->records) {
      const Json json = parse_json(record).value();
      if (json["t"] == "window" && json["step"] == "second" && json["device"] == "fake:0")
        return true;
    }
    return false;
  }

  CampaignRequest again(const std::string& how = "pass") const {
    CampaignRequest campaign =
        request({step("pass", "both", "first"), step(how, "fake:0", "second")});
    campaign.resume = true;
    return campaign;
  }
};

bool alive(const std::filesystem::path& pid_file) {
  pid_t pid = 0;
  std::ifstream(pid_file) >> pid;
  std::string text, state;
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  stat >> text >> text >> state;
  return stat && state != "Z" && state != "X";
}

TEST_F(ResumeTest, GoesOnAfterKillMinus9WithoutRepeatingAStep) {
  killed_in_the_second_step();
  EXPECT_TRUE(run(again()).sealed);
  const Evidence evidence = replayed();
  EXPECT_EQ(tasks(evidence, "fake:0", "first").size(), 1u);
  const auto second = tasks(evidence, "fake:0", "second");
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second[0].outcome, Outcome::aborted);
  EXPECT_FALSE(second[0].windows.empty());
  EXPECT_EQ(second[1].outcome, Outcome::finished);
  EXPECT_EQ(second[1].attempt, 2u);
  EXPECT_GE(second[1].start_s, second[0].start_s);
  EXPECT_EQ(events(evidence, "resumed").at(0).severity, "info");
}

TEST_F(ResumeTest, KeepsWhatAnOpenSegmentHoldsAndSaysWhatIsLost) {
  std::ofstream(folder_ / "runner_test") << "41.5";
  const pid_t child = ::fork();
  if (child == 0) {
    CampaignRequest campaign = request({step("pass", "both", "first"), endless()});
    campaign.telemetry.root = folder_.path();
    campaign.telemetry.interval_s = 0.05;
    (void)run_campaign(campaign);
    ::_exit(1);
  }
  while (!second_step_has_a_window()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(run(again()).sealed);
  const Evidence evidence = replayed();
  EXPECT_FALSE(events(evidence, "recovered").empty());
  std::set<std::string> listed;
  for (const SegmentRecord& segment : evidence.segments) listed.insert(segment.file);
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "bundle/telemetry"))
    EXPECT_TRUE(listed.contains("telemetry/" + entry.path().filename().string())) << entry.path();
}

TEST_F(ResumeTest, LeavesNoWorkerBehindAKilledSupervisor) {
  killed_in_the_second_step();
  const auto pid_file = folder_ / "pid.fake:0";
  for (int i = 0; i < 200 && alive(pid_file); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(alive(pid_file));
}

TEST_F(ResumeTest, CutsATornRecordAndSaysSo) {
  unsealed();
  std::ofstream(journal(), std::ios::app | std::ios::binary) << "R\x40";
  EXPECT_TRUE(run(again()).sealed);
  const auto recovered = events(replayed(), "recovered");
  ASSERT_EQ(recovered.size(), 1u);
  EXPECT_THAT(recovered[0].text, HasSubstr("bytes of a record"));
}

TEST_F(ResumeTest, WarnsOfARebootOnce) {
  unsealed();
  CampaignRequest campaign = again();
  campaign.genesis.boot_id = "boot-two";
  run(campaign);
  const auto resumed = events(replayed(), "resumed");
  ASSERT_EQ(resumed.size(), 1u);
  EXPECT_EQ(resumed[0].severity, "warning");
  EXPECT_THAT(resumed[0].text, HasSubstr("rebooted"));
}

TEST_F(ResumeTest, RefusesAnotherPlanByName) {
  unsealed();
  CampaignRequest campaign = again();
  campaign.genesis.plan_sha256 = "another";
  const auto refused = run_campaign(campaign);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(),
              HasSubstr("cannot be resumed: other plan (plan then, another now)"));
}

TEST_F(ResumeTest, RefusesAnotherStationsKey) {
  unsealed();
  CampaignRequest campaign = again();
  campaign.genesis.station_key = "another";
  const auto refused = run_campaign(campaign);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(), HasSubstr("other station key"));
}

TEST_F(ResumeTest, RefusesAnotherProgram) {
  unsealed();
  CampaignRequest campaign = again();
  campaign.genesis.tool_sha256 = "another";
  const auto refused = run_campaign(campaign);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(), HasSubstr("other tool"));
}

TEST_F(ResumeTest, KeepsAQuarantine) {
  const CampaignRequest campaign = again();
  std::filesystem::create_directories(campaign.bundle);
  Ledger(journal(), campaign.genesis)
      .event({.kind = "quarantine", .severity = "warning", .device = "fake:0", .text = "it hung"});
  run(campaign);
  const auto left_out = tasks(replayed(), "fake:0", "second");
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_EQ(left_out[0].outcome, Outcome::not_run);
  EXPECT_EQ(left_out[0].detail, "quarantined: it hung");
  EXPECT_EQ(tasks(replayed(), "fake:1", "second").at(0).outcome, Outcome::finished);
}

TEST_F(ResumeTest, RefusesASealedJournal) {
  run({step("pass")});
  const auto refused = run_campaign(again());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(), HasSubstr("over and sealed: start a new one"));
}

TEST_F(ResumeTest, RefusesAJournalThatAnotherRunIsWriting) {
  unsealed();
  const auto lock = Lock::take(journal(), "");
  ASSERT_TRUE(lock.has_value());
  const auto refused = run_campaign(again());
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(), HasSubstr("another run is writing"));
}

TEST_F(ResumeTest, EndsAsAStorageErrorWhenTheDiskIsFull) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{2000, 2000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto result = run_campaign(request({step("pass")}));
    ::_exit(result && result->storage_failed && !result->sealed ? 42 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_TRUE(read_journal(journal(), true).has_value());  // what was stored is whole
}

Evidence with_outcomes(const std::vector<Outcome>& outcomes) {
  Evidence evidence;
  std::uint64_t attempt = 0;
  for (const Outcome outcome : outcomes) {
    TaskRecord task;
    task.step = "s";
    task.device = "d";
    task.attempt = ++attempt;
    task.outcome = outcome;
    evidence.tasks.push_back(task);
  }
  return evidence;
}

TEST(Remaining, IsWhatStillNeedsAnAttempt) {
  PlannedStep step;
  step.id = "s";
  step.devices = {"d"};
  EXPECT_EQ(remaining(with_outcomes({}), step).size(), 1u);
  EXPECT_EQ(remaining(with_outcomes({Outcome::aborted}), step).size(), 1u);
  EXPECT_EQ(remaining(with_outcomes({Outcome::finished}), step).size(), 0u);
  EXPECT_EQ(remaining(with_outcomes({Outcome::unsupported}), step).size(), 0u);
  EXPECT_EQ(remaining(with_outcomes({Outcome::crashed}), step).size(), 1u);
  EXPECT_EQ(remaining(with_outcomes({Outcome::crashed, Outcome::hung}), step).size(), 0u);
  EXPECT_EQ(remaining(with_outcomes({Outcome::not_run}), step).size(), 0u);
  step.drill = true;
  EXPECT_EQ(remaining(with_outcomes({Outcome::hung}), step).size(), 0u);
}

TEST(Remaining, IsAWholeGangOrNothing) {
  PlannedStep step;
  step.id = "s";
  step.devices = {"d", "e"};
  step.gang = true;
  EXPECT_EQ(remaining(with_outcomes({Outcome::finished}), step), step.devices);
  const auto quarantined = remaining(with_outcomes({Outcome::not_run}), step);
  EXPECT_EQ(quarantined, std::vector<std::string>{"e"});  // recorded once, not at every resume
}

}  // namespace
}  // namespace rackproof
