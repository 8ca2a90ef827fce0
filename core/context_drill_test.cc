// SPDX-License-Identifier: Apache-2.0
// Deliberate faults: those of a drill, and those that come unannounced among a load's bursts.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "core/scripted_step_for_test.h"

namespace rackproof {
namespace {

using namespace scripted;

// However slow the host, there are as many bursts.
void fill_in_passes(Context& ctx) {
  const auto prepared = ctx.prepare(Fill{ctx.device().allocate(64)});
  while (ctx.running()) {
    (void)prepared->run(ctx.burst());
    ctx.record(kSpeed, 1);
    ctx.pass_completed(64);
  }
}

StepSettings drill_of(std::vector<Fault> faults) {
  StepSettings settings = settings_of(0);
  settings.drill = true;
  settings.faults = std::move(faults);
  return settings;
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

}  // namespace
}  // namespace rackproof
