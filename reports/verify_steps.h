// SPDX-License-Identifier: Apache-2.0
// The steps of verify_bundle, each with the one kind of refusal that it can give.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "core/evidence.h"
#include "core/journal.h"
#include "core/plan.h"
#include "reports/manifest.h"
#include "reports/verify.h"

namespace rackproof {

struct Refusal {
  VerifyOutcome outcome = VerifyOutcome::malformed;
  std::string message;
};
template <class T>
using Checked = tl::expected<T, Refusal>;

[[nodiscard]] inline tl::unexpected<Refusal> refuse(VerifyOutcome outcome, std::string message) {
  return tl::unexpected<Refusal>(Refusal{outcome, std::move(message)});
}

/// The two signed payloads, whose signatures hold.
struct SignedStatements {
  std::string qualification, test_result;
  std::vector<FileDigest> subjects;  ///< the same in both; SHA256SUMS first
  std::vector<std::string> roles;    ///< that signed the qualification
  PublicKey signer;                  ///< of the qualification, the first of them
};

/// Reads the attestations; signatures first, then the very bytes that were signed.
/// The bundle's own key stands in for a null `trust`.
[[nodiscard]] Checked<SignedStatements> check_signatures(const std::filesystem::path& folder,
                                                         const Trust* trust);

/// The manifest, equal to `subjects` unless null (unsigned), and every file as it says.
[[nodiscard]] Checked<std::vector<FileDigest>> check_files(const std::filesystem::path& folder,
                                                           const std::vector<FileDigest>* subjects);

/// What a bundle's files hold, once their digests are known to be right.
struct BundleContents {
  std::string profile_yaml, plan_json, inventory_json, report_json, report_text;
  std::string report_html, signer_pem;  ///< empty: the bundle has none
  Plan plan;
  Evidence evidence;
  JournalHead head;
  std::string sealed_verdict;  ///< as the seal record claims; empty: it claims none
};

/// Reads the files, compares each again with its digest, and replays the journal.
[[nodiscard]] Checked<BundleContents> read_contents(const std::filesystem::path& folder,
                                                    const std::vector<FileDigest>& manifest);

/// Every segment of the journal with its digest, size and rows, and nothing else in telemetry/.
[[nodiscard]] Checked<void> check_segments(const std::filesystem::path& folder,
                                           const std::vector<FileDigest>& manifest,
                                           const Evidence& evidence);

/// The verdict again from plan and journal; the report must be what that yields.
[[nodiscard]] Checked<Verdict> check_verdict(const BundleContents& contents,
                                             const VerifyHooks& hooks);

/// The statements again from the bundle's contents; every field must be what was signed.
[[nodiscard]] Checked<void> check_statements(const SignedStatements& statements,
                                             const BundleContents& contents);

/// Roles, profiles, revision, serials and nonce.
[[nodiscard]] Checked<void> check_policy(const Trust& trust, const std::vector<std::string>& roles,
                                         const BundleContents& contents);

}  // namespace rackproof
