// SPDX-License-Identifier: Apache-2.0
// Every way in which a worker can end becomes the right outcome of the right device.
#include <gmock/gmock.h>

#include "runner/campaign_for_test.h"

namespace rackproof {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST_F(CampaignTest, RecordsAHealthyStepAndSeals) {
  const CampaignResult result = run({step("pass")});
  EXPECT_TRUE(result.sealed) << result.problem;
  const Evidence evidence = replayed();
  EXPECT_TRUE(evidence.finished);
  EXPECT_FALSE(evidence.interrupted);
  for (const char* device : {"fake:0", "fake:1"}) {
    ASSERT_EQ(tasks(evidence, device).size(), 1u);
    const TaskRecord task = tasks(evidence, device)[0];
    EXPECT_EQ(task.outcome, Outcome::finished) << task.detail;
    ASSERT_FALSE(task.windows.empty());
    const WorkTally& tally = task.windows[0].work.at(0);
    ASSERT_TRUE(tally.expected.has_value());
    EXPECT_EQ(tally.digest->value, tally.expected->value);
  }
}

TEST_F(CampaignTest, ShowsALyingDigestBesideItsGolden) {
  run({step("lies")});
  const Evidence evidence = replayed();
  const WorkTally liar = tasks(evidence, "fake:0")[0].windows.at(0).work.at(0);
  EXPECT_EQ(liar.digest->value ^ 1, liar.expected->value);
  const WorkTally honest = tasks(evidence, "fake:1")[0].windows.at(0).work.at(0);
  EXPECT_EQ(honest.digest->value, honest.expected->value);
}

struct Case {
  const char* how;
  Outcome outcome;
  const char* detail;
  bool repeated;  // tried once more, then quarantined
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.how; }

class OutcomeTest : public CampaignTest, public ::testing::WithParamInterface<Case> {};

TEST_P(OutcomeTest, IsPutOnTheGuiltyDeviceAlone) {
  run({step(GetParam().how)});
  const Evidence evidence = replayed();
  const auto guilty = tasks(evidence, "fake:0");
  ASSERT_EQ(guilty.size(), GetParam().repeated ? 2u : 1u);
  for (const TaskRecord& task : guilty) {
    EXPECT_EQ(name(task.outcome), name(GetParam().outcome)) << task.detail;
    EXPECT_THAT(task.detail, ContainsRegex(GetParam().detail));
  }
  EXPECT_EQ(events(evidence, "quarantine").size(), GetParam().repeated ? 1u : 0u);
  const auto sibling = tasks(evidence, "fake:1");
  ASSERT_EQ(sibling.size(), 1u);
  EXPECT_EQ(sibling[0].outcome, Outcome::finished) << sibling[0].detail;
}

INSTANTIATE_TEST_SUITE_P(
    Worker, OutcomeTest,
    ::testing::Values(
        Case{"segv", Outcome::crashed,
             "ended by signal 11 .SIGSEGV. under load.*stderr: last words . of a driver", true},
        Case{"abort", Outcome::crashed, "ended by signal 6 .SIGABRT.", true},
        Case{"kill", Outcome::crashed, "ended by signal 9 .SIGKILL.", true},
        Case{"term", Outcome::crashed, "ended by signal 15 .SIGTERM.", true},
        Case{"exit3", Outcome::crashed, "exit code 3", true},
        Case{"exit0", Outcome::crashed, "exit code 0 under load", true},
        Case{"hang", Outcome::hung, "silent for [0-9.]+ s under load", true},
        Case{"error", Outcome::device_error, "fakeLaunch.. on fake:0: device is lost", false},
        Case{"throw", Outcome::device_error, "runner_test.worker: a stressor's own mistake", false},
        Case{"unsupported", Outcome::unsupported, "it only reads", false},
        Case{"junk", Outcome::garbage, "broke the protocol.*Xid 79", false},
        Case{"binary", Outcome::garbage, "broke the protocol", false},
        Case{"oversized", Outcome::garbage, "a line longer than 1 MiB", false},
        Case{"partial", Outcome::garbage, "its last message broke off", false},
        Case{"unknown", Outcome::garbage, "unknown kind 'surprise'", false},
        Case{"negative", Outcome::garbage, "miscompares is -1", false},
        Case{"bogus_work", Outcome::garbage, "unknown work 'perpetual motion'", false},
        Case{"huge_work", Outcome::garbage, "impossibly large work", false},
        Case{"fault", Outcome::garbage, "fault 1 .timing missing. was not assigned", false},
        Case{"chatty", Outcome::garbage, "a message after its last word", false}),
    [](const auto& of) { return std::string(of.param.how); });

TEST_F(CampaignTest, BelievesNoWorkerThatIsDoneTooEarly) {
  PlannedStep long_step = step("early");
  long_step.duration_s = 3600;
  long_step.deadline_s = 7200;
  long_step.devices = {"fake:0"};
  PlannedStep idle = step("idle", "fake:1", "next");
  run({long_step, idle});
  const Evidence evidence = replayed();
  const TaskRecord early = tasks(evidence, "fake:0").at(0);
  EXPECT_EQ(early.outcome, Outcome::garbage);
  EXPECT_THAT(early.detail, HasSubstr("s of a load of 3600.0 s"));
  EXPECT_THAT(tasks(evidence, "fake:1", "next").at(0).detail,
              HasSubstr("done before its load began"));
}

TEST_F(CampaignTest, TakesADeadlinePassedWhilePreparingForAHang) {
  PlannedStep slow = step("hang_first");
  slow.deadline_s = 0.6;
  run({slow});
  const auto guilty = tasks(replayed(), "fake:0");
  ASSERT_EQ(guilty.size(), 2u);
  EXPECT_EQ(guilty[0].outcome, Outcome::hung);
  EXPECT_THAT(guilty[0].detail, HasSubstr("past the step's deadline of 0.6 s, while preparing"));
}

TEST_F(CampaignTest, DoesNotWaitForAWorkerThatNeverExits) {
  CampaignRequest campaign = request({step("hang_exit")});
  campaign.limits.exit_s = 0.5;
  run(campaign);
  const auto guilty = tasks(replayed(), "fake:0");
  ASSERT_EQ(guilty.size(), 2u);
  EXPECT_THAT(guilty[0].detail, HasSubstr("did not exit within 0.5 s of its last word"));
}

TEST_F(CampaignTest, ForgetsACrashThatDoesNotRepeatButKeepsItsRecord) {
  run({step("once"), step("pass", "both", "next")});
  const Evidence evidence = replayed();
  const auto attempts = tasks(evidence, "fake:0");
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].outcome, Outcome::crashed);
  EXPECT_EQ(attempts[1].outcome, Outcome::finished);
  EXPECT_EQ(attempts[1].attempt, 2u);
  EXPECT_EQ(tasks(evidence, "fake:0", "next").at(0).outcome, Outcome::finished);
}

