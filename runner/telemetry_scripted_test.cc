// SPDX-License-Identifier: Apache-2.0
// A telemetry process that says what a test wants: what is recorded of it, and that no campaign
// suffers from it.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "runner/campaign_for_test.h"
#include "runner/telemetry_message.h"
#include "runner/telemetry_worker.h"
#include "runner/zstd_for_test.h"

namespace rackproof {
namespace {

using ::testing::HasSubstr;

constexpr const char* kWait = "sleep 0.12";  // until the step runs
constexpr double kLong_s = 0.4;

class ScriptedTelemetry : public CampaignTest {
 protected:
  // The n-th telemetry process is a shell that runs the n-th script, the last one again and again;
  // say() puts a line on its way.
  CampaignRequest scripted(const std::vector<std::string>& scripts, double duration_s = 0.1) {
    PlannedStep longer = step("pass");
    longer.duration_s = duration_s;
    CampaignRequest campaign = request({longer});
    campaign.telemetry.root = "/";
    campaign.telemetry.interval_s = 0.1;
    campaign.telemetry.window_s = 60;
    campaign.telemetry.ready_s = ready_s_;
    campaign.spawn = [this, scripts](const std::vector<std::string>& words) {
      if (std::count(words.begin(), words.end(), "telemetry") == 0) return spawn(words);
      commands_.push_back(words);
      const std::size_t nth = std::min(commands_.size(), scripts.size()) - 1;
      return spawn({"/bin/sh", "-c", scripts[nth]});
    };
    return campaign;
  }
  std::string say(const Json& message) {
    const auto file = folder_ / ("line" + std::to_string(lines_++));
    std::ofstream(file) << message.dump() << "\n";
    return "cat " + file.string() + " >&3\n";
  }
  std::string say(const std::vector<Reading>& readings) {
    return say(to_json(TickPart{1, false, readings}));
  }
  std::string say_raw(const std::string& bytes) {
    const auto file = folder_ / ("line" + std::to_string(lines_++));
    std::ofstream(file, std::ios::binary) << bytes;
    return "cat " + file.string() + " >&3\n";
  }
  // Ends when it is asked to, with one last word.
  std::string until_stop(const std::string& last_words = "") {
    return "head -c 1 <&3 >/dev/null\n" + last_words + say(Json{{"t", "last"}});
  }
  Evidence told(const std::vector<std::string>& scripts, double duration_s = 0.1) {
    const CampaignResult result = run(scripted(scripts, duration_s));
    EXPECT_TRUE(result.sealed) << result.problem;
    EXPECT_EQ(tasks(result.evidence, "fake:0").at(0).outcome, Outcome::finished);
    return replayed();
  }
  static SensorWindow window_of(const Evidence& evidence, const std::string& sensor) {
    for (const SensorWindow& window : evidence.sensors) {
      if (window.sensor == sensor) return window;
    }
    ADD_FAILURE() << "no window of " << sensor;
    return {};
  }

  double ready_s_ = 0.1;  ///< more where the script says all that readiness asks for
  std::vector<std::vector<std::string>> commands_;
  int lines_ = 0;
};

Reading counter(double value) {
  return {"edac.mc0.dimm3.ue", Unit::count, Reading::State::value, value, "DIMM_A1", true};
}

KernelNews lines(std::uint64_t first, std::initializer_list<KernelRecord> records) {
  KernelNews news;
  news.records = records;
  for (KernelRecord& record : news.records) record.sequence = first++;
  news.last = first - 1;
  news.proven = true;
  // As if the kernel's clock were ours: "now" is what a record of boot_s 0 says.
  news.offset_s = -std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
  return news;
}

TEST_F(ScriptedTelemetry, MakesOneEventOfACounterThatRoseInAStep) {
  ready_s_ = 5;
  const Evidence evidence = told({say({counter(5)}) + say(to_json(lines(1, {}))) + kWait + "\n" +
                                  say({counter(6)}) + say({counter(8)}) + until_stop()},
                                 kLong_s);
  const auto found = events(evidence, "counter");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].severity, "fatal");
  EXPECT_EQ(found[0].count, 3u);
  EXPECT_EQ(found[0].step, "only");
  EXPECT_EQ(found[0].text, "edac.mc0.dimm3.ue rose by 3 to 8 (DIMM_A1)");
  EXPECT_EQ(found[0].part, "mc0 dimm3");
  EXPECT_FALSE(found[0].next_step.empty());
}

TEST_F(ScriptedTelemetry, WritesAnAlarmDownWithinASecondThoughWindowsAreLong) {
  ready_s_ = 5;
  const Evidence evidence = told({say({counter(5)}) + say(to_json(lines(1, {}))) + kWait + "\n" +
                                  say({counter(6)}) + until_stop()},
                                 kAlarmed_s + 1);
  ASSERT_EQ(events(evidence, "counter").size(), 1u);
  EXPECT_LT(events(evidence, "counter")[0].at_s, evidence.duration_s - 0.5);
}

