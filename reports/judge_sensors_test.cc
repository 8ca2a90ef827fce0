// SPDX-License-Identifier: Apache-2.0
// Limits on sensors, the watch over the kernel log, and what events make of a verdict.
#include "reports/judge_sensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;

PlannedCriterion limit(const std::string& pattern, const std::string& statistic, Rule rule,
                       double value, Unit unit = Unit::celsius) {
  PlannedCriterion c;
  c.id = "sensor " + pattern + " " + statistic + " " + std::string(name(rule));
  c.metric = "sensor " + pattern;
  c.rule = rule;
  c.limit = value;
  c.unit = unit;
  c.statistic = statistic;
  c.source = "a test";
  return c;
}

// The healthy campaign: a drill to 5 s, load to 15 s, a drill to 20 s; one temperature of 50.
Campaign with(const PlannedCriterion& criterion) {
  Campaign c = healthy();
  c.plan.criteria.push_back(criterion);
  c.evidence.sensors.clear();
  c.plan.coverage.pop_back();  // of the sensor that is gone
  return c;
}

void add(Campaign& c, const std::string& sensor, double end_s, double value, double rise = -1) {
  SensorWindow window;
  window.sensor = sensor;
  window.unit = rise < 0 ? "celsius" : "count";
  window.start_s = end_s - 1;
  window.length_s = 1;
  window.count = 1;
  window.min = window.median = window.max = value;
  window.counter = rise >= 0;
  window.rise = std::max(0.0, rise);
  c.evidence.sensors.push_back(window);
}

CriterionResult judged(const Campaign& c) { return c.judged().criteria.back(); }

TEST(SensorLimit, TakesTheHottestSensorUnderLoad) {
  Campaign c = with(limit("hwmon*.temp*", "max", Rule::ceiling, 95));
  add(c, "hwmon0.temp1", 7, 60);
  add(c, "hwmon1.temp2", 8, 80);
  add(c, "fan", 8, 99);
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  EXPECT_EQ(judged(c).value, 80);
  EXPECT_EQ(judged(c).n, 2u);
  EXPECT_EQ(judged(c).where, std::string("hwmon1.temp2 in ") + kLoad);
  add(c, "hwmon1.temp2", 9, 96);
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
  const Problem problem = c.judged().problems.at(0);
  EXPECT_EQ(problem.part, "hwmon1.temp2");
  EXPECT_THAT(problem.evidence, HasSubstr("hwmon1.temp2 max of 96 degC in demo/02"));
  EXPECT_THAT(problem.evidence, HasSubstr("above 95 degC"));
}

TEST(SensorLimit, LeavesDrillsAndIdleTimeOut) {
  Campaign c = with(limit("t", "min", Rule::floor, 50));
  add(c, "t", 3, 10);   // in the first drill
  add(c, "t", 10, 60);  // under load
  add(c, "t", 30, 10);  // after all
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  EXPECT_EQ(judged(c).value, 60);
}

TEST(SensorLimit, GivesAWindowToTheStepInWhichItEnds) {
  Campaign c = with(limit("t", "max", Rule::ceiling, 95));
  add(c, "t", 5.5, 99);
  c.evidence.sensors.back().start_s = 3;  // it reaches back into the drill
  c.evidence.sensors.back().length_s = 2.5;
  EXPECT_EQ(judged(c).verdict, Verdict::fail);
  c.evidence.sensors.back().length_s = 2;  // ends at 5 s, with the drill
  EXPECT_EQ(judged(c).verdict, Verdict::incomplete);
  EXPECT_THAT(judged(c).reason, HasSubstr("no such sensor was read under load"));
}

TEST(SensorLimit, TakesTheLowestSensorForAFloor) {
  Campaign c = with(limit("fan*", "min", Rule::floor, 50));
  add(c, "fan1", 8, 40);
  add(c, "fan2", 8, 60);
  EXPECT_EQ(judged(c).value, 40);
  EXPECT_EQ(judged(c).verdict, Verdict::fail);
}

TEST(SensorLimit, SeesTheSpikeOfOneReading) {
  Campaign c = with(limit("t", "max", Rule::ceiling, 95));
  add(c, "t", 8, 60);
  c.evidence.sensors.back().max = 99;
  EXPECT_EQ(judged(c).value, 99);
  EXPECT_EQ(judged(c).verdict, Verdict::fail);
}