TEST_F(CampaignTest, LeavesAQuarantinedDeviceOutOfLaterSteps) {
  run({step("segv"), step("pass", "both", "next")});
  const Evidence evidence = replayed();
  const auto left_out = tasks(evidence, "fake:0", "next");
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_EQ(left_out[0].outcome, Outcome::not_run);
  EXPECT_THAT(left_out[0].detail,
              HasSubstr("quarantined: its worker crashed or hung twice in only"));
  EXPECT_EQ(tasks(evidence, "fake:1", "next").at(0).outcome, Outcome::finished);
}

TEST_F(CampaignTest, SaysWhichWorkerCouldNotBeStarted) {
  CampaignRequest campaign = request({step("pass")});
  campaign.worker_command = {"/nonexistent/program"};
  run(campaign);
  const auto first = tasks(replayed(), "fake:0");
  ASSERT_EQ(first.size(), 1u);  // it says nothing of the device, so nothing is tried again
  EXPECT_EQ(first[0].outcome, Outcome::device_error);
  EXPECT_THAT(first[0].detail, HasSubstr("its worker did not begin: exit code 127"));
  EXPECT_THAT(first[0].detail, HasSubstr("cannot execute the worker: No such file"));
}

// A process in D state ignores even SIGKILL; this one is never sent it.
class Unkillable : public Child {
 public:
  using Child::Child;
  void kill_group() override {}
};

TEST_F(CampaignTest, AbandonsAWorkerThatCannotBeKilled) {
  CampaignRequest campaign = request({step("hang"), step("pass", "both", "next")});
  campaign.limits.reap_s = 0.3;
  campaign.spawn = [](const std::vector<std::string>& command) -> Expected<std::unique_ptr<Child>> {
    auto child = spawn(command);
    if (!child) return child;
    const Child& plain = **child;
    const int control = ::dup(plain.control()), errors = ::dup(plain.errors());
    const pid_t pid = plain.pid();
    static std::vector<std::unique_ptr<Child>> kept;  // killed when the tests end
    kept.push_back(*std::move(child));
    return std::make_unique<Unkillable>(pid, control, errors);
  };
  run(campaign);
  const Evidence evidence = replayed();
  ASSERT_EQ(tasks(evidence, "fake:0").size(), 1u);
  EXPECT_THAT(tasks(evidence, "fake:0")[0].detail, HasSubstr("cannot be killed: abandoned"));
  EXPECT_EQ(events(evidence, "quarantine").at(0).device, "fake:0");
  EXPECT_EQ(tasks(evidence, "fake:0", "next").at(0).outcome, Outcome::not_run);
}

TEST_F(CampaignTest, RecordsADeviceThatIsNotInTheRack) {
  PlannedStep ghost = step("pass");
  ghost.devices = {"fake:7", "fake:1"};
  run({ghost});
  EXPECT_EQ(tasks(replayed(), "fake:7").at(0).outcome, Outcome::not_run);
}

}  // namespace
}  // namespace rackproof
