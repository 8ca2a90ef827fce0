// SPDX-License-Identifier: Apache-2.0
// The framework under a stressor: time, windows, lateness, drills, patterns and what is kept when
// something breaks. The device is a script that says what each burst does.
#include "core/context.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <functional>
#include <set>
#include <thread>

namespace rackproof {
namespace {

using namespace std::chrono_literals;

// What the script's next bursts do, and what it was asked for.
struct Script {
  std::function<void(Burst&, std::uint64_t)> burst = [](Burst&, std::uint64_t) {};
  std::function<bool(const Fault&)> can_strike = [](const Fault&) { return true; };
  std::string unsupported;
  std::vector<RunFor> asked;
};

class ScriptedFault : public ArmedFault {
 public:
  std::vector<Activation> activations() const override { return {{3, 4, 5}}; }
};

class ScriptedWork : public Prepared {
 public:
  explicit ScriptedWork(Script& script) : script_(script) {}
  Burst run(const RunFor& how) override {
    Burst burst;
    burst.iterations = 1;
    burst.bytes = 64;
    burst.digest = 42;
    burst.start = burst.end = Clock::now();
    burst.cores = {{0, 1, 0}, {1, 1, 0}};
    script_.burst(burst, script_.asked.size());
    script_.asked.push_back(how);
    return burst;
  }
  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    if (!script_.can_strike(fault)) return nullptr;
    return std::make_unique<ScriptedFault>();
  }

 private:
  Script& script_;
};

class ScriptedDevice : public Device {
 public:
  explicit ScriptedDevice(Script& script) : script_(script) {}
  const DeviceInfo& info() const override { return info_; }
  Region allocate(std::uint64_t size_bytes, Place) override { return {nullptr, size_bytes}; }
  Preparation prepare(const Workload&) override {
    if (!script_.unsupported.empty()) return Unsupported{script_.unsupported};
    return std::make_unique<ScriptedWork>(script_);
  }

 private:
  Script& script_;
  DeviceInfo info_;
};

class Record : public Recorder {
 public:
  std::vector<WindowRecord> windows;
  std::vector<Phase> phases;
  Clock::time_point start{};

  void window(const WindowRecord& record) override { windows.push_back(record); }
  void phase(Phase phase) override { phases.push_back(phase); }
  Clock::time_point barrier() override { return start; }

