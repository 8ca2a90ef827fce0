// SPDX-License-Identifier: Apache-2.0
// What of a step's bursts is kept, when something breaks or comes late too.
#include <gtest/gtest.h>

#include "core/scripted_step_for_test.h"

namespace rackproof {
namespace {

using namespace scripted;
using namespace std::chrono_literals;

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

}  // namespace
}  // namespace rackproof