TEST(SensorLimit, IsOnSensorsOfItsUnitOnly) {
  Campaign c = with(limit("hwmon0.*", "max", Rule::ceiling, 95));
  add(c, "hwmon0.temp1", 8, 60);
  add(c, "hwmon0.fan1", 8, 3000);
  c.evidence.sensors.back().unit = "rpm";
  EXPECT_EQ(judged(c).value, 60);
  EXPECT_EQ(judged(c).verdict, Verdict::pass);
}

TEST(SensorLimit, TakesTheMedianOfAStepWhenAsked) {
  Campaign c = with(limit("t", "median", Rule::floor, 50));
  for (const double value : {10.0, 55.0, 60.0}) add(c, "t", 8, value);
  EXPECT_EQ(judged(c).value, 55);
}

TEST(SensorLimit, OfAStepSeesNoOther) {
  PlannedCriterion power = limit("p", "median", Rule::floor, 70);
  power.step = "demo/77";
  Campaign c = with(power);
  add(c, "p", 7, 80);  // in another step
  EXPECT_EQ(judged(c).verdict, Verdict::incomplete);
  c.plan.criteria.back().step = kLoad;
  EXPECT_EQ(judged(c).value, 80);
  EXPECT_EQ(judged(c).verdict, Verdict::pass);
  add(c, "q", 8, 10);
  c.plan.criteria.back().metric = "sensor *";
  EXPECT_EQ(judged(c).verdict, Verdict::fail);
}

TEST(SensorLimit, AddsUpARiseInEachStep) {
  Campaign c = with(limit("edac.*.ce", "rise", Rule::ceiling, 10, Unit::count));
  for (int i = 0; i < 4; ++i) add(c, "edac.mc0.ce", 6 + i, 100, 3);
  add(c, "edac.mc0.ce", 2, 100, 9);  // in the drill: another step
  EXPECT_EQ(judged(c).value, 12);
  EXPECT_EQ(judged(c).verdict, Verdict::fail);
  EXPECT_THAT(judged(c).reason, HasSubstr("edac.mc0.ce rise of 12 in demo/02"));
  EXPECT_THAT(c.judged().problems.at(0).next_step, HasSubstr("see this counter's events"));
}

TEST(SensorLimit, SeesARiseBetweenSteps) {
  Campaign c = with(limit("edac.*.ue", "rise", Rule::equals, 0, Unit::count));
  add(c, "edac.mc0.ue", 8, 1, 0);
  EXPECT_EQ(judged(c).verdict, Verdict::pass);
  add(c, "edac.mc0.ue", 30, 2, 1);
  EXPECT_EQ(judged(c).verdict, Verdict::fail);
  EXPECT_THAT(judged(c).reason, HasSubstr("rise is 1 instead of 0 between steps"));
}

TEST(SensorLimit, ThatNothingAnswersIsIncompleteWhereRequired) {
  Campaign c = with(limit("t", "max", Rule::ceiling, 95));
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_THAT(judged(c).reason, HasSubstr("no sensor of that name and unit answered"));
  add(c, "t", 8, 40, 0);  // a counter is no temperature
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  c.plan.criteria.back().required = false;
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  EXPECT_FALSE(judged(c).counts());
}

void add_silent(Campaign& c, const std::string& sensor, double end_s) {
  add(c, sensor, end_s, 0);
  SensorWindow& window = c.evidence.sensors.back();
  window.count = 0;
  window.errors = 3;
  window.error = "GPU is lost";
}

TEST(SensorLimit, OfManyPartsIsIncompleteWhereOneNeverAnswered) {
  Campaign c = with(limit("nvml.*.temp", "max", Rule::ceiling, 95));
  add(c, "nvml.0000:1b:00.0.temp", 8, 60);
  add_silent(c, "nvml.0000:2a:00.0.temp", 8);
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  EXPECT_EQ(judged(c).reason, "nvml.0000:2a:00.0.temp answered none of 3 readings, GPU is lost");
  add(c, "nvml.0000:2a:00.0.temp", 3, 60);  // in a drill, which the limit does not reach
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  add(c, "nvml.0000:2a:00.0.temp", 9, 60);
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
}

