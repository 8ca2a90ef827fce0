// SPDX-License-Identifier: Apache-2.0
#include "reports/key.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <cstdlib>
#include <thread>

#include "core/folder_for_test.h"
#include "core/json.h"
#include "reports/signature_for_test.h"

namespace rackproof {
namespace {

using testing::HasSubstr;

std::string pem_of(EVP_PKEY* key, bool with_passphrase = false) {
  BIO* bio = BIO_new(BIO_s_mem());
  if (with_passphrase) {
    PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "secret", 6, nullptr, nullptr);
  } else {
    PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

std::string private_file(const TestFolder& folder, const std::string& pem) {
  const auto path = folder / "key.pem";
  EXPECT_TRUE(write_file(path, pem));
  ::chmod(path.c_str(), 0600);
  return path.string();
}

std::string refusal(const std::string& path) {
  const auto key = SigningKey::load(path);
  return key ? "loaded" : key.error().text();
}

TEST(Key, SignsWhatItsPublicHalfVerifies) {
  const SigningKey key = SigningKey::generate();
  const std::string signature = key.sign("words").value();
  EXPECT_TRUE(key.public_key().verifies("words", signature));
  EXPECT_FALSE(key.public_key().verifies("word5", signature));
  EXPECT_FALSE(SigningKey::generate().public_key().verifies("words", signature));
  EXPECT_EQ(key.public_key().algorithm(), "ECDSA P-256");
}

TEST(Key, EveryFlippedBitOfASignatureIsRefused) {
  const SigningKey key = SigningKey::generate();
  const PublicKey half = key.public_key();
  const std::string good = key.sign("words").value();
  for (std::size_t bit = 0; bit < good.size() * 8; bit += 5) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(half.verifies("words", bad)) << bit;
  }
  EXPECT_FALSE(half.verifies("words", good.substr(0, good.size() - 1)));
  EXPECT_FALSE(half.verifies("words", good + '\0'));
  EXPECT_FALSE(half.verifies("words", ""));
}

TEST(Key, RefusesARawSignatureOfTwoNumbers) {
  const SigningKey key = SigningKey::generate();
  EXPECT_FALSE(key.public_key().verifies("words", raw_signature(key.sign("words").value())));
}

TEST(Key, WritesFilesThatOnlyTheOwnerReads) {
  const TestFolder folder;
  ASSERT_TRUE(SigningKey::generate().write(folder / "station.pem"));
  struct stat status {};
  ASSERT_EQ(::stat((folder / "station.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const auto key = SigningKey::load((folder / "station.pem").string());
  const auto half = PublicKey::read(folder / "station.pub.pem");
  ASSERT_TRUE(key && half);
  EXPECT_EQ(key->public_key(), *half);
}

TEST(Key, LoadsAFileUri) {
  const TestFolder folder;
  ASSERT_TRUE(SigningKey::generate().write(folder / "station.pem"));
  EXPECT_TRUE(SigningKey::load("file:" + (folder / "station.pem").string()));
  EXPECT_TRUE(SigningKey::load("file://" + (folder / "station.pem").string()));
}

TEST(Key, NeverOverwritesAKey) {
  const TestFolder folder;
  ASSERT_TRUE(SigningKey::generate().write(folder / "a.pem"));
  const std::string before = *read_file(folder / "a.pem");
  const auto again = SigningKey::generate().write(folder / "a.pem");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text(), HasSubstr("a key is not overwritten"));
  std::filesystem::remove(folder / "a.pub.pem");
  EXPECT_FALSE(SigningKey::generate().write(folder / "a.pem"));
  EXPECT_EQ(*read_file(folder / "a.pem"), before);
}

TEST(Key, RefusesAKeyThatOthersCanReadAndSaysWhatToDo) {
  const TestFolder folder;
  const auto path = folder / "station.pem";
  ASSERT_TRUE(SigningKey::generate().write(path));
  for (const mode_t mode : {0644, 0640, 0604, 0620}) {
    ::chmod(path.c_str(), mode);
    EXPECT_THAT(refusal(path.string()), HasSubstr("chmod 600 " + path.string())) << mode;
  }
}

TEST(Key, RefusesWhatIsMissingOrNoKey) {
  const TestFolder folder;
  EXPECT_THAT(refusal((folder / "none.pem").string()), HasSubstr("No such file"));
  EXPECT_THAT(refusal(folder.path().string()), HasSubstr("not a plain file"));
  EXPECT_THAT(refusal(private_file(folder, "hello\n")), HasSubstr("not a private key"));
  const PublicKey half = SigningKey::generate().public_key();
  EXPECT_THAT(refusal(private_file(folder, half.pem())), HasSubstr("not a private key"));
  EXPECT_THAT(refusal("nosuchstore:object=1"), HasSubstr("must be loaded, see OPENSSL_CONF"));
}

TEST(Key, RefusesAPassphraseInPlaceOfAskingForIt) {
  const TestFolder folder;
  const std::string path = private_file(folder, pem_of(EVP_EC_gen("P-256"), true));
  EXPECT_THAT(refusal(path), HasSubstr("without a passphrase"));
}

TEST(Key, AcceptsEd25519) {
  const TestFolder folder;
  const auto key = SigningKey::load(
      private_file(folder, pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))));
  ASSERT_TRUE(key);
  const std::string signature = key->sign("words").value();
  EXPECT_EQ(signature.size(), 64u);
  EXPECT_TRUE(key->public_key().verifies("words", signature));
  EXPECT_FALSE(key->public_key().verifies("word5", signature));
  EXPECT_EQ(key->public_key().algorithm(), "Ed25519");
}

TEST(Key, RefusesOtherKindsByName) {
  const TestFolder folder;
  EXPECT_THAT(refusal(private_file(folder, pem_of(EVP_EC_gen("P-384")))),
              HasSubstr("use ECDSA P-256 or Ed25519"));
  EXPECT_THAT(refusal(private_file(folder, pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")))),
              HasSubstr("a key of kind X25519 is not accepted"));
}

TEST(Key, PublicPemIsOneBlockAndNothingElse) {
  const SigningKey key = SigningKey::generate();
  const std::string pem = key.public_key().pem();
  EXPECT_TRUE(PublicKey::from_pem(pem));
  EXPECT_FALSE(PublicKey::from_pem(pem + pem));
  EXPECT_FALSE(PublicKey::from_pem("words\n" + pem));
  EXPECT_FALSE(PublicKey::from_pem(pem.substr(0, pem.size() / 2)));
  const auto wrong = PublicKey::from_pem(pem_of(EVP_EC_gen("P-256")), "trust/key.pem");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().text(), HasSubstr("trust/key.pem: holds a private key"));
}

// Made with: openssl pkey -pubin -outform DER | sha256sum.
TEST(Key, KeyidIsTheDigestOfTheDerPublicKey) {
  const auto key = PublicKey::from_pem(
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
      "-----END PUBLIC KEY-----\n");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->keyid(), "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f");
  EXPECT_EQ(key->fingerprint().substr(0, 9), "a1e9 1560");
}

TEST(StationKey, IsMadeOnceAndFoundAgain) {
  const TestFolder folder;
  const auto first = station_key(folder / "config/rackproof");
  const auto second = station_key(folder / "config/rackproof");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->public_key(), second->public_key());
}

TEST(StationKey, IsOneEvenWhenManyAskAtOnce) {
  const TestFolder folder;
  std::vector<std::string> ids(8);
  std::vector<std::jthread> threads;
  for (std::string& id : ids) {
    threads.emplace_back([&folder, &id] {
      const auto key = station_key(folder / "config");
      id = key ? key->public_key().keyid() : key.error().text();
    });
  }
  threads.clear();
  EXPECT_THAT(ids, testing::Each(ids.front()));
}

TEST(StationKey, LivesUnderTheConfigFolder) {
  ::setenv("XDG_CONFIG_HOME", "/somewhere", 1);
  EXPECT_EQ(*default_config_dir(), "/somewhere/rackproof");
  ::unsetenv("XDG_CONFIG_HOME");
  ::setenv("HOME", "/home/op", 1);
  EXPECT_EQ(*default_config_dir(), "/home/op/.config/rackproof");
}

}  // namespace
}  // namespace rackproof
