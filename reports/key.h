// SPDX-License-Identifier: Apache-2.0
// Signing keys and their public halves: ECDSA P-256 (DER signatures over SHA-256) and Ed25519.
// The algorithm always comes from the key that is trusted, never from what was signed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"

struct evp_pkey_st;

namespace rackproof {

/// A public key to check signatures with; cheap to copy.
class PublicKey {
 public:
  /// Exactly one PEM block "PUBLIC KEY", of a kind that is accepted. `file` names the source in
  /// errors.
  [[nodiscard]] static Expected<PublicKey> from_pem(std::string_view pem,
                                                    const std::string& file = {});
  [[nodiscard]] static Expected<PublicKey> read(const std::filesystem::path& path);

  [[nodiscard]] std::string pem() const;
  /// Hex SHA-256 of the DER SubjectPublicKeyInfo: a hint in envelopes, never a proof.
  [[nodiscard]] std::string keyid() const;
  /// The keyid in groups of four, for people to compare by eye.
  [[nodiscard]] std::string fingerprint() const;
  /// "ECDSA P-256" or "Ed25519".
  [[nodiscard]] std::string_view algorithm() const;
  /// False for anything but a good signature: DER for ECDSA, 64 raw bytes for Ed25519.
  [[nodiscard]] bool verifies(std::string_view message, std::string_view signature) const;
  friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.keyid() == b.keyid(); }

 private:
  friend class SigningKey;
  explicit PublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

/// A private key, or a handle to one in a TPM or token.
class SigningKey {
 public:
  /// A new ECDSA P-256 key. Throws std::runtime_error when OpenSSL cannot make one.
  [[nodiscard]] static SigningKey generate();
  /// A PEM file by path or file: URI, which others must not be able to read, or any other URI that
  /// an OpenSSL store provider opens (handle:, pkcs11:). Never asks for a passphrase.
  [[nodiscard]] static Expected<SigningKey> load(const std::string& path_or_uri);

  /// Writes the PEM with mode 0600, whole or not at all, and its public half beside it
  /// (station.pem, station.pub.pem). Refuses to overwrite either.
  [[nodiscard]] Expected<void> write(const std::filesystem::path& path) const;
  /// The signature's bytes; an Error when the token refuses.
  [[nodiscard]] Expected<std::string> sign(std::string_view message) const;
  [[nodiscard]] PublicKey public_key() const;

 private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

/// Where SigningKey::write puts the public half: "station.pem" gives "station.pub.pem".
[[nodiscard]] std::filesystem::path public_half(const std::filesystem::path& path);

/// $XDG_CONFIG_HOME/rackproof, else $HOME/.config/rackproof.
[[nodiscard]] Expected<std::filesystem::path> default_config_dir();

/// This station's key, `config_dir`/station.pem, made on first use; safe when two processes race.
/// An empty `config_dir` means default_config_dir().
[[nodiscard]] Expected<SigningKey> station_key(const std::filesystem::path& config_dir = {});

}  // namespace rackproof