  [[nodiscard]] std::uint64_t bursts() const {
    std::uint64_t sum = 0;
    for (const WindowRecord& w : windows) sum += w.bursts;
    return sum;
  }
  [[nodiscard]] std::vector<FaultRecord> faults() const {
    std::vector<FaultRecord> all;
    for (const WindowRecord& w : windows) all.insert(all.end(), w.faults.begin(), w.faults.end());
    return all;
  }
};

constexpr Metric kSpeed{"speed", Unit::bytes_per_second, "bytes"};
constexpr Param kSize{"size", 8, 1, 100, "how much"};
constexpr Fraction kShare{"share", 0.5, 0, 1, "how much of it"};
constexpr std::array<std::string_view, 2> kWords{"left", "right"};
constexpr Choice kSide{"side", kWords, "which"};

void fill_on_and_on(Context& ctx) {
  const auto prepared = ctx.prepare(Fill{ctx.device().allocate(64)});
  while (ctx.running()) {
    (void)prepared->run(ctx.burst());
    ctx.record(kSpeed, 1);
  }
}

// However slow the host, there are as many bursts.
void fill_in_passes(Context& ctx) {
  const auto prepared = ctx.prepare(Fill{ctx.device().allocate(64)});
  while (ctx.running()) {
    (void)prepared->run(ctx.burst());
    ctx.record(kSpeed, 1);
    ctx.pass_completed(64);
  }
}

void sweep_in_passes(Context& ctx) {
  const auto prepared = ctx.prepare(Fill{ctx.device().allocate(64)});
  while (ctx.running()) {
    (void)prepared->run(ctx.sweep(2, 1));
    (void)prepared->run(ctx.sweep());
    ctx.pass_completed(64);
  }
}

StressorInfo stressor(void (*run)(Context&)) {
  return {
      .name = "test.stressor", .metrics = {kSpeed}, .params = {kSize, kShare, kSide}, .run = run};
}

StepSettings settings_of(double duration_s) {
  StepSettings settings;
  settings.step = "s/00 test";
  settings.device = "d0";
  settings.stressor = "test.stressor";
  settings.duration_s = duration_s;
  settings.burst_s = 0.001;
  return settings;
}

StepSettings drill_of(std::vector<Fault> faults) {
  StepSettings settings = settings_of(0);
  settings.drill = true;
  settings.faults = std::move(faults);
  return settings;
}

Record run(Script& script, const StepSettings& settings,
           void (*function)(Context&) = fill_on_and_on) {
  Record record;
  ScriptedDevice device(script);
  const std::atomic<bool> stop{false};
  run_step(device, stressor(function), settings, record, stop);
  return record;
}

// Runs until the script's n-th burst, which ends the step by throwing.
Record run_bursts(Script& script, StepSettings settings, std::uint64_t bursts,
                  void (*function)(Context&) = fill_on_and_on) {
  Record record;
  ScriptedDevice device(script);
  const std::atomic<bool> stop{false};
  const auto act = script.burst;
  script.burst = [act, bursts](Burst& burst, std::uint64_t index) {
    if (index == bursts) throw DeviceError("over");
    act(burst, index);
  };
  settings.duration_s = 3600;
  try {
    run_step(device, stressor(function), settings, record, stop);
  } catch (const DeviceError&) {
  }
  return record;
}

void take_a_while(Burst& burst, std::uint64_t) {
  std::this_thread::sleep_for(1ms);
  burst.end = Clock::now();
}

TEST(Windows, FollowOneAnotherWithoutGapAndHoldEveryBurst) {
  Script script{.burst = take_a_while};
  StepSettings settings = settings_of(0);
  settings.window_s = 1e-6;  // shorter than any burst
  const Record record = run_bursts(script, settings, 5);
  ASSERT_GE(record.windows.size(), 2U);
  EXPECT_EQ(record.bursts(), script.asked.size());
  EXPECT_EQ(record.windows.front().start_s, 0);
  for (std::size_t i = 1; i < record.windows.size(); ++i) {
    const WindowRecord& before = record.windows[i - 1];
    EXPECT_NEAR(record.windows[i].start_s, before.start_s + before.length_s, 1e-9);
  }
}

TEST(Windows, CountEqualWorkTogetherAndOtherDigestsApart) {
  Script script{.burst = [](Burst& burst, std::uint64_t index) {
    if (index == 2) burst.digest = 43;
  }};
  const Record record = run_bursts(script, settings_of(0), 5);
  ASSERT_EQ(record.windows.size(), 1U);
  ASSERT_EQ(record.windows[0].work.size(), 2U);
  EXPECT_EQ(record.windows[0].work[0].bursts, 4U);
  EXPECT_EQ(record.windows[0].work[0].bytes, 4 * 64);
  EXPECT_EQ(record.windows[0].work[0].work, "fill 64");
  EXPECT_EQ(record.windows[0].work[1].digest->value, 43U);
  EXPECT_EQ(record.windows[0].cores.at(1).iterations, 5U);
}

TEST(Windows, AddUpWhatEachBurstDid) {
  Script script{.burst = [](Burst& burst, std::uint64_t) {
    burst.iterations = 3;
    burst.miscompares = 1;
  }};
  std::uint64_t iterations = 0, miscompares = 0;
  for (const WindowRecord& window : run_bursts(script, settings_of(0), 5).windows) {
    iterations += window.work.at(0).iterations;
    miscompares += window.miscompares;
  }
  EXPECT_EQ(iterations, 15U);
  EXPECT_EQ(miscompares, 5U);
}

TEST(Windows, AreHandedOnEarlyWhenSomethingMiscompares) {
  Script script{.burst = [](Burst& burst, std::uint64_t index) {
    if (index != 1) return;
    std::this_thread::sleep_for(60ms);  // longer than an urgent window
    burst.miscompares = 200;
    burst.samples.assign(kMaxSamples, {1, 7, 8, 9});
  }};
  const Record record = run_bursts(script, settings_of(0), 4);
  ASSERT_GE(record.windows.size(), 2U);
  EXPECT_EQ(record.windows[0].bursts, 2U);
  EXPECT_EQ(record.windows[0].miscompares, 200U);
  ASSERT_EQ(record.windows[0].findings.size(), kMaxSamples);
  EXPECT_EQ(record.windows[0].findings[0].burst, 1U);
  EXPECT_EQ(record.windows[0].findings[0].got, 9U);
}

TEST(Windows, SurviveTheLossOfTheDevice) {
  Script script;
  const Record record = run_bursts(script, settings_of(0), 3);
  EXPECT_EQ(record.bursts(), 3U);
  EXPECT_EQ(record.windows.at(0).metrics.at(0).count, 3U);
}

TEST(RunStep, HandsDeviceErrorsOn) {
  Script script{.burst = [](Burst&, std::uint64_t) { throw DeviceError("lost"); }};
  EXPECT_THROW(run(script, settings_of(1)), DeviceError);
}

TEST(RunStep, EndsAsASkipWhereTheDeviceCannot) {
  Script script{.unsupported = "no such unit"};
  try {
    run(script, settings_of(1));
    FAIL() << "nothing was thrown";
  } catch (const StepUnsupported& skip) {
    EXPECT_EQ(skip.reason, "no such unit");
  }
  EXPECT_TRUE(script.asked.empty());
}

TEST(RunStep, LoadsForItsDurationAndReportsItsPhases) {
  Script script{.burst = take_a_while};
  const auto before = Clock::now();
  const Record record = run(script, settings_of(0.02));
  EXPECT_GE(Clock::now() - before, 20ms);
  EXPECT_EQ(record.phases, (std::vector<Phase>{Phase::prepare, Phase::load}));
}

TEST(RunStep, StopsWhenTheRunIsStopped) {
  static std::atomic<bool> stop;
  stop = false;
  Script script{.burst = [](Burst&, std::uint64_t index) { stop = index >= 4; }};
  Record record;
  ScriptedDevice device(script);
  run_step(device, stressor(fill_on_and_on), settings_of(3600), record, stop);
  EXPECT_EQ(record.bursts(), 5U);
}

TEST(RunStep, StartsAGangTogether) {
  Script script;
  Record record;
  record.start = Clock::now() + 10ms;
  ScriptedDevice device(script);
  const std::atomic<bool> stop{false};
  StepSettings settings = settings_of(0.001);
  settings.gang = true;
  script.burst = [&](Burst&, std::uint64_t) { EXPECT_GE(Clock::now(), record.start); };
  run_step(device, stressor(fill_on_and_on), settings, record, stop);
  EXPECT_GE(record.bursts(), 1U);
}

TEST(Passes, EndTheStepAndAreCounted) {
  Script script;
  StepSettings settings = settings_of(0);
  settings.passes = 3;
  const Record record = run(script, settings, sweep_in_passes);
  EXPECT_EQ(script.asked.size(), 6U);
  ASSERT_EQ(record.windows.size(), 1U);
  EXPECT_EQ(record.windows[0].passes, 3U);
  EXPECT_EQ(record.windows[0].memory_tested_bytes, 64);
}

TEST(Passes, SweepsOnceOverTheHalfThatIsAsked) {
  Script script;
  StepSettings settings = settings_of(0);
  settings.passes = 2;
  (void)run(script, settings, sweep_in_passes);
  EXPECT_EQ(script.asked[0].iterations, 1U);
  EXPECT_EQ(script.asked[0].address_bit, 2);
  EXPECT_EQ(script.asked[0].half, 1);
  EXPECT_EQ(script.asked[1].address_bit, -1);
  EXPECT_EQ(script.asked[0].pattern, script.asked[1].pattern);  // one pattern a pass
  EXPECT_NE(script.asked[0].pattern, script.asked[2].pattern);
}

std::vector<std::uint64_t> patterns_of(const StepSettings& settings) {
  Script script;
  (void)run_bursts(script, settings, 40);
  std::vector<std::uint64_t> patterns;
  for (const RunFor& how : script.asked) patterns.push_back(how.pattern);
  return patterns;
}

TEST(Patterns, DeriveFromSeedDeviceStepAndIndex) {
  const StepSettings settings = settings_of(0);
  const auto patterns = patterns_of(settings);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    EXPECT_EQ(patterns[i], derive(settings.seed, "d0", "s/00 test", i / 16));
  }
}

