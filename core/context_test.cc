// SPDX-License-Identifier: Apache-2.0
// The framework under a stressor: time, patterns, parameters and what ends a step.
#include "core/context.h"

#include <gtest/gtest.h>

#include <set>

#include "core/scripted_step_for_test.h"

namespace rackproof {
namespace {

using namespace scripted;
using namespace std::chrono_literals;

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
