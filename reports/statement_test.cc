// SPDX-License-Identifier: Apache-2.0
#include "reports/statement.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Facts about a run without a folder.
struct Facts {
  Plan plan{.profile = "demo", .profile_revision = 3, .devices = {"gpu:0"}};
  Evidence evidence;
  Json report{{"verdict", "PASS"},         {"headline", "PASS: 1 device"},
              {"criteria", Json::array()}, {"drill", Json::array()},
              {"coverage", Json::array()}, {"inventory", Json::array()}};
  Json inventory{{"host", {{"hostname", "n1"}, {"dmi", {{"product_serial", "RACK-7"}}}}},
                 {"devices", Json::array()}};
  std::vector<FileDigest> files{{"SHA256SUMS", sha256("sums")}, {"journal", sha256("j")}};

  void add_device(const char* id, const char* serial) {
    inventory["devices"].push_back({{"id", id}, {"serial", serial}});
  }
  void add_row(const char* id, const char* verdict, bool measured = true) {
    Json row{
        {"id", id}, {"step", "s"}, {"device", "gpu:0"}, {"verdict", verdict}, {"unit", "count"}};
    if (measured) row["value"] = 1.0;
    report["criteria"].push_back(row);
  }
  [[nodiscard]] StatementFacts facts() const {
    return {plan, evidence, report, inventory, {7, sha256("head")}, files};
  }
  Json result_for(const char* verdict) {
    report["verdict"] = verdict;
    return test_result(facts()).value()["predicate"]["result"];
  }
};

TEST(Statement, IsAnInTotoStatementAboutTheManifestFirst) {
  const Json statement = qualification(Facts().facts()).value();
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["predicateType"], "https://rackproof.dev/attestation/qualification/v1");
  EXPECT_EQ(statement["subject"][0]["name"], "SHA256SUMS");
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"], hex(sha256("sums")));
  EXPECT_EQ(subjects_of(statement).value(), Facts().files);
}

TEST(Statement, CarriesRunProfilePlanToolJournalAndVerdict) {
  Facts facts;
  facts.evidence.genesis.run_id = "abc";
  facts.evidence.genesis.nonce = "00ff";
  facts.evidence.genesis.plan_sha256 = std::string(64, 'a');
  facts.evidence.genesis.previous_sha256 = std::string(64, 'b');
  const Json predicate = qualification(facts.facts()).value()["predicate"];
  EXPECT_EQ(predicate["run_id"], "abc");
  EXPECT_EQ(predicate["nonce"], "00ff");
  EXPECT_EQ(predicate["profile"]["revision"], 3);
  EXPECT_EQ(predicate["plan"]["digest"]["sha256"], std::string(64, 'a'));
  EXPECT_EQ(predicate["previous"]["sha256"], std::string(64, 'b'));
  EXPECT_EQ(predicate["journal"]["count"], 7);
  EXPECT_EQ(predicate["journal"]["hash"], hex(sha256("head")));
  EXPECT_EQ(predicate["verdict"], "PASS");
}

TEST(Statement, NamesEachCriterionAndItsTarget) {
  Facts facts;
  facts.add_row("floor", "PASS");
  const Json row = qualification(facts.facts()).value()["predicate"]["criteria"][0];
  EXPECT_EQ(row["name"], "floor");
  EXPECT_EQ(row["target"], "gpu:0");
  EXPECT_EQ(row["value"], 1.0);
}

TEST(Statement, IdentifiesTheUnitByThoseThatTookPart) {
  Facts facts;
  facts.add_device("gpu:0", "SN-0");
  facts.add_device("gpu:1", "SN-1");
  const Json unit = qualification(facts.facts()).value()["predicate"]["unit"];
  EXPECT_EQ(unit["product_serial"], "RACK-7");
  ASSERT_EQ(unit["devices"].size(), 1u);
  EXPECT_EQ(unit["devices"][0]["serial"], "SN-0");
  EXPECT_THAT(serials_of(facts.inventory, facts.plan), ElementsAre("RACK-7", "SN-0"));
}

TEST(Statement, RefusesAReportWithoutWhatMustBeSigned) {
  for (const char* field : {"verdict", "headline", "criteria", "drill", "coverage", "inventory"}) {
    Facts facts;
    facts.report.erase(field);
    const auto statement = qualification(facts.facts());
    ASSERT_FALSE(statement);
    EXPECT_THAT(statement.error().message, HasSubstr(field));
  }
}

TEST(TestResult, OnlyPassIsPassedAndOnlyMarginalIsWarned) {
  Facts facts;
  EXPECT_EQ(facts.result_for("PASS"), "PASSED");
  EXPECT_EQ(facts.result_for("MARGINAL"), "WARNED");
  for (const char* verdict : {"FAIL", "INCOMPLETE", "INVALID", "ERROR", "", "pass"}) {
    EXPECT_EQ(facts.result_for(verdict), "FAILED") << verdict;
  }
}

TEST(TestResult, ListsWhatWasMeasuredAndNothingElse) {
  Facts facts;
  facts.add_row("a", "PASS");
  facts.add_row("b", "MARGINAL");
  facts.add_row("c", "FAIL");
  facts.add_row("d", "INVALID");
  facts.add_row("e", "INCOMPLETE", false);
  facts.add_row("f", "PASS", false);
  const Json predicate = test_result(facts.facts()).value()["predicate"];
  EXPECT_EQ(predicate["passedTests"], Json({"a on gpu:0 in s"}));
  EXPECT_EQ(predicate["warnedTests"], Json({"b on gpu:0 in s"}));
  EXPECT_EQ(predicate["failedTests"], Json({"c on gpu:0 in s", "d on gpu:0 in s"}));
}

TEST(Subjects, RefuseDigestsThatDoNotMatchTheirLabel) {
  const std::string digits(64, 'a');
  const std::pair<Json, const char*> bad[] = {{{{"sha512", digits}}, "one sha256"},
                                              {{{"sha256", digits}, {"md5", "00"}}, "one sha256"},
                                              {{{"sha256", digits + digits}}, "64 hex digits"},
                                              {{{"sha256", "ab"}}, "64 hex digits"},
                                              {{{"sha256", 1}}, "malformed"},
                                              {Json::object(), "one sha256"}};
  for (const auto& [digest, why] : bad) {
    const Json statement{{"subject", {{{"name", "a"}, {"digest", digest}}}}};
    const auto subjects = subjects_of(statement);
    ASSERT_FALSE(subjects) << digest.dump();
    EXPECT_THAT(subjects.error().message, HasSubstr(why));
  }
}

}  // namespace
}  // namespace rackproof
