// SPDX-License-Identifier: Apache-2.0
// verify_bundle's first step: who signed, and what.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "reports/dsse.h"
#include "reports/statement.h"
#include "reports/verify_steps.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxAttestations = 256u << 20;

struct Keys {
  std::vector<PublicKey> keys;
  std::vector<std::string> roles;  ///< of each key
};

// What one line holds, after its signature held.
struct SignedStatement {
  std::string type, payload;
  std::vector<FileDigest> subjects;
  std::vector<std::size_t> signers;
};

Checked<Keys> keys_to_trust(const fs::path& folder, const Trust* trust) {
  Keys known;
  if (trust != nullptr) {
    for (const TrustedKey& one : trust->keys) {
      known.keys.push_back(one.key);
      known.roles.push_back(one.role);
    }
    return known;
  }
  auto own = PublicKey::read(folder / "signer.pub.pem");
  if (!own) return refuse(VerifyOutcome::bad_signature, own.error().text());
  known.keys.push_back(*std::move(own));
  known.roles.emplace_back("station");
  return known;
}

Checked<std::vector<std::string>> envelope_lines(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(path, ignored);
  if (!fs::exists(status)) {
    return refuse(VerifyOutcome::unsigned_bundle,
                  fmt::format("unsigned: there is no {}", kAttestationsName));
  }
  if (!fs::is_regular_file(status)) {
    return refuse(VerifyOutcome::malformed,
                  fmt::format("{} is not a plain file", kAttestationsName));
  }
  const auto bytes = read_file(path, kMaxAttestations);
  if (!bytes) return refuse(VerifyOutcome::malformed, bytes.error().text());
  if (bytes->empty() || bytes->back() != '\n') {
    return refuse(VerifyOutcome::malformed,
                  fmt::format("{} is truncated: its last line does not end", kAttestationsName));
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < bytes->size();) {
    const std::size_t end = bytes->find('\n', at);
    lines.push_back(bytes->substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

Checked<SignedStatement> parse_statement(OpenedEnvelope opened, const std::string& where) {
  const auto json = parse_json(opened.payload, where);
  if (!json) return refuse(VerifyOutcome::malformed, json.error().text());
  const auto subjects = subjects_of(*json);
  if (!subjects) return refuse(VerifyOutcome::malformed, where + ": " + subjects.error().text());
  if (json->value("_type", Json()) != kStatementType || !json->contains("predicate") ||
      !json->value("predicateType", Json()).is_string()) {
    return refuse(VerifyOutcome::malformed, where + ": not an in-toto Statement v1");
  }
  return SignedStatement{json->at("predicateType").get<std::string>(), std::move(opened.payload),
                         *subjects, std::move(opened.signers)};
}

Checked<SignedStatement> open_line(const std::string& line, const Keys& known,
                                   const std::string& where) {
  const auto envelope = parse_envelope(line, where);
  if (!envelope) return refuse(VerifyOutcome::malformed, envelope.error().text());
  auto opened = open_envelope(*envelope, known.keys);
  if (!opened) {
    return refuse(VerifyOutcome::bad_signature, where + ": " + opened.error().message);
  }
  if (envelope->payload_type != kPayloadType) {
    return refuse(VerifyOutcome::malformed,
                  fmt::format("{}: payload type '{}' in place of '{}'", where,
                              envelope->payload_type, kPayloadType));
  }
  return parse_statement(*std::move(opened), where);
}

// Exactly one statement of each kind, about the same subjects.
Checked<SignedStatements> pair_up(std::vector<SignedStatement> all, const Keys& known) {
  const auto take = [&](std::string_view type) {
    return std::ranges::find(all, type, &SignedStatement::type);
  };
  const auto first = take(kQualificationType), second = take(kTestResultType);
  if (all.size() != 2 || first == all.end() || second == all.end()) {
    return refuse(VerifyOutcome::malformed,
                  fmt::format("{} must hold one qualification and one test-result, nothing else",
                              kAttestationsName));
  }
  if (first->subjects != second->subjects) {
    return refuse(VerifyOutcome::malformed, "the two statements are about different files");
  }
  SignedStatements signed_ones{
      first->payload, second->payload, first->subjects, {}, known.keys[first->signers.front()]};
  for (const std::size_t key : first->signers) signed_ones.roles.push_back(known.roles[key]);
  return signed_ones;
}

}  // namespace

Checked<SignedStatements> check_signatures(const fs::path& folder, const Trust* trust) {
  const auto lines = envelope_lines(folder / kAttestationsName);
  if (!lines) return tl::unexpected(lines.error());
  const auto known = keys_to_trust(folder, trust);
  if (!known) return tl::unexpected(known.error());
  std::vector<SignedStatement> statements;
  for (const std::string& line : *lines) {
    const std::string where = fmt::format("{} line {}", kAttestationsName, statements.size() + 1);
    auto statement = open_line(line, *known, where);
    if (!statement) return tl::unexpected(statement.error());
    statements.push_back(*std::move(statement));
  }
  return pair_up(std::move(statements), *known);
}

}  // namespace rackproof
