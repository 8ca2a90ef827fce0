// SPDX-License-Identifier: Apache-2.0
#include "reports/verify.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "reports/bundle_for_test.h"
#include "reports/dsse.h"
#include "reports/manifest.h"
#include "reports/signature_for_test.h"
#include "reports/statement.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

class Verify : public BundleForTest {
 protected:
  // The attestations with one text in place of another, which must be there.
  void replace_in_first_line(const std::string& what, const std::string& with) const {
    std::string first = line(0);
    const std::size_t at = first.find(what);
    ASSERT_NE(at, std::string::npos);
    put_lines(first.replace(at, what.size(), with), line(1));
  }
  [[nodiscard]] VerifyResult with_signature(const std::string& sig) const {
    Envelope envelope = parse_envelope(line(0)).value();
    envelope.signatures[0].sig = sig;
    put_lines(to_json_line(envelope), line(1));
    return verify();
  }
};

TEST_F(Verify, PassesAWholeBundleOfATrustedStation) {
  build();
  const VerifyResult result = verify();
  EXPECT_EQ(result.outcome, VerifyOutcome::verified) << result.text();
  EXPECT_EQ(result.exit_code(), 0);
  EXPECT_EQ(result.fingerprint, key_.public_key().fingerprint());
  EXPECT_THAT(result.text(), HasSubstr("PASS (verified)"));
}

TEST_F(Verify, KeepsTheVerdictsOwnExitCode) {
  const std::pair<double, int> runs[] = {{90, 0}, {80.1, 2}, {70, 1}};
  for (const auto& [measured, code] : runs) {
    measured_ = measured;
    fs::remove_all(folder_.path());
    fs::create_directory(folder_.path());
    build();
    EXPECT_EQ(verify().exit_code(), code) << verify().text();
    EXPECT_EQ(verify(nullptr).exit_code(), code == 0 ? 10 : code);
  }
}

TEST_F(Verify, SaysIntegrityOnlyWithoutATrustFile) {
  build();
  const VerifyResult result = verify(nullptr);
  EXPECT_EQ(result.outcome, VerifyOutcome::integrity_only);
  EXPECT_EQ(result.exit_code(), 10);
  EXPECT_THAT(result.text(), HasSubstr("integrity only"));
  EXPECT_THAT(result.text(), HasSubstr(key_.public_key().fingerprint()));
}

TEST_F(Verify, SaysThatNobodyApprovedTheProfile) {
  build();
  EXPECT_THAT(verify().notes, Contains(HasSubstr("whose limits nobody approved")));
}

TEST_F(Verify, RefusesAStrangersSignature) {
  build();
  const Trust stranger{.keys = {{"station", SigningKey::generate().public_key()}}};
  EXPECT_REFUSED(verify(&stranger), bad_signature, "no signature by a trusted key");
}

TEST_F(Verify, IgnoresAKeyidThatLies) {
  build();
  replace_in_first_line(key_.public_key().keyid(), std::string(64, '0'));
  EXPECT_EQ(verify().outcome, VerifyOutcome::verified);
}

TEST_F(Verify, RefusesAStrangerWhoBorrowsTheKeyid) {
  build();
  const SigningKey stranger = SigningKey::generate();
  const Envelope good = parse_envelope(line(0)).value();
  Envelope bad = sign_envelope(kPayloadType, good.unverified_payload, stranger).value();
  bad.signatures[0].keyid = key_.public_key().keyid();
  put_lines(to_json_line(bad), line(1));
  EXPECT_REFUSED(verify(), bad_signature, "line 1: no signature by a trusted key");
}

TEST_F(Verify, RefusesARawSignature) {
  build();
  const std::string der = parse_envelope(line(0))->signatures[0].sig;
  EXPECT_REFUSED(with_signature(raw_signature(der)), bad_signature, "line 1");
}

TEST_F(Verify, RefusesACutOrEmptySignature) {
  build();
  const std::string der = parse_envelope(line(0))->signatures[0].sig;
  EXPECT_REFUSED(with_signature(der.substr(1)), bad_signature, "line 1");
  EXPECT_REFUSED(with_signature(""), bad_signature, "line 1");
}

