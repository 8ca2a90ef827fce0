// SPDX-License-Identifier: Apache-2.0
// A station that lies and signs its lie: what the signature covers must still follow from the run.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "reports/bundle_for_test.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

class LyingStation : public BundleForTest {
 protected:
  void edit(const std::string& name, const std::string& what, const std::string& with) {
    before_finish_ = [=, this] {
      std::string changed = bytes(name);
      put(name, changed.replace(changed.find(what), what.size(), with));
    };
    build();
  }
};

TEST_F(LyingStation, CannotTurnAFailIntoAPass) {
  measured_ = 70;
  edit_report_ = [](Json& report) { report["verdict"] = "PASS"; };
  build();
  EXPECT_REFUSED(verify(), verdict_differs,
                 "report.json claims PASS, its measurements and limits make FAIL");
}

TEST_F(LyingStation, CannotPolishANumber) {
  edit_report_ = [](Json& report) { report["criteria"][0]["value"] = 99.0; };
  build();
  EXPECT_REFUSED(verify(), verdict_differs, "report.json differs from what its measurements make");
}

TEST_F(LyingStation, CannotPrintAnotherPage) {
  build();
  VerifyHooks other = hooks();
  other.judge = [judge = other.judge](const Plan& plan, const Evidence& evidence) {
    Rejudged again = judge(plan, evidence);
    again.report_text += "FAIL\n";
    return again;
  };
  const Trust known = trust();
  EXPECT_REFUSED(verify_bundle(folder_.path(), &known, other), verdict_differs,
                 "report.txt differs from what its measurements make at line 2");
}

TEST_F(LyingStation, CannotSignAnotherVerdictThanItReports) {
  measured_ = 70;
  build();
  put_lines(signed_again(0, [](Json& s) { s["predicate"]["verdict"] = "PASS"; }), line(1));
  EXPECT_REFUSED(verify(), verdict_differs, "signed qualification's 'verdict'");
}

TEST_F(LyingStation, CannotSignAnotherTestResult) {
  measured_ = 70;
  build();
  put_lines(line(0), signed_again(1, [](Json& s) { s["predicate"]["result"] = "PASSED"; }));
  EXPECT_REFUSED(verify(), verdict_differs, "signed test-result's 'result'");
}

TEST_F(LyingStation, CannotSignAnotherFieldOfTheQualification) {
  build();
  const std::string first = line(0), second = line(1);
  for (const char* field : {"run_id", "attempt", "nonce", "unit", "profile", "plan", "tool",
                            "criteria", "drill", "coverage", "inventory", "started"}) {
    put_lines(signed_again(0, [&](Json& s) { s["predicate"][field] = "x"; }), second);
    EXPECT_REFUSED(verify(), verdict_differs, std::string("'") + field + "'");
    put_lines(first, second);
    put_lines(signed_again(0, [&](Json& s) { s["predicate"].erase(field); }), second);
    EXPECT_REFUSED(verify(), verdict_differs, std::string("'") + field + "'");
    put_lines(first, second);
  }
}

TEST_F(LyingStation, MayAddFieldsThatMeanNothingHere) {
  build();
  put_lines(signed_again(0, [](Json& s) { s["predicate"]["weather"] = "fine"; }), line(1));
  EXPECT_EQ(verify().outcome, VerifyOutcome::verified);
}

TEST_F(LyingStation, CannotSignAnotherJournalHead) {
  build();
  put_lines(signed_again(0, [](Json& s) { s["predicate"]["journal"]["count"] = 5; }), line(1));
  EXPECT_REFUSED(verify(), journal_broken, "signed qualification's 'journal'");
}

TEST_F(LyingStation, CannotSignAnUnsealedJournal) {
  sealed_ = false;
  build();
  EXPECT_REFUSED(verify(), journal_broken, "the journal is not sealed");
}

TEST_F(LyingStation, CannotSignACutJournal) {
  before_finish_ = [this] {
    const std::string whole = bytes("journal");
    put("journal", whole.substr(0, whole.size() - 40));
  };
  build();
  EXPECT_REFUSED(verify(), journal_broken, "torn");
}

TEST_F(LyingStation, CannotEditARecord) {
  edit("journal", "\"median\":90.0", "\"median\":99.0");
  EXPECT_REFUSED(verify(), journal_broken, "its hash does not follow");
}

TEST_F(LyingStation, CannotReplayAnotherRunsJournal) {
  before_finish_ = [this] {
    fs::remove(file("journal"));
    JournalWriter other = JournalWriter::create(file("journal"), R"({"t":"genesis"})");
    other.seal("{}");
  };
  build();
  EXPECT_REFUSED(verify(), journal_broken, "not a genesis record");
}

