// SPDX-License-Identifier: Apache-2.0
// Sensors under supervision: what they say is recorded, and what they break stays their own affair.
#include "runner/telemetry.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "runner/campaign_for_test.h"

namespace rackproof {
namespace {

using ::testing::HasSubstr;

class TelemetryTest : public CampaignTest {
 protected:
  // A step under a telemetry process whose sensor file holds `word`.
  Evidence with_sensor(const std::string& word, double duration_s) const {
    std::ofstream(folder_ / "runner_test") << word;
    PlannedStep longer = step("pass");
    longer.duration_s = duration_s;
    CampaignRequest campaign = request({longer});
    campaign.telemetry.root = folder_;
    campaign.telemetry.interval_s = 0.05;
    campaign.telemetry.window_s = 0.4;
    run(campaign);
    return replayed();
  }
  static std::vector<SensorWindow> windows_of(const Evidence& evidence, const std::string& sensor) {
    std::vector<SensorWindow> found;
    for (const SensorWindow& window : evidence.sensors) {
      if (window.sensor == sensor) found.push_back(window);
    }
    return found;
  }
};

TEST_F(TelemetryTest, RecordsASensorInWindows) {
  const Evidence evidence = with_sensor("41.5", 1.0);
  const auto windows = windows_of(evidence, "runner_test");
  ASSERT_GE(windows.size(), 2u);
  EXPECT_GT(windows[0].count, 0u);
  EXPECT_EQ(windows[0].median, 41.5);
  EXPECT_EQ(windows[0].unit, "celsius");
  EXPECT_GE(windows[1].start_s, windows[0].start_s + windows[0].length_s - 1e-9);
}

TEST_F(TelemetryTest, RestartsADyingProcessThreeTimesAndStopsNoStressor) {
  const Evidence evidence = with_sensor("die", 1.0);
  const auto warnings = events(evidence, "telemetry");
  ASSERT_EQ(warnings.size(), 4u);
  EXPECT_THAT(warnings[0].text, HasSubstr("exit code 9; started again"));
  EXPECT_THAT(warnings[3].text, HasSubstr("given up"));
  EXPECT_EQ(tasks(evidence, "fake:0").at(0).outcome, Outcome::finished);
}

TEST_F(TelemetryTest, KeepsReadingOtherSensorsBesideABlockedOne) {
  const Evidence evidence = with_sensor("block", 1.0);
  EXPECT_TRUE(events(evidence, "telemetry").empty());
  EXPECT_TRUE(windows_of(evidence, "runner_test").empty());
  EXPECT_FALSE(evidence.sensors.empty());
}

Reading reading(Reading::State state, double value, const std::string& detail = "") {
  return {.sensor = "t", .unit = Unit::celsius, .state = state, .value = value, .detail = detail};
}

TEST(SensorWindows, KeepsTheThreeStatesApart) {
  SensorWindows windows;
  for (const double value : {3.0, -7.0, 5.0}) windows.add(reading(Reading::State::value, value));
  windows.add(reading(Reading::State::error, 0, "I/O error"));
  windows.add(reading(Reading::State::unsupported, 0));
  const auto taken = windows.take(10, 15);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].count, 3u);
  EXPECT_EQ(taken[0].min, -7);
  EXPECT_EQ(taken[0].median, 3);
  EXPECT_EQ(taken[0].max, 5);
  EXPECT_EQ(taken[0].errors, 1u);
  EXPECT_EQ(taken[0].unsupported, 1u);
  EXPECT_EQ(taken[0].error, "I/O error");
  EXPECT_EQ(taken[0].length_s, 5);
  EXPECT_TRUE(windows.take(15, 20).empty());
}

TEST(SensorWindows, TakesANaNForAnError) {
  SensorWindows windows;
  windows.add(reading(Reading::State::value, std::nan("")));
  EXPECT_EQ(windows.take(0, 1).at(0).errors, 1u);
}

}  // namespace
}  // namespace rackproof
