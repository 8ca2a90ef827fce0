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
