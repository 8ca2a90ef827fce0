// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string page(const Campaign& c) { return describe(c.judged(), c.plan, c.evidence); }

Campaign slow_and_wrong() {
  Campaign c = healthy(8);
  c.throughput("d3", 60);
  c.task(kLoad, "d5").windows[0].miscompares = 2;
  return c;
}

TEST(ReportText, BeginsWithTheVerdict) {
  EXPECT_THAT(page(healthy()),
              StartsWith("PASS: demo, stage demo of 1: 4 devices, 99 % of memory tested, "
                         "detectors proven\n"));
  EXPECT_THAT(page(slow_and_wrong()),
              StartsWith("FAIL: 2 of 8 devices: d5 wrong results, d3 slow"));
}

TEST(ReportText, NamesPartEvidenceAndNextStep) {
  const std::string text = page(slow_and_wrong());
  EXPECT_THAT(text, HasSubstr("FAIL       d5"));
  EXPECT_THAT(text, HasSubstr("2 miscompares in demo/02 compute.gemm dtype=fp32"));
  EXPECT_THAT(text, HasSubstr("next: take the part out of service"));
}

TEST(ReportText, ShowsTheRangeOverAllDevices) {
  EXPECT_THAT(page(slow_and_wrong()), HasSubstr("throughput 60 ... 100"));
}

TEST(ReportText, HasNoLineWiderThanTheTerminal) {
  Campaign c = slow_and_wrong();
  c.step(kLoad).params["operands"] = "exact";
  c.task(kLoad, "d1").outcome = Outcome::crashed;
  c.task(kLoad, "d1").detail =
      "ended by signal 11 while the device was under load, after a long "
      "series of warnings that nobody read";
  c.plan.stages_left_out = {"screen", "soak"};
  std::istringstream lines(page(c));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

TEST(ReportText, SaysWhatTheExposureCannot) {
  EXPECT_THAT(page(healthy()), HasSubstr("A burn-in is a screen"));
  EXPECT_THAT(page(healthy()), HasSubstr("mean time between failures"));
  EXPECT_THAT(describe(judge({}, {}), {}, {}), HasSubstr("nothing proves that the detectors work"));
}

TEST(ReportText, CommandsStayCommandsWhereTheyBreak) {
  Campaign c = slow_and_wrong();
  for (const char* key : {"one", "two", "three", "four"})
    c.step(kLoad).params[key] = "a value of some length";
  EXPECT_THAT(page(c), HasSubstr("--on d5 --with 'four=a value of some length' \\\n"));
  EXPECT_THAT(page(c), HasSubstr("\n                   --with 'two=a value of some length'\n"));
}

TEST(ReportText, LongListsAreCutWithACount) {
  Campaign c = healthy(32);
  std::uint64_t n = 0;
  for (const std::string& device : c.plan.devices)
    c.task(kLoad, device).windows[0].miscompares = ++n;
  EXPECT_THAT(page(c), HasSubstr("... and 12 more, all in report.json"));
}

}  // namespace
}  // namespace rackproof::testing
