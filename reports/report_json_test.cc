// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "core/json.h"
#include "reports/judge_test_support.h"
#include "reports/report_schema.h"

namespace rackproof::testing {
namespace {

using ::testing::HasSubstr;

// Empty when the report follows its schema; else what is wrong, one mistake a line.
std::string mistakes(const Json& report) {
  const Json document = *parse_json(report_schema());
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(report), &results);
  std::string text;
  for (valijson::ValidationResults::Error e; results.popError(e);) {
    for (const std::string& place : e.context) text += place;
    text += ": " + e.description + "\n";
  }
  return text;
}

Json json_of(const Campaign& c) { return to_json(c.judged(), c.plan, c.evidence); }

Campaign troubled() {
  Campaign c = healthy(8);
  c.throughput("d3", 60);
  c.throughput("d4", 92);
  c.task(kLoad, "d5").windows[0].miscompares = 2;
  c.task(kLoad, "d6").outcome = Outcome::crashed;
  c.plan.inventory.push_back({"nics", "8", "7", false, "mlx5_3"});
  c.plan.coverage.push_back({"kernel_log", "", 1, 0});
  c.evidence.events = {event("note", "warning", "d0", "resumed")};
  EventRecord rose = event("counter", "fatal", "", "edac.mc0.ue rose by 2 to 7");
  rose.cause = "memory.uncorrected";
  rose.part = "mc0";
  rose.next_step = "Replace this DIMM.";
  rose.count = 2;
  c.evidence.events.push_back(rose);
  SensorWindow counter;
  counter.sensor = "edac.mc0.ue";
  counter.unit = "count";
  counter.count = 5;
  counter.counter = true;
  counter.rise = 2;
  c.evidence.sensors.push_back(counter);
  c.evidence.kernel_log = {{0, 20, 10, 1, "Permission denied", true}};
  c.evidence.segments = {{"telemetry/0001.csv.zst", 0, 20, 20, 900, std::string(64, 'a')}};
  return c;
}

TEST(ReportJson, FollowsItsSchema) {
  EXPECT_EQ(mistakes(json_of(healthy())), "");
  EXPECT_EQ(mistakes(json_of(troubled())), "");
  EXPECT_EQ(mistakes(to_json(judge({}, {}), {}, {})), "");
}

TEST(ReportJson, SchemaRefusesWhatItShould) {
  Json unknown = json_of(healthy());
  unknown["verdict"] = "GOOD";
  EXPECT_NE(mistakes(unknown), "");
  Json extra = json_of(healthy());
  extra["surprise"] = 1;
  EXPECT_NE(mistakes(extra), "");
  Json missing = json_of(healthy());
  missing["criteria"][0].erase("verdict");
  EXPECT_NE(mistakes(missing), "");
}

TEST(ReportJson, HoldsNoNullAndNoNumberThatIsNone) {
  Campaign c = troubled();
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  c.throughput("d0", nan);
  c.criterion("throughput", Rule::floor, "d1").limit = infinity;
  c.criterion("throughput", Rule::floor, "d1").uncertainty = nan;
  c.plan.coverage[0].whole = nan;
  c.evidence.sensors[0].median = c.evidence.sensors[0].max = nan;
  c.evidence.duration_s = infinity;
  const Json report = json_of(c);
  EXPECT_EQ(report.dump().find("null"), std::string::npos);
  EXPECT_EQ(mistakes(report), "");
}

TEST(ReportJson, ValuesThatWereNotMeasuredAreAbsent) {
  Campaign c = healthy();
  c.forget(kLoad);
  const Json criterion = json_of(c)["criteria"][0];
  EXPECT_FALSE(criterion.contains("value"));
  EXPECT_EQ(criterion["verdict"], "INCOMPLETE");
}

// The rules in docs for jq, said once more and independently of the judge.
std::string repeated(const Json& row) {
  if (row["spoiled"]) return "INVALID";
  if (!row.contains("value")) return "INCOMPLETE";
  const double value = row["value"], u = row["u"];
  const std::string rule = row["rule"];
  if (rule == "peers") {
    if (!row.contains("peers")) return "INCOMPLETE";
    const Json& p = row["peers"];
    const double mad = p["mad"], shortfall = p["shortfall"];
    const bool outlier = mad == 0 || 0.6745 * (value - p["median"].get<double>()) / mad < -3.5;
    return shortfall > 0 && shortfall >= p["min_effect"] && outlier ? "FAIL" : "PASS";
  }
  if (!row.contains("limit")) return "INCOMPLETE";
  const double limit = row["limit"];
  if (rule == "equals") {
    if (value == limit) return "PASS";
    return row["metric"] == "late_answers" ? "INVALID" : "FAIL";
  }
  const bool floor = rule == "floor";
  if (floor ? value - u >= limit : value + u <= limit) return "PASS";
  if (floor ? value + u < limit : value - u > limit) return row["physical"] ? "INVALID" : "FAIL";
  return "MARGINAL";
}

TEST(ReportJson, EveryRowCanBeRepeatedFromItsOwnNumbers) {
  Campaign c = troubled();
  c.task(kLoad, "d1").windows[0].late = {{1, 9}};
  c.throughput("d2", 500);
  const Json report = json_of(c);
  std::set<std::string> seen;
  for (const Json& row : report["criteria"]) {
    EXPECT_EQ(repeated(row), row["verdict"]) << row.dump(2);
    seen.insert(row["verdict"]);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"PASS", "FAIL", "MARGINAL", "INCOMPLETE", "INVALID"}));
}

TEST(ReportJson, ListsWhatWasWatched) {
  const Json report = json_of(troubled());
  const Json& rose = report["events"][1];
  EXPECT_EQ(rose["cause"], "memory.uncorrected");
  EXPECT_EQ(rose["part"], "mc0");
  EXPECT_EQ(rose["next_step"], "Replace this DIMM.");
  EXPECT_EQ(rose["count"], 2);
  EXPECT_FALSE(report["events"][0].contains("count"));
  EXPECT_EQ(report["sensors"][0]["rise"], 2);
  EXPECT_EQ(report["sensors"][0]["counter"], true);
  EXPECT_FALSE(report["sensors"][1].contains("rise"));
  EXPECT_EQ(report["segments"][0]["rows"], 20);
  EXPECT_EQ(report["kernel_log"]["lost"], 1);
  EXPECT_EQ(report["kernel_log"]["errors"], 1);
  EXPECT_EQ(report["kernel_log"]["proven"], true);
}

TEST(ReportJson, SaysWhichRunItJudges) {
  const Campaign c = healthy();
  const Json report = json_of(c);
  EXPECT_EQ(report["schema"], "rackproof/report/1");
  EXPECT_EQ(report["run"]["run_id"], c.evidence.genesis.run_id);
  EXPECT_EQ(report["run"]["seed"].get<std::string>().size(), 64u);
  EXPECT_EQ(report["exit_code"], 0);
  EXPECT_EQ(report["sensors"][0]["count"], 20);
}

}  // namespace
}  // namespace rackproof::testing