TEST(Patterns, DifferBetweenSeedsDevicesAndSteps) {
  StepSettings other_seed = settings_of(0), other_device = settings_of(0),
               other_step = settings_of(0);
  other_seed.seed[0] = 1;
  other_device.device = "d1";
  other_step.step = "s/01 test";
  std::set<std::uint64_t> first{patterns_of(settings_of(0))[0]};
  for (const StepSettings& other : {other_seed, other_device, other_step}) {
    EXPECT_TRUE(first.insert(patterns_of(other)[0]).second);
  }
}

TEST(Patterns, SampleOtherRowsInEveryBurst) {
  Script script;
  (void)run_bursts(script, settings_of(0), 20);
  std::set<std::uint64_t> samples;
  for (const RunFor& how : script.asked) samples.insert(how.sample);
  EXPECT_EQ(samples.size(), script.asked.size());
}

void seven_seconds(Burst& burst, std::uint64_t index) {
  if (index == 1) burst.end = burst.start + 7s;
}

TEST(Lateness, IsRecordedWithItsBurst) {
  Script script{.burst = seven_seconds};
  const Record record = run_bursts(script, settings_of(0), 3);
  ASSERT_EQ(record.windows.at(0).late.size(), 1U);
  EXPECT_EQ(record.windows[0].late[0].burst, 1U);
  EXPECT_NEAR(record.windows[0].late[0].late_s, 7, 0.1);
}