TEST_F(Verify, RefusesASignedPayloadOfAnotherType) {
  build();
  const std::string payload = parse_envelope(line(0))->unverified_payload;
  put_lines(to_json_line(sign_envelope("application/json", payload, key_).value()), line(1));
  EXPECT_REFUSED(verify(), malformed, "payload type 'application/json'");
}

TEST_F(Verify, RefusesAPayloadTypeThatWasNotSigned) {
  build();
  replace_in_first_line("application/vnd.in-toto+json", "application/vnd.in-toto+jsom");
  EXPECT_REFUSED(verify(), bad_signature, "line 1");
}

TEST_F(Verify, RefusesEveryFlippedByteOfTheAttestations) {
  build();
  const std::string good = bytes("attestations.intoto.jsonl");
  const std::string keyid = "\"keyid\":\"";
  for (std::size_t at = 0; at < good.size(); at += 23) {
    const std::size_t hint = good.rfind(keyid, at);
    if (hint != std::string::npos && at < hint + keyid.size() + 64) continue;  // a hint only
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    put("attestations.intoto.jsonl", bad);
    const int code = verify().exit_code();
    EXPECT_TRUE(code == 11 || code == 16) << "byte " << at << ": " << verify().text();
  }
}

TEST_F(Verify, RefusesTruncatedAttestations) {
  build();
  const std::string good = bytes("attestations.intoto.jsonl");
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 9) {
    put("attestations.intoto.jsonl", good.substr(0, size));
    EXPECT_EQ(verify().exit_code(), 16) << size;
  }
}

TEST_F(Verify, RefusesADroppedOrRepeatedStatement) {
  build();
  const std::string first = line(0), second = line(1);
  put("attestations.intoto.jsonl", first + "\n");
  EXPECT_REFUSED(verify(), malformed, "one qualification and one test-result");
  put_lines(first, first);
  EXPECT_REFUSED(verify(), malformed, "one qualification and one test-result");
  put_lines(first, second + "\n" + second);
  EXPECT_REFUSED(verify(), malformed, "one qualification and one test-result");
  put_lines(second, first);
  EXPECT_EQ(verify().outcome, VerifyOutcome::verified) << "order means nothing in this file";
}

TEST_F(Verify, RefusesDuplicateKeysInWhatWasSigned) {
  build();
  std::string payload = parse_envelope(line(0))->unverified_payload;
  payload.insert(1, "\"predicateType\":\"x\",");
  put_lines(to_json_line(sign_envelope(kPayloadType, payload, key_).value()), line(1));
  EXPECT_REFUSED(verify(), malformed, "duplicate key 'predicateType'");
}

TEST_F(Verify, RefusesASignedPayloadThatIsNoStatement) {
  build();
  for (const char* payload :
       {"", "[]", "{}", "1", "{\"subject\":[]}", "{\"_type\":1,\"subject\":[]}"}) {
    put_lines(to_json_line(sign_envelope(kPayloadType, payload, key_).value()), line(1));
    EXPECT_EQ(verify().exit_code(), 16) << payload;
  }
}

TEST_F(Verify, RefusesAMislabelledDigest) {
  build();
  put_lines(signed_again(0,
                         [](Json& s) {
                           s["subject"][0]["digest"] = {{"sha512", "00"}};
                         }),
            line(1));
  EXPECT_REFUSED(verify(), malformed, "one sha256");
}

TEST_F(Verify, RefusesStatementsAboutDifferentFiles) {
  build();
  const std::string first = line(0);
  put_lines(signed_again(0, [](Json& s) { s["subject"].erase(1); }), line(1));
  EXPECT_REFUSED(verify(), malformed, "about different files");
  const auto another = [](Json& s) { s["subject"][1]["digest"]["sha256"] = std::string(64, '0'); };
  put_lines(first, signed_again(1, another));
  EXPECT_REFUSED(verify(), malformed, "about different files");
}

