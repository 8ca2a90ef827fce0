// SPDX-License-Identifier: Apache-2.0
#include "reports/dsse.h"

#include <gmock/gmock.h>

#include "reports/signature_for_test.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kType = "application/vnd.in-toto+json";

std::string refusal(const std::string& line) {
  const auto envelope = parse_envelope(line, "a.jsonl line 1");
  return envelope ? "accepted" : envelope.error().text();
}

// The example of DSSE's protocol.md.
TEST(Pae, IsThePublishedExample) {
  EXPECT_EQ(pae("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Pae, CountsBytesNotCharacters) { EXPECT_EQ(pae("\xc3\xa9", ""), "DSSEv1 2 \xc3\xa9 0 "); }

// The signature of DSSE's protocol.md is r and s side by side; in DER it verifies, raw it does not.
TEST(Dsse, PublishedSignatureVerifiesInDerOnly) {
  const auto key = PublicKey::from_pem(R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr
CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==
-----END PUBLIC KEY-----
)");
  ASSERT_TRUE(key);
  const std::string raw = *parse_base64(
      "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==");
  const std::string message = pae("http://example.com/HelloWorld", "hello world");
  EXPECT_TRUE(key->verifies(message, der_signature(raw)));
  EXPECT_FALSE(key->verifies(message, raw));
}

TEST(Base64, KnowsTheRfcVectors) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(parse_base64(text).value(), bytes);
  }
}

TEST(Base64, ReadsBothAlphabetsAndEveryByte) {
  EXPECT_EQ(parse_base64("-_-_").value(), parse_base64("+/+/").value());
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  EXPECT_EQ(parse_base64(base64(all)).value(), all);
}

TEST(Base64, RefusesWhatIsNotStrict) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "+_+_", "=Zm9",
                           "====", "Zg==Zg==", "Zm9v!m9v", "Z==="}) {
    EXPECT_FALSE(parse_base64(text)) << text;
  }
}

TEST(Dsse, OpensWhatATrustedKeySigned) {
  const SigningKey key = SigningKey::generate();
  const auto line = to_json_line(sign_envelope(kType, "{\"a\":1}", key).value());
  const std::vector<PublicKey> keys{SigningKey::generate().public_key(), key.public_key()};
  const auto opened = open_envelope(parse_envelope(line).value(), keys);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->payload, "{\"a\":1}");
  EXPECT_THAT(opened->signers, ElementsAre(1u));
}

TEST(Dsse, RefusesChangedPayloadTypeAndSignature) {
  const SigningKey key = SigningKey::generate();
  const std::vector<PublicKey> keys{key.public_key()};
  const Envelope good = sign_envelope(kType, "payload", key).value();
  Envelope payload = good, type = good, signature = good, raw = good;
  payload.unverified_payload = "pay1oad";
  type.payload_type = "application/json";
  signature.signatures[0].sig.back() = static_cast<char>(signature.signatures[0].sig.back() ^ 1);
  raw.signatures[0].sig = raw_signature(good.signatures[0].sig);
  for (const Envelope& bad : {payload, type, signature, raw}) {
    const auto opened = open_envelope(bad, keys);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().message, "no signature by a trusted key");
  }
}

TEST(Dsse, KeyidDecidesNothing) {
  const SigningKey trusted = SigningKey::generate(), stranger = SigningKey::generate();
  const std::vector<PublicKey> keys{trusted.public_key()};
  Envelope honest = sign_envelope(kType, "x", trusted).value();
  honest.signatures[0].keyid = "whatever";
  EXPECT_TRUE(open_envelope(honest, keys));
  Envelope liar = sign_envelope(kType, "x", stranger).value();
  liar.signatures[0].keyid = trusted.public_key().keyid();
  EXPECT_FALSE(open_envelope(liar, keys));
}

TEST(Dsse, CountsAKeyOnceHoweverOftenItSigned) {
  const SigningKey key = SigningKey::generate();
  const std::vector<PublicKey> keys{key.public_key()};
  Envelope twice = sign_envelope(kType, "x", key).value();
  twice.signatures.push_back(twice.signatures[0]);
  EXPECT_THAT(open_envelope(twice, keys)->signers, ElementsAre(0u));
}

TEST(Dsse, RefusesMalformedEnvelopesByName) {
  EXPECT_THAT(refusal("{"), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("an envelope is an object"));
  EXPECT_THAT(refusal(R"({"payloadType":"t","signatures":[]})"), HasSubstr("'payload'"));
  EXPECT_THAT(refusal(R"({"payload":"","signatures":[]})"), HasSubstr("'payloadType'"));
  EXPECT_THAT(refusal(R"({"payload":"","payloadType":"t","signatures":[]})"),
              HasSubstr("at least one"));
  EXPECT_THAT(refusal(R"({"payload":"%","payloadType":"t","signatures":[{"sig":""}]})"),
              HasSubstr("'payload': not strict base64"));
  EXPECT_THAT(refusal(R"({"payload":"","payloadType":"t","signatures":[{"keyid":"k"}]})"),
              HasSubstr("'sig'"));
  EXPECT_THAT(refusal(R"({"payload":"","payload":"","payloadType":"t","signatures":[]})"),
              HasSubstr("duplicate key 'payload'"));
  EXPECT_THAT(refusal(R"({"payload":"","payloadType":"t","signatures":[{"sig":""}]} x)"),
              HasSubstr("not valid JSON"));
}

TEST(Dsse, IgnoresUnknownFieldsOfAnEnvelope) {
  EXPECT_EQ(refusal(R"({"payload":"","payloadType":"t","signatures":[{"sig":"","x":1}],"y":2})"),
            "accepted");
}

}  // namespace
}  // namespace rackproof
