// SPDX-License-Identifier: Apache-2.0
#include "reports/page_criteria.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// In one line, so that breaks do not matter.
std::string flat(const std::string& text) {
  std::istringstream words(text);
  std::string out;
  for (std::string word; words >> word;) out += word + " ";
  return out;
}

std::string table(const Campaign& c) { return flat(criteria_text(c.judged(), c.plan)); }

// A healthy report in which one row is as given.
std::string table_with(const std::string& metric, Rule rule, Verdict verdict,
                       std::size_t devices = 8) {
  const Campaign c = healthy(devices);
  Report report = c.judged();
  for (CriterionResult& row : report.criteria) {
    const PlannedCriterion& p = row.criterion;
    if (p.metric != metric || p.rule != rule || p.device != "d0") continue;
    row.verdict = verdict;
    row.reason = "the reason why";
    if (verdict == Verdict::incomplete) row.value.reset();
  }
  return flat(criteria_text(report, c.plan));
}

TEST(PageCriteria, OneLineForIntegrityAndOneForTheRate) {
  const std::string text = table(healthy(8));
  EXPECT_THAT(text, HasSubstr("PASS demo/02 compute.gemm dtype=fp32: miscompares 0, late 0 "));
  EXPECT_THAT(text, HasSubstr("PASS throughput 100, floor 90, margin +11.1 %, peers: worst 0.0 % "
                              "low, 5 % allowed, 8 devices"));
  EXPECT_THAT(text, Not(HasSubstr("ceiling")));
}

TEST(PageCriteria, NoRowThatIsNotPassVanishes) {
  const std::vector<std::pair<std::string, Rule>> rows{{"throughput", Rule::floor},
                                                       {"throughput", Rule::ceiling},
                                                       {"throughput", Rule::peers},
                                                       {"miscompares", Rule::equals},
                                                       {"late_answers", Rule::equals}};
  for (const auto& [metric, rule] : rows) {
    for (const Verdict verdict : {Verdict::fail, Verdict::error, Verdict::invalid,
                                  Verdict::incomplete, Verdict::marginal}) {
      const std::string label = rule != Rule::equals      ? std::string(name(rule))
                                : metric == "miscompares" ? metric
                                                          : "late";
      const std::string text = table_with(metric, rule, verdict);
      const std::string where = std::string(name(verdict)) + " " + label + " on d0";
      EXPECT_THAT(text, HasSubstr(where));
      EXPECT_THAT(text, HasSubstr(std::string(name(verdict)) + " "));
    }
  }
}

TEST(PageCriteria, AMissingValueShowsItsReason) {
  EXPECT_THAT(table_with("throughput", Rule::floor, Verdict::incomplete),
              HasSubstr("INCOMPLETE floor on d0: the reason why"));
}

TEST(PageCriteria, ASensorsLineNeedsNoHeading) {
  Campaign c = healthy();
  PlannedCriterion rule;
  rule.id = "sensor edac.*.ue rise equals";
  rule.metric = "sensor edac.*.ue";
  rule.rule = Rule::equals;
  rule.statistic = "rise";
  rule.limit = 0;
  c.plan.criteria = {rule};
  EXPECT_THAT(table(c), HasSubstr("sensor edac.*.ue -, equals 0"));
  EXPECT_THAT(table(c), Not(HasSubstr("rise equals")));
}

TEST(PageCriteria, ACriterionThatNoStepMeasuresIsThere) {
  Campaign c = healthy(8);
  PlannedCriterion lost = c.criterion("throughput", Rule::floor);
  lost.id = "memory.copy bandwidth floor";
  lost.step = lost.device = "";
  lost.reason = "no step of the plan runs memory.copy";
  c.plan.criteria.push_back(lost);
  EXPECT_THAT(table(c), HasSubstr("memory.copy bandwidth floor"));
  EXPECT_THAT(table(c), HasSubstr("INCOMPLETE floor: no step of the plan runs memory.copy"));
}

TEST(PageCriteria, ABrokenCeilingIsShownWithItsValue) {
  Campaign c = healthy(8);
  c.criterion("throughput", Rule::ceiling).limit = 95;
  EXPECT_THAT(table(c), HasSubstr("ceiling 95 ... 200, margin -5.3 %"));
  EXPECT_THAT(table(c), HasSubstr("INVALID ceiling on d0: throughput median of 100 is above 95"));
}

TEST(PageCriteria, OptionalLimitsThatDidNotApplyAreToldWithoutAVerdict) {
  Campaign c = healthy(2);
  for (const char* device : {"d0", "d1"})
    c.criterion("throughput", Rule::peers, device).required = false;
  EXPECT_THAT(table(c), HasSubstr("PASS throughput 100, floor 90"));
  EXPECT_THAT(table(c), HasSubstr("optional and not applied peers on all 2 devices: only 2"));
}

TEST(PageCriteria, ManyReasonsAreCutButTheirDevicesAreCounted) {
  const Campaign c = healthy(8);
  Report report = c.judged();
  for (CriterionResult& row : report.criteria) {
    if (row.criterion.rule != Rule::floor) continue;
    row.verdict = Verdict::invalid;
    row.reason = "reason of " + row.criterion.device;
  }
  const std::string text = flat(criteria_text(report, c.plan));
  EXPECT_THAT(text, HasSubstr("INVALID floor on d0: reason of d0; INVALID floor on d1"));
  EXPECT_THAT(text, HasSubstr("(6 devices): reason of d2, or another"));
}

TEST(PageCriteria, IntegerArithmeticIsNotFloatingPoint) {
  Campaign c = healthy(8);
  for (PlannedCriterion& p : c.plan.criteria) {
    if (p.metric == "throughput") p.unit = Unit::flops;
  }
  c.throughput("d3", 60);
  EXPECT_THAT(table(c), HasSubstr("60 ... 100 FLOP/s, floor 90 FLOP/s"));
  c.step(kLoad).params["dtype"] = "int8";
  EXPECT_THAT(table(c), HasSubstr("60 ... 100 OP/s, floor 90 OP/s"));
  EXPECT_THAT(problem_text(c.judged()), HasSubstr("throughput median of 60 OP/s is below 90 OP/s"));
}

TEST(PageCriteria, OnlyStepsThatPassAreCut) {
  Campaign c = healthy(8);
  for (int i = 0; i < 60; ++i) {
    PlannedCriterion more = c.criterion("throughput", Rule::floor);
    more.id = more.step = "more/" + std::to_string(i);
    c.plan.criteria.push_back(more);
  }
  EXPECT_THAT(table(c), HasSubstr("more/59"));
  Report report = c.judged();
  for (CriterionResult& row : report.criteria) row.verdict = Verdict::pass;
  EXPECT_THAT(flat(criteria_text(report, c.plan)),
              HasSubstr("... and 41 more steps that PASS, all in report.json"));
}

}  // namespace
}  // namespace rackproof::testing