TEST_F(ScriptedTelemetry, SeesWhatRoseInTheLastSecond) {
  const Evidence evidence =
      told({say({counter(5)}) + say(to_json(lines(1, {}))) + until_stop(say({counter(6)}))});
  ASSERT_EQ(events(evidence, "counter").size(), 1u);
  EXPECT_EQ(events(evidence, "counter")[0].step, "");
}

TEST_F(ScriptedTelemetry, WaitsForTheLastReadingOnlyALimitedTime) {
  const Evidence evidence = told({say({counter(5)}) + "exec sleep 60"});
  const auto warnings = events(evidence, "telemetry");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0].text, HasSubstr("did not end when asked; the last readings are missing"));
  EXPECT_EQ(window_of(evidence, "edac.mc0.dimm3.ue").count, 1u);
}

TEST_F(ScriptedTelemetry, CountsAResetAndAbsurdValues) {
  Reading absurd{"hwmon0.temp1", Unit::celsius, Reading::State::value, 5000};
  const Evidence evidence = told({say({counter(5), absurd}) + say({counter(2)}) + until_stop()});
  EXPECT_EQ(window_of(evidence, "edac.mc0.dimm3.ue").resets, 1u);
  EXPECT_EQ(window_of(evidence, "edac.mc0.dimm3.ue").rise, 2);
  EXPECT_EQ(window_of(evidence, "hwmon0.temp1").errors, 1u);
  const auto csv = zstdcat(folder_ / "bundle/telemetry/0001.csv.zst");
  EXPECT_THAT(csv.text, HasSubstr(",5,error\n"));
}

TEST_F(ScriptedTelemetry, CutsWindowsAtAStepsStartAndEnd) {
  ready_s_ = 5;
  const Evidence evidence = told({say({counter(5)}) + say(to_json(lines(1, {}))) + kWait + "\n" +
                                  say({counter(5)}) + until_stop(say({counter(5)}))},
                                 kLong_s);
  const TaskRecord task = tasks(evidence, "fake:0").at(0);
  ASSERT_EQ(evidence.sensors.size(), 3u);
  EXPECT_LE(evidence.sensors[0].start_s + evidence.sensors[0].length_s, task.start_s + 0.01);
  EXPECT_GE(evidence.sensors[1].start_s + evidence.sensors[1].length_s, task.end_s);
  EXPECT_EQ(evidence.sensors[1].start_s,
            evidence.sensors[0].start_s + evidence.sensors[0].length_s);
}

TEST_F(ScriptedTelemetry, RecordsWhatItReadInSegmentsOfTheBundle) {
  const Evidence evidence = told(
      {say({counter(5)}) +
       say(to_json(lines(1, {{.facility = 3, .text = "systemd[1]: started"}}))) + until_stop()});
  ASSERT_EQ(evidence.segments.size(), 2u);
  const std::set<std::string> files{evidence.segments[0].file, evidence.segments[1].file};
  EXPECT_EQ(files,
            (std::set<std::string>{"telemetry/0001.csv.zst", "telemetry/kernel-0001.log.zst"}));
  EXPECT_THAT(zstdcat(folder_ / "bundle/telemetry/kernel-0001.log.zst").text,
              HasSubstr(" 1 3.6 systemd[1]: started\n"));
}

TEST_F(ScriptedTelemetry, BindsALineOfTheKernelToTheStepInHand) {
  ready_s_ = 5;
  const std::string line = "mce: [Hardware Error]: Machine check events logged";
  const Evidence evidence =
      told({say({counter(5)}) + say(to_json(lines(1, {}))) + kWait + "\n" +
            say(to_json(lines(2, {{.boot_s = 1000, .text = line}}))) + until_stop()},
           kLong_s);
  const auto found = events(evidence, "kernel_log");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].step, "only");  // from the future: now
  EXPECT_EQ(found[0].text, line);
}

TEST_F(ScriptedTelemetry, TakesALineFromBeforeTheRunForOneFromItsStart) {
  const Evidence evidence =
      told({say(to_json(lines(1, {{.boot_s = -1e9, .text = "EDAC MC0: 1 UE on DIMM_A1"}}))) +
            until_stop()});
  for (const EventRecord& event : evidence.events) {
    EXPECT_GE(event.at_s, 0);
    EXPECT_EQ(event.step, "");
  }
}

TEST_F(ScriptedTelemetry, NeverBelievesAForgedLineToBeFatal) {
  const std::string forged = "NVRM: Xid (PCI:0000:1b:00): 79, GPU has fallen off the bus.";
  const Evidence evidence =
      told({say(to_json(lines(1, {{.facility = 1, .text = forged}}))) + until_stop()});
  for (const EventRecord& event : evidence.events) EXPECT_NE(event.severity, "fatal");
}

TEST_F(ScriptedTelemetry, CountsLinesThatTheRingOverwrote) {
  KernelNews news = lines(100, {{.text = "x"}});
  news.lost = 42;
  const Evidence evidence = told({say(to_json(news)) + until_stop()});
  ASSERT_FALSE(evidence.kernel_log.empty());
  std::uint64_t lost = 0, records = 0;
  for (const KernelLogWindow& window : evidence.kernel_log) {
    lost += window.lost;
    records += window.records;
  }
  EXPECT_EQ(lost, 42u);
  EXPECT_EQ(records, 1u);
}

