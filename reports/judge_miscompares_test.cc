// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_miscompares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// The load step of a campaign in which these were found in its first window.
Campaign with(std::vector<Finding> findings) {
  Campaign c = healthy();
  WindowRecord& window = c.task(kLoad).windows[0];
  window.miscompares = findings.size();
  window.findings = std::move(findings);
  return c;
}

Finding finding(std::uint64_t element, std::uint64_t expected, std::uint64_t got,
                std::uint32_t core = 3) {
  return {.burst = 1, .core = core, .element = element, .expected = expected, .got = got};
}

MiscompareSummary only(const Campaign& campaign) {
  const Report report = campaign.judged();
  EXPECT_EQ(report.miscompares.size(), 1U);
  return report.miscompares.at(0);
}

TEST(Miscompares, OfOneBitAtRegularDistancesSayBoth) {
  const Campaign c =
      with({finding(4096, 0, 0x20000), finding(12288, 1, 0x20001), finding(20480, 8, 0x20008)});
  const MiscompareSummary s = only(c);
  EXPECT_EQ(s.bits[17], 3U);
  EXPECT_EQ(s.to_one, 3U);
  EXPECT_EQ(s.to_zero, 0U);
  EXPECT_EQ(s.single_bit, 3U);
  EXPECT_EQ(s.period, 8192U);
  EXPECT_EQ(in_common(s), "always bit 17, to 1; 3 elements, multiples of 8192 apart; core 3");
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("always bit 17, to 1; 3 elements"));
}

TEST(Miscompares, OfOneElementOnSeveralCoresPointAtMemory) {
  const Campaign c = with({finding(7, 0xf, 0x0, 0), finding(7, 0xf, 0x1, 1)});
  EXPECT_EQ(in_common(only(c)),
            "bit 1 in all of them, 4 bits in some, to 0; always element 7; 2 cores");
}

TEST(Miscompares, OfOneLinkNameBothItsEnds) {
  Finding first = finding(7, 0xf, 0xe), second = finding(9, 0xf, 0xe);
  first.peer = second.peer = "d2";
  const Campaign c = with({first, second});
  EXPECT_THAT(in_common(only(c)), EndsWith("; core 3; all from d2"));
  EXPECT_THAT(problem_text(c.judged()),
              HasSubstr("d2 -> d0: 2 miscompares in " + std::string(kLoad)));
  EXPECT_EQ(c.judged().headline, "FAIL: 1 of 4 devices: d0 wrong results (d2 -> d0)");
  const Json row = to_json(c.judged(), c.plan, c.evidence).at("miscompares").at(0);
  EXPECT_EQ(row.at("first").at("peer"), "d2");
}

TEST(Miscompares, OfSeveralLinksPointAtTheDevice) {
  Finding first = finding(7, 0xf, 0xe), second = finding(9, 0xf, 0xe);
  first.peer = "d1";
  second.peer = "d2";
  const Campaign c = with({first, second});
  EXPECT_THAT(in_common(only(c)), EndsWith("; core 3; from 2 peers"));
  EXPECT_EQ(c.judged().headline, "FAIL: 1 of 4 devices: d0 wrong results");
}

TEST(Miscompares, ThatHaveNothingInCommonSaySo) {
  const Campaign c = with({finding(1, 1, 2), finding(2, 0, 0x10), finding(5, 3, 2)});
  EXPECT_EQ(in_common(only(c)),
            "3 different bits, 2 of 3 miscompares of one bit; 3 elements from 1 to 5; core 3");
}

TEST(Miscompares, CarryTemperatureAndClockOfTheirMoment) {
  Campaign c = with({finding(1, 0, 1)});
  const TaskRecord& task = c.task(kLoad);
  const double at_s = task.start_s + 0.5;
  SensorWindow hot{at_s - 3, 6, "k10temp.tctl", "", "celsius", 3};
  hot.max = 93;
  SensorWindow cool = hot;
  cool.sensor = "acpitz.temp";
  cool.max = 40;
  SensorWindow clock{at_s - 3, 6, "cpu3.frequency", "", "hertz", 3};
  clock.median = 3.1e9;
  SensorWindow other = clock;
  other.sensor = "cpu0.frequency";
  other.median = 1.2e9;
  SensorWindow elsewhere = hot;
  elsewhere.device = "d1";
  elsewhere.max = 120;
  for (const SensorWindow& window : {cool, hot, other, clock, elsewhere})
    c.evidence.sensors.push_back(window);
  const MiscompareSummary s = only(c);
  EXPECT_EQ(s.temperature_sensor, "k10temp.tctl");
  EXPECT_EQ(s.temperature_celsius, 93);
  EXPECT_EQ(s.clock_hz, 3.1e9);
}

TEST(Miscompares, ThatADrillExplainsAreNotListed) {
  EXPECT_TRUE(healthy().judged().miscompares.empty());
}

TEST(Miscompares, StandInTheReportWithTheirFirst) {
  Campaign c = with({finding(9, 0, 4), finding(9, 0, 4)});
  c.task(kLoad).windows[0].findings[0].pattern = Bits(0xabc);
  c.task(kLoad).windows[0].findings[0].address = Bits(0x1000);
  c.task(kLoad).windows[0].findings[0].dimm = "DIMM_A1";
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("address 0000000000001000 in DIMM_A1"));
  const Json row = to_json(c.judged(), c.plan, c.evidence).at("miscompares").at(0);
  EXPECT_EQ(row.at("first").at("pattern"), "0000000000000abc");
  EXPECT_EQ(row.at("first").at("address"), "0000000000001000");
  EXPECT_EQ(row.at("bits").at(0).at("bit"), 2);
  EXPECT_EQ(row.at("elements").at("different"), 1);
}

}  // namespace
}  // namespace rackproof::testing
