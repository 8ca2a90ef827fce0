// SPDX-License-Identifier: Apache-2.0
// The generated verify.sh, run for real.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/bundle_for_test.h"
#include "reports/dsse.h"
#include "reports/statement.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Ran {
  int code = -1;
  std::string output;
};

class Script : public BundleForTest {
 protected:
  [[nodiscard]] Ran run(const PublicKey& key) const {
    EXPECT_TRUE(write_file(keys_ / "key.pem", key.pem()));
    return shell(
        fmt::format("{} {} 2>&1", file("verify.sh").string(), (keys_ / "key.pem").string()));
  }
  [[nodiscard]] Ran run() const { return run(key_.public_key()); }

  static Ran shell(const std::string& command) {
    Ran ran;
    FILE* pipe = ::popen(command.c_str(), "r");
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) ran.output += buffer;
    ran.code = WEXITSTATUS(::pclose(pipe));
    return ran;
  }

  // Runs it on a report that the station signed as edited.
  Ran judge_again(const std::function<void(Json&)>& edit) {
    fs::remove_all(folder_.path());
    fs::create_directory(folder_.path());
    edit_report_ = edit;
    build();
    return run();
  }

  TestFolder keys_;
};

#define EXPECT_RAN(ran, expected_code, words)           \
  do {                                                  \
    const Ran got = (ran);                              \
    EXPECT_EQ(got.code, expected_code) << got.output;   \
    EXPECT_THAT(got.output, testing::HasSubstr(words)); \
  } while (false)

void set_verdict(Json& report, const char* row, const char* whole) {
  report["criteria"][0]["verdict"] = row;
  report["verdict"] = whole;
}

TEST_F(Script, PassesAWholeBundleAndSaysWhatItChecked) {
  build();
  const Ran ran = run();
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("ok: both statements are signed"));
  EXPECT_THAT(ran.output, HasSubstr("ok: 1 decisions repeated; the worst of all parts is PASS"));
  EXPECT_THAT(ran.output, HasSubstr("not checked here: the journal"));
  EXPECT_THAT(ran.output, HasSubstr("\nPASS: 1 device\n"));
}

TEST_F(Script, ExitsWithTheVerdictsCode) {
  measured_ = 70;
  build();
  EXPECT_RAN(run(), 1, "\nFAIL: 1 device");
}