TEST(SensorLimit, IsBrokenWhateverElseIsSilent) {
  Campaign c = with(limit("nvml.*.temp", "max", Rule::ceiling, 95));
  add(c, "nvml.0000:1b:00.0.temp", 8, 99);
  add_silent(c, "nvml.0000:2a:00.0.temp", 8);
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(SensorLimit, OnAFamilyOrNotRequiredLetsSomeBeSilent) {
  Campaign c = with(limit("nvml.*.ecc.*", "max", Rule::ceiling, 95));
  add(c, "nvml.0000:1b:00.0.ecc.dram", 8, 60);
  add_silent(c, "nvml.0000:1b:00.0.ecc.l1", 8);
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  c.plan.criteria.back().metric = "sensor nvml.*.ecc.l1";
  EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
  c.plan.criteria.back().required = false;
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
}

TEST(SensorLimit, BreaksThoughItIsNotRequired) {
  Campaign c = with(limit("t", "max", Rule::ceiling, 95));
  c.plan.criteria.back().required = false;
  add(c, "t", 8, 99);
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
}

TEST(SensorLimit, WithinItsUncertaintyIsMarginal) {
  Campaign c = with(limit("t", "max", Rule::ceiling, 95));
  c.plan.criteria.back().uncertainty = 0.05;
  add(c, "t", 8, 94);
  EXPECT_EQ(judged(c).verdict, Verdict::marginal);
}

TEST(SensorLimit, IsNoPhysicalCeilingAndNoEnvironmentSpoilsIt) {
  Campaign c = with(limit("t", "max", Rule::ceiling, 95));
  c.plan.criteria.back().source = "physical limit of the part";
  c.evidence.events.push_back(event("environment", "warning", "", "locked"));
  add(c, "t", 8, 99);
  EXPECT_EQ(judged(c).verdict, Verdict::fail);
  EXPECT_FALSE(judged(c).spoiled);
}

TEST(SensorLimit, OnReadingsThatContradictThemselvesIsInvalid) {
  Campaign c = with(limit("t", "max", Rule::ceiling, 95));
  add(c, "t", 8, 40);
  c.evidence.sensors.back().max = 10;
  EXPECT_EQ(judged(c).verdict, Verdict::invalid);
  c.evidence.sensors.back().max = std::nan("");
  EXPECT_EQ(judged(c).verdict, Verdict::invalid);
}

KernelLogWindow watched(double start_s, double length_s) {
  return {start_s, length_s, 10, 0, "", true};
}

Campaign logged(std::vector<KernelLogWindow> windows, double required = 1) {
  Campaign c = healthy();
  c.plan.coverage.push_back({"kernel_log", "", required, 0});
  c.evidence.kernel_log = std::move(windows);
  return c;
}

CoverageResult log_row(const Campaign& c) { return c.judged().coverage.back(); }

TEST(KernelLogCoverage, IsWholeWithoutAGap) {
  const Campaign c = logged({watched(0, 8), watched(8, 12)});
  EXPECT_EQ(log_row(c).verdict, Verdict::pass) << log_row(c).reason;
  EXPECT_EQ(log_row(c).share, 1);
  EXPECT_EQ(c.judged().verdict, Verdict::pass);
}

TEST(KernelLogCoverage, IsIncompleteWithAGapALossAnErrorOrNoProof) {
  const auto reason = [](std::vector<KernelLogWindow> windows) {
    const Campaign c = logged(std::move(windows));
    EXPECT_EQ(c.judged().verdict, Verdict::incomplete);
    EXPECT_EQ(log_row(c).verdict, Verdict::incomplete);
    EXPECT_THAT(c.judged().problems.at(0).next_step, HasSubstr("/dev/kmsg"));
    return log_row(c).reason;
  };
  EXPECT_THAT(reason({}), HasSubstr("it was not read"));
  EXPECT_THAT(reason({watched(0, 8)}), HasSubstr("it was read for 8 s of 20 s under load"));
  KernelLogWindow lost = watched(8, 12);
  lost.lost = 3;
  EXPECT_THAT(reason({watched(0, 8), lost}), HasSubstr("3 lines were overwritten"));
  lost.start_s = 100;  // long after the load
  EXPECT_THAT(reason({watched(0, 20), lost}), HasSubstr("3 lines were overwritten"));
  KernelLogWindow broken = watched(0, 20);
  broken.error = "/dev/kmsg: Permission denied";
  EXPECT_THAT(reason({broken}), HasSubstr("Permission denied"));
  KernelLogWindow unproven = watched(0, 20);
  unproven.proven = false;
  EXPECT_THAT(reason({unproven}), HasSubstr("nothing proves that it was read"));
}

TEST(KernelLogCoverage, ThatIsNotDemandedIsToldAndChangesNothing) {
  KernelLogWindow broken = watched(0, 20);
  broken.error = "/dev/kmsg: No such file or directory";
  const Campaign c = logged({broken}, 0);
  EXPECT_EQ(c.judged().verdict, Verdict::pass) << problem_text(c.judged());
  EXPECT_EQ(log_row(c).share, 0);
  EXPECT_THAT(log_row(c).reason, HasSubstr("No such file"));
}

EventRecord xid(const std::string& severity, const std::string& device) {
  EventRecord fallen = event("kernel_log", severity, device, "NVRM: Xid 79: fallen off the bus");
  fallen.step = kLoad;
  fallen.cause = "gpu.xid.79";
  fallen.part = "0000:1b:00.0";
  fallen.next_step = "Reseat the GPU; replace it when it happens again.";
  fallen.count = 3;
  return fallen;
}

TEST(EventVerdict, OfAFatalOneNamesPartStepAndWhatToDo) {
  Campaign c = healthy();
  c.evidence.events = {xid("fatal", "d1")};
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_EQ(report.devices[1].verdict, Verdict::fail);
  EXPECT_EQ(report.devices[0].verdict, Verdict::pass);
  const Problem& problem = report.problems.at(0);
  EXPECT_EQ(problem.part, "d1");
  EXPECT_EQ(problem.evidence,
            "0000:1b:00.0: kernel_log at 1.0 s in demo/02 compute.gemm dtype=fp32: NVRM: Xid 79: "
            "fallen off the bus (3 times)");
  EXPECT_EQ(problem.next_step, "Reseat the GPU; replace it when it happens again.");
}

TEST(EventVerdict, OfAPartThatIsNoDeviceFailsTheHost) {
  Campaign c = healthy();
  c.evidence.events = {xid("fatal", "")};
  EXPECT_EQ(c.judged().verdict, Verdict::fail);
  EXPECT_EQ(c.judged().problems.at(0).part, "0000:1b:00.0");
  EXPECT_THAT(c.judged().headline, HasSubstr("0000:1b:00.0 fatal event"));
}

TEST(EventVerdict, OfAWarningIsListedAndChangesNothing) {
  Campaign c = healthy();
  c.evidence.events = {xid("warning", "d1"), xid("info", "")};
  const Report report = c.judged();
  EXPECT_EQ(report.verdict, Verdict::pass);
  const std::string page = describe(report, c.plan, c.evidence);
  EXPECT_THAT(page, HasSubstr("Events, worst first\n  warning  0000:1b:00.0 (d1): NVRM: Xid 79"));
  EXPECT_THAT(page, HasSubstr("3 times"));
}

TEST(EventPage, ShowsTheWorstTenAndCountsTheRest) {
  Campaign c = healthy();
  for (int i = 0; i < 14; ++i) {
    EventRecord one = xid("warning", "");
    one.part = "part" + std::to_string(i);
    c.evidence.events.push_back(one);
  }
  c.evidence.events.push_back(xid("fatal", ""));
  for (int i = 0; i < 3; ++i) c.evidence.events.push_back(xid("warning", "d2"));
  const std::string page = describe(c.judged(), c.plan, c.evidence);
  EXPECT_LT(page.find("  fatal    "), page.find("  warning  part0"));
  EXPECT_THAT(page, HasSubstr("... and 6 more, all in report.json"));
}

TEST(EventPage, SaysWhatWatched) {
  Campaign c = logged({watched(0, 20)});
  EXPECT_THAT(describe(c.judged(), c.plan, c.evidence),
              HasSubstr("Watched: 1 sensor; 10 lines of the kernel log, none lost, proven by a "
                        "line of our own"));
  c.evidence.kernel_log[0].lost = 5;
  c.evidence.sensors[0].errors = 1;
  EXPECT_THAT(describe(c.judged(), c.plan, c.evidence),
              HasSubstr("1 sensor (1 with failed readings); 10 lines of the kernel log, 5 LOST"));
}

}  // namespace
}  // namespace rackproof::testing
