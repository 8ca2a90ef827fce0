// SPDX-License-Identifier: Apache-2.0
#include "reports/key.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>

#include "core/hash.h"
#include "core/json.h"

namespace rackproof {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

constexpr std::string_view kBlockBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kBlockEnd = "-----END PUBLIC KEY-----";

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool is_p256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                        nullptr) == 1 &&
         std::string_view(group.data()) == "prime256v1";
}

bool is_ed25519(EVP_PKEY* key) { return EVP_PKEY_is_a(key, "ED25519") == 1; }

// Ed25519 hashes by itself; everything else that is accepted signs a SHA-256.
const EVP_MD* digest_for(EVP_PKEY* key) { return is_ed25519(key) ? nullptr : EVP_sha256(); }

std::string spki_der(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) throw std::runtime_error("OpenSSL cannot encode a public key");
  std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

bool one_block(std::string_view pem) {
  const auto end = pem.find(kBlockEnd);
  return pem.substr(0, kBlockBegin.size()) == kBlockBegin && end != std::string_view::npos &&
         pem.find_first_not_of(" \t\r\n", end + kBlockEnd.size()) == std::string_view::npos;
}

std::string why_not_public(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return "holds a private key; a public key (PEM \"PUBLIC KEY\") is wanted here, and a private "
           "one must not be handed out";
  }
  return "not a public key; one PEM block \"PUBLIC KEY\" is wanted, and nothing beside it";
}

}  // namespace

Expected<PublicKey> PublicKey::from_pem(std::string_view pem, const std::string& file) {
  if (!one_block(pem)) return tl::unexpected(Error{why_not_public(pem), file});
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr),
                                &EVP_PKEY_free);
  ERR_clear_error();
  if (!key) return tl::unexpected(Error{"not a public key: its PEM block is damaged", file});
  if (!is_p256(key.get()) && !is_ed25519(key.get())) {
    return tl::unexpected(
        Error{fmt::format("a key of kind {} is not accepted; use ECDSA P-256 or Ed25519",
                          EVP_PKEY_get0_type_name(key.get())),
              file});
  }
  return PublicKey(std::move(key));
}

Expected<PublicKey> PublicKey::read(const std::filesystem::path& path) {
  const auto pem = read_file(path, 1 << 16);
  if (!pem) return tl::unexpected(pem.error());
  return from_pem(*pem, path.string());
}

std::string PublicKey::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_PUBKEY(bio.get(), key_.get()) != 1) {
    throw std::runtime_error("OpenSSL cannot encode a public key");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string PublicKey::keyid() const { return hex(sha256(spki_der(key_.get()))); }

std::string PublicKey::fingerprint() const {
  const std::string id = keyid();
  std::string text = id.substr(0, 4);
  for (std::size_t i = 4; i < id.size(); i += 4) text += " " + id.substr(i, 4);
  return text;
}

std::string_view PublicKey::algorithm() const {
  return is_ed25519(key_.get()) ? "Ed25519" : "ECDSA P-256";
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const bool good = context &&
                    EVP_DigestVerifyInit(context.get(), nullptr, digest_for(key_.get()), nullptr,
                                         key_.get()) == 1 &&
                    EVP_DigestVerify(context.get(), octets(signature), signature.size(),
                                     octets(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

SigningKey SigningKey::generate() {
  std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  if (!key) throw std::runtime_error("OpenSSL cannot make an ECDSA P-256 key");
  return SigningKey(std::move(key));
}

Expected<std::string> SigningKey::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::size_t size = 0;
  const bool ready =
      context &&
      EVP_DigestSignInit(context.get(), nullptr, digest_for(key_.get()), nullptr, key_.get()) ==
          1 &&
      EVP_DigestSign(context.get(), nullptr, &size, octets(message), message.size()) == 1;
  std::string signature(size, '\0');
  if (!ready || EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                               &size, octets(message), message.size()) != 1) {
    std::array<char, 256> why{};
    ERR_error_string_n(ERR_get_error(), why.data(), why.size());
    ERR_clear_error();
    return fail(fmt::format("the key cannot sign: {}", why.data()));
  }
  signature.resize(size);
  return signature;
}

PublicKey SigningKey::public_key() const { return PublicKey(key_); }

}  // namespace rackproof