TEST(Lateness, LeavesTimeForTheIterationInHand) {
  Script script{.burst = seven_seconds};
  StepSettings settings = settings_of(0);
  settings.late_after_s = 8;
  for (const WindowRecord& w : run_bursts(script, settings, 3).windows) EXPECT_TRUE(w.late.empty());
}

TEST(Lateness, IsNotClaimedOfSweepsThatTakeAsLongAsTheyTake) {
  Script script{.burst = seven_seconds};
  const Record record = run_bursts(script, settings_of(0), 3, sweep_in_passes);
  for (const WindowRecord& w : record.windows) EXPECT_TRUE(w.late.empty());
}

Fault flip(std::uint64_t id) { return {.id = id}; }
Fault timing(FaultKind kind, double delay_s = 0) {
  return {.id = 9, .site = FaultSite::timing, .kind = kind, .delay_s = delay_s};
}

TEST(Drill, CommitsOneFaultInEveryOtherBurstAndEndsOnACleanOne) {
  Script script;
  const Record record = run(script, drill_of({flip(1), flip(2), flip(3)}));
  const std::vector<FaultRecord> faults = record.faults();
  ASSERT_EQ(faults.size(), 3U);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(faults[i].id, i + 1);
    EXPECT_EQ(faults[i].burst, 2 * i + 1);
    EXPECT_EQ(faults[i].flips.at(0).after, 5U);
  }
  EXPECT_EQ(record.bursts(), 7U);
}

TEST(Drill, KeepsTheDigestsOfFaultedBurstsApart) {
  Script script;
  std::uint64_t faulted = 0, clean = 0;
  for (const WindowRecord& w : run(script, drill_of({flip(1), flip(2)})).windows) {
    for (const WorkTally& t : w.work) (t.faulted ? faulted : clean) += t.bursts;
  }
  EXPECT_EQ(faulted, 2U);
  EXPECT_EQ(clean, 3U);
}

TEST(Drill, WaitsForWorkThatCanSufferTheFault) {
  Script script;
  int refused = 0;
  script.can_strike = [&](const Fault&) { return ++refused > 4; };
  const Record record = run(script, drill_of({flip(1)}));
  ASSERT_EQ(record.faults().size(), 1U);
  EXPECT_EQ(record.faults()[0].burst, 5U);
}

TEST(Drill, GivesUpOnAFaultThatNothingCanSuffer) {
  Script script{.can_strike = [](const Fault&) { return false; }};
  const Record record = run(script, drill_of({flip(1)}));
  EXPECT_TRUE(record.faults().empty());
  EXPECT_GT(record.bursts(), 1000U);
}

TEST(Drill, FindsItsOwnLateAnswer) {
  Script script;
  StepSettings settings = drill_of({timing(FaultKind::late, 0.02)});
  settings.late_after_s = 0.01;
  const Record record = run(script, settings);
  ASSERT_EQ(record.faults().size(), 1U);
  std::vector<std::uint64_t> late;
  for (const WindowRecord& w : record.windows) {
    for (const Lateness& l : w.late) late.push_back(l.burst);
  }
  EXPECT_EQ(late, (std::vector<std::uint64_t>{1}));
}

// Tells what it was handed through stderr, since the process that it is in will not end by itself.
class TellingRecord : public Recorder {
 public:
  void window(const WindowRecord& record) override {
    for (const FaultRecord& f : record.faults) std::fprintf(stderr, "fault %s\n", f.kind.c_str());
  }
  void phase(Phase) override {}
  Clock::time_point barrier() override { return {}; }
};

// A load of 200 bursts with these faults among them: one in each 64.
StepSettings load_with(std::vector<Fault> faults) {
  StepSettings settings = settings_of(0);
  settings.passes = 200;
  settings.faults = std::move(faults);
  return settings;
}

