// SPDX-License-Identifier: Apache-2.0
// The jq program of verify.sh, run for real: one line of JSON a report, one line an answer.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "reports/jq_for_test.h"

namespace rackproof {
namespace {

using testing::IsEmpty;
using Json = nlohmann::json;

Json row(const char* rule, const char* decision, double value, double limit, const char* verdict) {
  return {{"id", "c"},        {"device", "d"},      {"metric", "m"},    {"rule", rule},
          {"u", 1.0},         {"value", value},     {"limit", limit},   {"decision", decision},
          {"n", 1},           {"verdict", verdict}, {"required", true}, {"integrity", false},
          {"physical", false}};
}

// All parts PASS, with one criterion.
Json report(const Json& criterion = row("floor", "simple", 1, 0, "PASS")) {
  return {{"schema", "rackproof/report/1"},
          {"verdict", "PASS"},
          {"criteria", {criterion}},
          {"tasks", {{{"verdict", "PASS"}}}},
          {"drill", {{{"activated", 4}, {"detected", 4}, {"localised", 4}, {"verdict", "PASS"}}}},
          {"coverage", {{{"required", 0.5}, {"share", 0.5}, {"verdict", "PASS"}}}},
          {"inventory", {{{"met", true}}}},
          {"devices", {{{"verdict", "PASS"}}}},
          {"problems", Json::array()}};
}

std::vector<Json> answers(const std::vector<Json>& reports) {
  std::vector<std::string> texts;
  for (const Json& one : reports) texts.push_back(one.dump());
  std::vector<Json> parsed;
  for (const std::string& line : verdict_program_on(texts)) parsed.push_back(Json::parse(line));
  return parsed;
}

std::vector<std::string> wholes(const std::vector<Json>& reports) {
  std::vector<std::string> words;
  for (const Json& answer : answers(reports)) words.push_back(answer.at("whole"));
  return words;
}

TEST(Program, RepeatsEachKindOfDecision) {
  Json whole = report();
  whole["criteria"] = {
      row("floor", "guarded", 90, 89, "PASS"),     row("floor", "guarded", 90, 89.5, "MARGINAL"),
      row("floor", "guarded", 90, 91, "MARGINAL"), row("floor", "guarded", 90, 91.5, "FAIL"),
      row("floor", "simple", 90, 90, "PASS"),      row("floor", "simple", 90, 90.5, "FAIL"),
      row("ceiling", "guarded", 90, 91, "PASS"),   row("ceiling", "guarded", 90, 89, "MARGINAL"),
      row("ceiling", "guarded", 90, 88, "FAIL"),   row("ceiling", "simple", 90, 90, "PASS"),
      row("ceiling", "simple", 90, 89.5, "FAIL"),  row("equals", "simple", 0, 0, "PASS"),
      row("equals", "simple", 1, 0, "FAIL")};
  Json physical = row("ceiling", "guarded", 90, 88, "INVALID");
  physical["physical"] = true;
  Json late = row("equals", "simple", 1, 0, "INVALID");
  late["metric"] = "late_answers";
  whole["criteria"].insert(whole["criteria"].end(), {physical, late});
  const Json answer = answers({whole}).at(0);
  EXPECT_EQ(answer["wrong"], Json::array());
  EXPECT_EQ(answer["rows"], 15);
  EXPECT_EQ(answer["whole"], "FAIL");
}

TEST(Program, CatchesARowThatIsBetterThanItsNumbers) {
  std::vector<Json> reports;
  for (const auto& bad :
       {row("floor", "guarded", 90, 89.5, "PASS"), row("floor", "guarded", 90, 92, "MARGINAL"),
        row("floor", "simple", 1, 2, "PASS"), row("ceiling", "guarded", 90, 88, "PASS"),
        row("equals", "simple", 1, 0, "PASS"), row("equals", "simple", 1, 0, "INVALID")}) {
    reports.push_back(report(bad));
  }
  Json absent = row("floor", "simple", 1, 0, "PASS"), unlimited = absent, optional = absent;
  absent.erase("value");
  unlimited.erase("limit");
  optional.erase("value");
  optional["required"] = false;
  for (const Json& bad : {absent, unlimited, optional}) reports.push_back(report(bad));
  for (const Json& answer : answers(reports)) EXPECT_EQ(answer["wrong"].size(), 1u) << answer;
}

TEST(Program, LetsARowBeWorseThanItsNumbersOnlyWithAReason) {
  Json spoiled = row("floor", "simple", 1, 2, "INVALID"), silent = spoiled, integrity = spoiled;
  spoiled["reason"] = integrity["reason"] = "the clocks were locked";
  integrity["integrity"] = true;
  const auto got = answers({report(spoiled), report(silent), report(integrity)});
  EXPECT_THAT(got.at(0)["wrong"], IsEmpty());
  EXPECT_EQ(got.at(0)["whole"], "INVALID");
  EXPECT_EQ(got.at(1)["wrong"].size(), 1u);
  EXPECT_EQ(got.at(2)["wrong"].size(), 1u);
}

TEST(Program, CountsAnOptionalRowOnlyWhenItCouldBeApplied) {
  Json absent = row("floor", "simple", 1, 0, "INCOMPLETE");
  absent.erase("value");
  absent["required"] = false;
  Json two = report();
  two["criteria"].push_back(absent);
  Json alone = report(absent);
  EXPECT_EQ(wholes({two, alone}), (std::vector<std::string>{"PASS", "INCOMPLETE"}));
}

TEST(Program, TakesTheWorstOfAllParts) {
  const std::pair<const char*, const char*> parts[] = {
      {"tasks", "FAIL"},          {"tasks", "ERROR"},      {"drill", "INCOMPLETE"},
      {"coverage", "INCOMPLETE"}, {"devices", "MARGINAL"}, {"problems", "INVALID"}};
  std::vector<Json> reports;
  std::vector<std::string> expected;
  for (const auto& [part, verdict] : parts) {
    reports.push_back(report());
    reports.back()[part].push_back({{"verdict", verdict}});
    expected.emplace_back(verdict);
  }
  reports.push_back(report());
  reports.back()["inventory"][0]["met"] = false;
  expected.emplace_back("FAIL");
  EXPECT_EQ(wholes(reports), expected);
}

TEST(Program, NeverPassesWhatIsEmptyUnprovenOrUncovered) {
  std::vector<Json> reports;
  for (const char* part : {"criteria", "tasks", "drill"}) {
    reports.push_back(report());
    reports.back()[part] = Json::array();
  }
  for (const char* count : {"activated", "detected", "localised"}) {
    reports.push_back(report());
    reports.back()["drill"][0][count] = 0;
  }
  reports.push_back(report());
  reports.back()["coverage"][0]["share"] = 0.49;
  EXPECT_THAT(wholes(reports), testing::Each("INCOMPLETE"));
  EXPECT_EQ(wholes({report()}), std::vector<std::string>{"PASS"});
}

TEST(Program, RefusesWordsThatItDoesNotKnow) {
  Json schema = report();
  schema["schema"] = "other/1";
  const std::pair<Json, const char*> bad[] = {
      {schema, "not a rackproof report"},
      {report(row("floor", "simple", 1, 0, "GREEN")), "unknown verdict"},
      {report(row("roof", "simple", 1, 0, "PASS")), "unknown rule"},
      {report(row("floor", "lenient", 1, 0, "PASS")), "unknown decision"}};
  for (const auto& [one, why] : bad) {
    EXPECT_THAT(verdict_program_on({one.dump()}).at(0), testing::HasSubstr(why));
  }
}

}  // namespace
}  // namespace rackproof