TEST_F(ScriptedTelemetry, GoesOnAfterTheLastLineWhenItIsStartedAgain) {
  const Evidence evidence =
      told({say({counter(5)}) + say(to_json(lines(7, {{.text = "x"}}))) + "exit 3",
            say({counter(5)}) + say(to_json(lines(8, {}))) + until_stop()},
           kLong_s);
  ASSERT_EQ(commands_.size(), 2u);
  EXPECT_EQ(commands_[0].back(), "-");
  EXPECT_EQ(commands_[1].back(), "7");
  EXPECT_THAT(events(evidence, "telemetry").at(0).text, HasSubstr("exit code 3; started again"));
  for (const KernelLogWindow& window : evidence.kernel_log) EXPECT_EQ(window.error, "");
}

TEST_F(ScriptedTelemetry, TakesGarbageForABrokenProcess) {
  const std::string good = say({counter(1)}) + until_stop();
  const std::pair<std::string, const char*> table[] = {
      {say_raw("Xid 79\n"), "a line that is no message"},
      {say_raw("{\"t\":\"readings\",\"tick\":1}\n"), "not a tick of readings"},
      {say_raw("{\"t\":\"kernel\"}\n"), "not news of the kernel log"},
      {say_raw(std::string(2u << 20, 'x')), "a line longer than 1 MiB"}};
  for (const auto& [bad, why] : table) {
    std::filesystem::remove_all(folder_ / "bundle");
    commands_.clear();
    const Evidence evidence = told({bad + "exec sleep 60", good}, kLong_s);
    EXPECT_THAT(events(evidence, "telemetry").at(0).text, HasSubstr(why));
    EXPECT_EQ(window_of(evidence, "edac.mc0.dimm3.ue").count, 1u) << why;
  }
}

TEST_F(ScriptedTelemetry, CutsALineOf100kB) {
  const Evidence evidence =
      told({say(to_json(lines(1, {{.text = std::string(100000, 'x')}}))) + until_stop()});
  EXPECT_TRUE(events(evidence, "telemetry").empty());
  EXPECT_LT(zstdcat(folder_ / "bundle/telemetry/kernel-0001.log.zst").text.size(), 5000u);
}

TEST_F(ScriptedTelemetry, ReportsASilentProcess) {
  CampaignRequest campaign =
      scripted({say({counter(1)}) + "exec sleep 60", say({counter(1)}) + until_stop()}, kLong_s);
  campaign.telemetry.silence_s = 0.15;
  run(campaign);
  EXPECT_THAT(events(replayed(), "telemetry").at(0).text, HasSubstr("silent for 0."));
}

TEST_F(ScriptedTelemetry, TellsTheProgressOfEachTick) {
  class Heard : public Progress {
   public:
    void readings(const std::vector<Reading>& all) override { ticks.push_back(all.size()); }
    std::vector<std::size_t> ticks;
  } heard;
  CampaignRequest campaign =
      scripted({say(to_json(TickPart{1, true, {counter(1)}})) + say({counter(2)}) + until_stop()});
  campaign.progress = &heard;
  run(campaign);
  EXPECT_EQ(heard.ticks, std::vector<std::size_t>{2});
}

TEST_F(ScriptedTelemetry, SaysOnceWhyTheKernelLogIsNotProven) {
  KernelNews news = lines(1, {});
  news.proven = false;
  news.unproven = "no line can be written to /dev/kmsg: Permission denied";
  const Evidence evidence = told({say(to_json(news)) + say(to_json(news)) + until_stop()});
  ASSERT_EQ(events(evidence, "note").size(), 1u);
  EXPECT_THAT(events(evidence, "note")[0].text, HasSubstr("Permission denied"));
  EXPECT_FALSE(evidence.kernel_log.at(0).proven);
}

TEST_F(ScriptedTelemetry, SaysSoWhenItIsNotThisMachineThatIsRead) {
  CampaignRequest campaign = scripted({say({counter(1)}) + until_stop()});
  campaign.telemetry.root = folder_.path();
  run(campaign);
  const auto found = events(replayed(), "sensor_root");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].severity, "warning");
  EXPECT_THAT(found[0].text, HasSubstr("not of this machine"));
}

TEST(TelemetryJob, GoesThroughTheCommandLine) {
  const auto job = job_from_words(words_of({"/some where", 0.25, 12345678901234}));
  ASSERT_TRUE(job);
  EXPECT_EQ(job->root, "/some where");
  EXPECT_EQ(job->interval_s, 0.25);
  EXPECT_EQ(job->after, 12345678901234u);
  EXPECT_FALSE(job_from_words(words_of({"/", 1, {}}))->after);
  EXPECT_FALSE(job_from_words({"/", "0", "-"}));
  EXPECT_FALSE(job_from_words({"/", "1", "x"}));
}

}  // namespace
}  // namespace rackproof