TEST(Unannounced, EachFaultStrikesABurstOfItsOwnBesideTheLoads) {
  Script script{.burst = take_a_while};
  const Record record = run(script, load_with({flip(1), flip(2)}), fill_in_passes);
  ASSERT_EQ(record.faults().size(), 2U);
  EXPECT_GE(record.faults()[0].burst, 1U);
  double told = 0;
  for (const WindowRecord& w : record.windows) {
    for (const MetricWindow& m : w.metrics) told += static_cast<double>(m.count);
  }
  EXPECT_EQ(static_cast<double>(record.bursts()), told + 2);  // the load measured all but those two
}

// Of a load by time they are due by time: of an hour's hundred thousand, each within 33 ms more.
TEST(Unannounced, ComeInALoadByTimeToo) {
  Script script{.burst = take_a_while};
  StepSettings settings = settings_of(0);
  settings.faults.assign(100000, flip(1));
  EXPECT_GE(run_bursts(script, settings, 100).faults().size(), 2U);
}

TEST(Unannounced, WhatAFaultCrowdsOutIsNotTheLoads) {
  Script script{.burst = [](Burst& burst, std::uint64_t index) {
    take_a_while(burst, index);
    burst.miscompares = kMaxSamples;
    burst.samples.assign(kMaxSamples, {0, 3, 4, 5});
  }};
  for (const WindowRecord& w : run(script, load_with({flip(1)}), fill_in_passes).windows) {
    if (w.faults.empty()) continue;
    EXPECT_EQ(w.bursts, 1U);  // nothing of those before and after it
    EXPECT_EQ(w.findings.size(), kMaxSamples);
  }
}

TEST(Unannounced, WaitForWorkThatCanSufferThem) {
  Script script{.burst = take_a_while};
  script.can_strike = [](const Fault&) { return false; };
  const Record record = run(script, load_with({flip(1)}), fill_in_passes);
  EXPECT_TRUE(record.faults().empty());
  EXPECT_EQ(record.bursts(), script.asked.size());
}

TEST(Unannounced, CameWhenTheSeedSays) {
  const auto struck = [](std::uint8_t seed) {
    Script script;
    StepSettings settings = load_with({flip(1)});
    settings.seed = Seed{seed};
    return run(script, settings, sweep_in_passes).faults().at(0).burst;
  };
  EXPECT_EQ(struck(1), struck(1));
  EXPECT_TRUE(struck(1) != struck(2) || struck(2) != struck(3) || struck(3) != struck(4));
}

TEST(DrillDeathTest, RecordsTheMissingAnswerBeforeItStopsAnswering) {
  const auto never_ends = [] {
    ualarm(100000, 0);
    Script script;
    TellingRecord record;
    ScriptedDevice device(script);
    const std::atomic<bool> stop{false};
    run_step(device, stressor(fill_on_and_on), drill_of({timing(FaultKind::missing)}), record,
             stop);
  };
  EXPECT_EXIT(never_ends(), ::testing::KilledBySignal(SIGALRM), "fault missing");
}

struct Seen {
  std::int64_t size = 0;
  double share = 0;
  std::string side;
};
Seen seen;  // by the last step that looked

void look(Context& ctx) { seen = {ctx[kSize], ctx[kShare], std::string(ctx[kSide])}; }

TEST(Parameters, TakeTheirDefaults) {
  Script script;
  (void)run(script, settings_of(0), look);
  EXPECT_EQ(seen.size, 8);
  EXPECT_EQ(seen.share, 0.5);
  EXPECT_EQ(seen.side, "left");
}

TEST(Parameters, TakeTheStepsOwnValues) {
  Script script;
  StepSettings settings = settings_of(0);
  settings.params = {{"size", "9"}, {"share", "25 %"}, {"side", "right"}};
  (void)run(script, settings, look);
  EXPECT_EQ(seen.size, 9);
  EXPECT_EQ(seen.share, 0.25);
  EXPECT_EQ(seen.side, "right");
}

TEST(Parameters, RefuseWhatThePlanShouldNotHaveLetThrough) {
  Script script;
  StepSettings settings = settings_of(0);
  settings.params = {{"size", "101"}};
  EXPECT_THROW(run(script, settings, look), std::invalid_argument);
}

TEST(Metrics, MustBeDeclared) {
  Script script;
  const auto undeclared = [](Context& ctx) { ctx.record({"other", Unit::count, ""}, 1); };
  EXPECT_THROW(run(script, settings_of(0), undeclared), std::invalid_argument);
}

}  // namespace
}  // namespace rackproof