TEST_F(LyingStation, CannotHideASecondGenesisInTheJournal) {
  before_finish_ = [this] {
    const auto good = read_journal(file("journal")).value();
    fs::remove(file("journal"));
    JournalWriter other = JournalWriter::create(file("journal"), good.records[0]);
    other.append(good.records[0]);
    other.seal("{}");
  };
  build();
  EXPECT_REFUSED(verify(), journal_broken, "journal record 1: a genesis out of its place");
}

TEST_F(LyingStation, CannotChangeWhatTheRunWasFor) {
  edit("plan.json", "80", "60");
  EXPECT_REFUSED(verify(), journal_broken, "plan.json is not the plan");
}

TEST_F(LyingStation, CannotChangeTheInventoryAfterwards) {
  edit("inventory.json", "SYN-0001", "SYN-0002");
  EXPECT_REFUSED(verify(), journal_broken, "inventory.json is not the one");
}

TEST_F(LyingStation, CannotChangeTheProfileAfterwards) {
  edit("profile.yaml", "revision: 3", "revision: 4");
  EXPECT_REFUSED(verify(), journal_broken, "profile.yaml is not the one");
}

TEST_F(LyingStation, CannotSealAnotherVerdict) {
  seal_ = R"({"t":"seal","verdict":"FAIL"})";
  build();
  EXPECT_REFUSED(verify(), verdict_differs, "the journal's seal claims FAIL, not PASS");
}

TEST_F(LyingStation, MustBeTheOneThatBeganTheRun) {
  const SigningKey began = key_;
  before_finish_ = [this] { key_ = SigningKey::generate(); };
  build();
  EXPECT_REFUSED(verify(), bad_signature,
                 "begun by the station with key " + began.public_key().keyid());
}

TEST_F(LyingStation, IsCaughtWhenThePlanDoesNotFollowFromTheProfile) {
  build();
  VerifyHooks planning = hooks();
  const Trust known = trust();
  planning.replan = [](const std::string&, const std::string&, const Plan& plan) { return plan; };
  EXPECT_EQ(verify_bundle(folder_.path(), &known, planning).exit_code(), 0);
  planning.replan = [](const std::string&, const std::string&, const Plan& plan) -> Expected<Plan> {
    Plan stricter = plan;
    stricter.criteria[0].limit = 100;
    return stricter;
  };
  EXPECT_REFUSED(verify_bundle(folder_.path(), &known, planning), verdict_differs,
                 "plan.json does not follow from profile.yaml");
}

class Policy : public BundleForTest {
 protected:
  Policy() { build(); }
  Trust trust_ = trust();
};

TEST_F(Policy, IsMetByTheRightBundle) {
  trust_.profiles = {sha256(bytes("profile.yaml"))};
  trust_.minimum_revision = 3;
  trust_.serials = {"SYN-0001", "RACK-7"};
  trust_.nonce = "00ff";
  const VerifyResult result = verify(&trust_);
  EXPECT_EQ(result.exit_code(), 0) << result.text();
  EXPECT_THAT(result.checked, Contains("the trust file's demands are met"));
}

TEST_F(Policy, RefusesAnotherProfile) {
  trust_.profiles = {sha256("another profile")};
  EXPECT_REFUSED(verify(&trust_), policy_not_met, "is not one that the trust file accepts");
}

TEST_F(Policy, RefusesAnOlderRevision) {
  trust_.minimum_revision = 4;
  EXPECT_REFUSED(verify(&trust_), policy_not_met,
                 "revision 3 is older than the trust file's minimum 4");
}

TEST_F(Policy, RefusesASerialThatWasNotThereOrTookNoPart) {
  trust_.serials = {"SYN-0001", "SYN-0002"};
  EXPECT_REFUSED(verify(&trust_), policy_not_met, "serial SYN-0002 took no part");
  trust_.serials = {"SYN-0009"};
  EXPECT_REFUSED(verify(&trust_), policy_not_met, "serial SYN-0009 took no part");
}

TEST_F(Policy, RefusesAReplayedNonce) {
  trust_.nonce = "abcd";
  EXPECT_REFUSED(verify(&trust_), policy_not_met, "the run's nonce is 00ff, not abcd");
}

TEST_F(Policy, RefusesAMissingRole) {
  trust_.keys.push_back({"qa", SigningKey::generate().public_key()});
  EXPECT_REFUSED(verify(&trust_), policy_not_met, "no signature in the role 'qa'");
}

TEST_F(Policy, AcceptsAnyOneOfSeveralStations) {
  trust_.keys.insert(trust_.keys.begin(), {"station", SigningKey::generate().public_key()});
  EXPECT_EQ(verify(&trust_).exit_code(), 0);
}

}  // namespace
}  // namespace rackproof