TEST_F(Script, ReadsAnEd25519Key) {
  EVP_PKEY* raw = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  FILE* out = std::fopen((keys_ / "ed.pem").c_str(), "w");
  PEM_write_PrivateKey(out, raw, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  EVP_PKEY_free(raw);
  ::chmod((keys_ / "ed.pem").c_str(), 0600);
  key_ = SigningKey::load((keys_ / "ed.pem").string()).value();
  build();
  EXPECT_RAN(run(), 0, "PASS");
  EXPECT_EQ(verify().exit_code(), 0);
}

TEST_F(Script, RefusesAStrangersKey) {
  build();
  EXPECT_RAN(run(SigningKey::generate().public_key()), 11, "is not signed by this key");
}

TEST_F(Script, RefusesAnUnsignedBundle) {
  build(false);
  EXPECT_RAN(run(), 17, "REFUSED: unsigned");
}

TEST_F(Script, RefusesChangedMissingExtraAndLinkedFiles) {
  build();
  const std::string report = bytes("report.txt");
  flip_one_bit("report.txt");
  EXPECT_RAN(run(), 12, "report.txt: FAILED");
  fs::remove(file("report.txt"));
  EXPECT_RAN(run(), 12, "changed or missing");
  fs::create_symlink(keys_ / "key.pem", file("report.txt"));
  EXPECT_RAN(run(), 12, "not a plain file: report.txt");
  fs::remove(file("report.txt"));
  put("report.txt", report);
  put(".hidden", "");
  EXPECT_RAN(run(), 12, "extra file: .hidden");
}

TEST_F(Script, RefusesAManifestMadeAgain) {
  build();
  flip_one_bit("journal");
  resum();
  EXPECT_RAN(run(), 12, "SHA256SUMS is not the one that was signed");
}

TEST_F(Script, RefusesTamperedEnvelopes) {
  build();
  const std::string first = line(0), second = line(1);
  std::string changed = first;
  changed[first.size() / 2] = first[first.size() / 2] == 'A' ? 'B' : 'A';
  put_lines(changed, second);
  EXPECT_RAN(run(), 11, "line 1");
  put_lines(first, "{}");
  EXPECT_RAN(run(), 16, "line 2 of attestations.intoto.jsonl is not an envelope");
  put_lines(first, first);
  EXPECT_RAN(run(), 16, "a qualification and a test-result are wanted");
  put_lines(first, second + "\n" + second);
  EXPECT_RAN(run(), 16, "more than two lines");
}

TEST_F(Script, RefusesASignedPayloadOfAnotherType) {
  build();
  const std::string payload = parse_envelope(line(0))->unverified_payload;
  put_lines(to_json_line(sign_envelope("application/json", payload, key_).value()), line(1));
  EXPECT_RAN(run(), 16, "has the payload type application/json");
}

TEST_F(Script, RefusesAVerdictOtherThanTheSignedOne) {
  measured_ = 70;
  build();
  const std::string first = line(0), second = line(1);
  put_lines(signed_again(0, [](Json& s) { s["predicate"]["verdict"] = "PASS"; }), second);
  EXPECT_RAN(run(), 14, "the signed verdict is PASS, not FAIL");
  put_lines(first, second);
  put_lines(first, signed_again(1, [](Json& s) { s["predicate"]["result"] = "PASSED"; }));
  EXPECT_RAN(run(), 14, "the signed test result is PASSED, not FAILED");
}

TEST_F(Script, RefusesAReportThatItsOwnPartsContradict) {
  measured_ = 70;
  EXPECT_RAN(judge_again([](Json& report) { set_verdict(report, "PASS", "PASS"); }), 14,
             "its numbers say FAIL, the report PASS");
  measured_ = 90;
  EXPECT_RAN(judge_again([](Json& r) { r["inventory"][0]["met"] = false; }), 14,
             "the parts of report.json make FAIL, it claims PASS");
  EXPECT_RAN(judge_again([](Json& report) { set_verdict(report, "GREEN", "GREEN"); }), 16,
             "cannot be judged");
}

// The indented lines of VERIFY.md's chapter, with the public key in place.
std::string by_hand(std::string page, const std::string& key) {
  page = page.substr(page.find("## By hand"));
  page.resize(page.find("## Exit codes"));
  std::istringstream lines(page);
  std::string commands = "set -e\n";
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("    ") || line.find("pkeyutl") != std::string::npos) continue;
    if (const auto at = line.find("PUBLIC_KEY.pem"); at != std::string::npos)
      line.replace(at, std::string_view("PUBLIC_KEY.pem").size(), key);
    commands += line + "\n";
  }
  return commands;
}

TEST_F(Script, WhatThePageSaysToTypeWorksAndLeavesTheBundleWhole) {
  build();
  ASSERT_EQ(run().code, 0);
  EXPECT_TRUE(write_file(keys_ / "by_hand.sh", by_hand(bytes("VERIFY.md"), keys_ / "key.pem")));
  const Ran ran = shell(fmt::format("cd {} && bash {} 2>&1", folder_.path().string(),
                                    (keys_ / "by_hand.sh").string()));
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("Verified OK"));
  EXPECT_THAT(ran.output, HasSubstr("report.json: OK"));
  EXPECT_TRUE(ran.output.ends_with("\nPASS\n")) << ran.output;
  EXPECT_EQ(run().code, 0);
}

TEST_F(Script, ExplainsItsUse) {
  build();
  EXPECT_RAN(shell("bash " + file("verify.sh").string() + " 2>&1"), 64, "usage:");
  EXPECT_RAN(shell("bash " + file("verify.sh").string() + " /nonexistent 2>&1"), 64,
             "cannot read the public key");
}

}  // namespace
}  // namespace rackproof