TEST_F(Verify, RefusesOneFlippedBitInEachFile) {
  build();
  for (const char* name : {"profile.yaml", "plan.json", "inventory.json", "journal", "report.json",
                           "report.txt", "VERIFY.md", "verify.sh", "signer.pub.pem"}) {
    const std::string good = bytes(name);
    flip_one_bit(name);
    EXPECT_REFUSED(verify(), files_differ, std::string(name) + ": changed");
    put(name, good);
  }
  flip_one_bit("SHA256SUMS");
  EXPECT_REFUSED(verify(), files_differ, "SHA256SUMS is not the one that was signed");
}

TEST_F(Verify, RefusesEachMissingFile) {
  build();
  for (const char* name : {"profile.yaml", "plan.json", "inventory.json", "journal", "report.json",
                           "report.txt", "VERIFY.md", "verify.sh", "SHA256SUMS"}) {
    const std::string good = bytes(name);
    fs::remove(file(name));
    EXPECT_REFUSED(verify(), files_differ, std::string(name) + ": missing");
    put(name, good);
  }
}

TEST_F(Verify, RefusesAnExtraFile) {
  build();
  put("telemetry.csv", "");
  EXPECT_REFUSED(verify(), files_differ, "telemetry.csv: extra");
}

TEST_F(Verify, RefusesALinkInPlaceOfAFile) {
  build();
  const TestFolder elsewhere;
  for (const char* name : {"report.json", "SHA256SUMS"}) {
    fs::copy_file(file(name), elsewhere / name);
    fs::remove(file(name));
    fs::create_symlink(elsewhere / name, file(name));
    EXPECT_REFUSED(verify(), files_differ, "not a plain file");
  }
  fs::rename(file("attestations.intoto.jsonl"), elsewhere / "a");
  fs::create_symlink(elsewhere / "a", file("attestations.intoto.jsonl"));
  EXPECT_REFUSED(verify(), malformed, "not a plain file");
}

TEST_F(Verify, CatchesAnEditedReportWhoseSumsWereMadeAgain) {
  measured_ = 70;
  build();
  std::string report = bytes("report.json");
  report.replace(report.find("FAIL"), 4, "PASS");
  put("report.json", report);
  resum();
  EXPECT_REFUSED(verify(), files_differ, "SHA256SUMS is not the one that was signed");
}

TEST_F(Verify, RefusesSwappedLinesInTheManifest) {
  build();
  const std::string good = bytes("SHA256SUMS");
  const std::size_t first = good.find('\n') + 1, second = good.find('\n', first) + 1;
  put("SHA256SUMS",
      good.substr(first, second - first) + good.substr(0, first) + good.substr(second));
  EXPECT_REFUSED(verify(), files_differ, "SHA256SUMS is not the one that was signed");
}

TEST_F(Verify, SaysUnsignedAndNeverZero) {
  build(false);
  EXPECT_REFUSED(verify(), unsigned_bundle, "anybody could have written them");
  EXPECT_REFUSED(verify(nullptr), unsigned_bundle, "unsigned");
  flip_one_bit("journal");
  EXPECT_REFUSED(verify(nullptr), files_differ, "journal: changed");
}

TEST_F(Verify, RefusesStrippedSignatures) {
  build();
  fs::remove(file("attestations.intoto.jsonl"));
  EXPECT_REFUSED(verify(), unsigned_bundle, "unsigned");
}

TEST_F(Verify, RefusesAManifestThatIsNotStrict) {
  build(false);
  put("SHA256SUMS", bytes("SHA256SUMS") + std::string(64, '0') + "  ../secret\n");
  EXPECT_REFUSED(verify(), malformed, "leaves the folder");
}

TEST_F(Verify, RefusesWhatIsNoFolder) {
  const VerifyResult result = verify_bundle(folder_ / "none", nullptr, hooks());
  EXPECT_REFUSED(result, malformed, "is not a bundle");
}

}  // namespace
}  // namespace rackproof
