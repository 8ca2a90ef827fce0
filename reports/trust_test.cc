// SPDX-License-Identifier: Apache-2.0
#include "reports/trust.h"

#include <gmock/gmock.h>

#include "core/folder_for_test.h"
#include "core/json.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A folder with the public halves of two stations beside the trust file.
class TrustFile : public testing::Test {
 protected:
  TrustFile() {
    EXPECT_TRUE(write_file(folder_ / "a.pem", key_.public_key().pem()));
    EXPECT_TRUE(write_file(folder_ / "b.pem", SigningKey::generate().public_key().pem()));
  }
  Expected<Trust> load(const std::string& yaml) {
    EXPECT_TRUE(write_file(folder_ / "TRUST.yaml", yaml));
    return load_trust(folder_ / "TRUST.yaml");
  }
  std::string refusal(const std::string& yaml) {
    const auto trust = load(yaml);
    return trust ? "accepted" : trust.error().text();
  }

  TestFolder folder_;
  SigningKey key_ = SigningKey::generate();
};

constexpr const char* kKeys = "keys: [{role: station, key: a.pem}]\n";

TEST_F(TrustFile, IsReadWhole) {
  const std::string digest(64, 'a');
  const auto trust = load(std::string(kKeys) + "profiles: [" + digest +
                          "]\nminimum_revision: 3\nserials: [SN-1, 007]\nnonce: 00ff\n");
  ASSERT_TRUE(trust) << trust.error().text();
  EXPECT_EQ(trust->keys.at(0).key, key_.public_key());
  EXPECT_EQ(trust->keys.at(0).role, "station");
  EXPECT_EQ(hex(trust->profiles.at(0)), digest);
  EXPECT_EQ(trust->minimum_revision, 3u);
  EXPECT_THAT(trust->serials, ElementsAre("SN-1", "007"));
  EXPECT_EQ(trust->nonce, "00ff");
}

TEST_F(TrustFile, RefusesUnknownKeysWithTheirPlaceAndTheRightWord) {
  EXPECT_THAT(refusal(std::string(kKeys) + "serial: [x]\n"),
              HasSubstr("TRUST.yaml:2:1: unknown key 'serial'; did you mean 'serials'?"));
  EXPECT_THAT(refusal("keys:\n  - {role: station, key: a.pem, until: 2030}\n"),
              HasSubstr("TRUST.yaml:2:33: unknown key 'until'; known: role, key"));
}

TEST_F(TrustFile, RefusesADemandThatWouldSilentlyDemandNothing) {
  EXPECT_THAT(refusal(std::string(kKeys) + "serials: []\n"), HasSubstr("at least one"));
  EXPECT_THAT(refusal(std::string(kKeys) + "profiles:\n"), HasSubstr("a list of digests"));
  EXPECT_THAT(refusal(std::string(kKeys) + "nonce: \"\"\n"), HasSubstr("hex digits is wanted"));
  EXPECT_THAT(refusal("keys: []\n"), HasSubstr("a list of keys is wanted, at least one"));
  EXPECT_THAT(refusal("nonce: ab\n"), HasSubstr("'keys' is missing"));
  EXPECT_THAT(refusal(""), HasSubstr("one YAML document"));
}

TEST_F(TrustFile, RefusesWhatTheYamlLibraryNeverReturnsFrom) {
  EXPECT_THAT(refusal(",:"), HasSubstr("TRUST.yaml"));
  EXPECT_THAT(refusal(std::string(kKeys) + "---\nnonce: ab\n"), HasSubstr("second document"));
}

TEST_F(TrustFile, RefusesWrongValuesByPlace) {
  EXPECT_THAT(refusal(std::string(kKeys) + "minimum_revision: 010\n"),
              HasSubstr("TRUST.yaml:2:19: '010' is not a whole number"));
  EXPECT_THAT(refusal(std::string(kKeys) + "minimum_revision: -1\n"), HasSubstr("whole number"));
  EXPECT_THAT(refusal(std::string(kKeys) + "profiles: [abc]\n"), HasSubstr("64 hex digits"));
  EXPECT_THAT(refusal(std::string(kKeys) + "nonce: 0xff\n"), HasSubstr("lower-case hex"));
  EXPECT_THAT(refusal(std::string(kKeys) + "nonce: [a\n"), HasSubstr("TRUST.yaml:3:1"));
}

TEST_F(TrustFile, RefusesRepeatedKeys) {
  EXPECT_THAT(refusal(std::string(kKeys) + "nonce: aa\nnonce: bb\n"),
              HasSubstr("TRUST.yaml:3:1: key 'nonce' twice"));
}

TEST_F(TrustFile, RefusesOneKeyForTwoRoles) {
  EXPECT_THAT(refusal("keys: [{role: station, key: a.pem}, {role: qa, key: a.pem}]\n"),
              HasSubstr("already listed"));
  EXPECT_EQ(refusal("keys: [{role: station, key: a.pem}, {role: qa, key: b.pem}]\n"), "accepted");
}

TEST_F(TrustFile, NamesTheKeyFileThatCannotBeUsed) {
  EXPECT_THAT(refusal("keys: [{role: station, key: none.pem}]\n"), HasSubstr("none.pem: cannot"));
  EXPECT_THAT(refusal("keys: [{role: station, key: TRUST.yaml}]\n"),
              HasSubstr("TRUST.yaml: not a public key"));
  EXPECT_THAT(refusal("keys: [{role: station}]\n"), HasSubstr("'key' is missing"));
}

}  // namespace
}  // namespace rackproof
