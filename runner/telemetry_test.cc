// SPDX-License-Identifier: Apache-2.0
// Sensors under supervision: what they say is recorded, and what they break stays their own affair.
#include "runner/telemetry.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "runner/campaign_for_test.h"
#include "runner/zstd_for_test.h"

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
    campaign.telemetry.root = folder_.path();
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

TEST_F(TelemetryTest, StoresEveryTickInASegmentOfTheBundle) {
  const Evidence evidence = with_sensor("41.5", 0.6);
  ASSERT_FALSE(evidence.segments.empty());
  std::uint64_t rows = 0;
  for (const SegmentRecord& segment : evidence.segments) {
    if (!segment.file.ends_with(".csv.zst")) continue;
    rows += segment.rows;
    const Unpacked read = zstdcat(folder_ / "bundle" / segment.file);
    EXPECT_TRUE(read.whole);
    EXPECT_THAT(read.text, HasSubstr("runner_test [celsius]"));
    EXPECT_EQ(static_cast<std::uint64_t>(std::count(read.text.begin(), read.text.end(), '\n')),
              segment.rows + 1);
  }
  EXPECT_GE(rows, 5u);
}

}  // namespace
}  // namespace rackproof
