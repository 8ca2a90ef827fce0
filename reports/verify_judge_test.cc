// SPDX-License-Identifier: Apache-2.0
// Two ways to one verdict: judge() in C++ and verify.sh's program in jq must agree.
#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "reports/jq_for_test.h"
#include "reports/judge_test_support.h"

namespace rackproof {
namespace {

using testing::Campaign;

struct Fate {
  const char* what;
  Verdict verdict;
  std::function<void(Campaign&)> strike;
};

// A limit of 95 degC, U = 5 %, and a sensor that shows so much under load.
void heat(Campaign& c, double value) {
  PlannedCriterion limit;
  limit.id = "sensor hot max ceiling";
  limit.metric = "sensor hot";
  limit.rule = Rule::ceiling;
  limit.limit = 95;
  limit.unit = Unit::celsius;
  limit.statistic = "max";
  limit.uncertainty = value == 94 ? 0.05 : 0;
  c.plan.criteria.push_back(limit);
  SensorWindow window = c.evidence.sensors.front();
  window.sensor = "hot";
  window.start_s = 6;
  window.length_s = 1;
  window.min = window.median = window.max = value;
  c.evidence.sensors.push_back(window);
}

const std::vector<Fate>& fates() {
  static const std::vector<Fate> kFates{
      {"healthy", Verdict::pass, [](Campaign&) {}},
      {"slow", Verdict::fail, [](Campaign& c) { c.throughput("d0", 50); }},
      {"impossibly fast", Verdict::invalid, [](Campaign& c) { c.throughput("d0", 1e9); }},
      {"a miscompare", Verdict::fail,
       [](Campaign& c) { c.task(testing::kLoad).windows[0].miscompares = 1; }},
      {"a step that never ran", Verdict::incomplete, [](Campaign& c) { c.forget(testing::kLoad); }},
      {"no drill at the end", Verdict::incomplete,
       [](Campaign& c) { c.forget(testing::kLastDrill); }},
      {"never ended", Verdict::incomplete, [](Campaign& c) { c.evidence.finished = false; }},
      {"a driver error", Verdict::error,
       [](Campaign& c) { c.task(testing::kLoad).outcome = Outcome::device_error; }},
      {"a missing part", Verdict::fail,
       [](Campaign& c) {
         c.plan.inventory.push_back({"gpus", "8", "7", false, "one"});
       }},
      {"locked clocks", Verdict::invalid,
       [](Campaign& c) {
         c.evidence.events.push_back(testing::event("environment", "warning", "", "locked"));
       }},
      {"a hot sensor", Verdict::fail, [](Campaign& c) { heat(c, 99); }},
      {"a sensor near its limit", Verdict::marginal, [](Campaign& c) { heat(c, 94); }},
      {"a sensor that nobody read", Verdict::incomplete,
       [](Campaign& c) {
         heat(c, 40);
         c.evidence.sensors.pop_back();
       }},
      {"a kernel log with a gap", Verdict::incomplete,
       [](Campaign& c) {
         c.plan.coverage.push_back({"kernel_log", "", 1, 0});
         c.evidence.kernel_log = {{0, 5, 10, 0, "", true}};
       }},
      {"lost lines of the kernel", Verdict::incomplete,
       [](Campaign& c) {
         c.plan.coverage.push_back({"kernel_log", "", 1, 0});
         c.evidence.kernel_log = {{0, 20, 10, 0, "", true}, {20, 1, 1, 7, "", true}};
       }},
      {"a fatal event", Verdict::fail,
       [](Campaign& c) {
         c.evidence.events.push_back(testing::event("counter", "fatal", "", "ue rose by 1"));
       }},
      {"slow under locked clocks", Verdict::invalid, [](Campaign& c) {
         c.throughput("d0", 50);
         c.evidence.events.push_back(testing::event("environment", "warning", "", "locked"));
       }}};
  return kFates;
}

Campaign struck_by(const Fate& fate) {
  Campaign campaign = testing::healthy();
  fate.strike(campaign);
  return campaign;
}

TEST(JudgeAndProgram, AgreeOnEveryFate) {
  std::vector<std::string> reports;
  for (const Fate& fate : fates()) {
    const Campaign campaign = struck_by(fate);
    const Report report = campaign.judged();
    EXPECT_EQ(name(report.verdict), name(fate.verdict)) << fate.what;
    reports.push_back(to_json(report, campaign.plan, campaign.evidence).dump());
  }
  const std::vector<std::string> answers = verdict_program_on(reports);
  ASSERT_EQ(answers.size(), reports.size()) << answers.at(0);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto answer = nlohmann::json::parse(answers[i]);
    EXPECT_EQ(answer["whole"], name(fates()[i].verdict)) << fates()[i].what;
    EXPECT_EQ(answer["wrong"].size(), 0u) << fates()[i].what << ": " << answer["wrong"];
  }
}

}  // namespace
}  // namespace rackproof
