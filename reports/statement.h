// SPDX-License-Identifier: Apache-2.0
// What is signed: in-toto Statements v1 about one bundle. Both are pure functions of the bundle's
// own contents, so that whoever verifies it can make them again and compare.
// Source: github.com/in-toto/attestation, spec v1 and predicates/test-result v0.1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/evidence.h"
#include "core/journal.h"
#include "core/json.h"
#include "core/plan.h"
#include "reports/manifest.h"

namespace rackproof {

inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";
inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kQualificationType =
    "https://rackproof.dev/attestation/qualification/v1";
inline constexpr std::string_view kTestResultType =
    "https://in-toto.io/attestation/test-result/v0.1";

/// All that the statements are made of.
struct StatementFacts {
  const Plan& plan;
  const Evidence& evidence;
  const Json& report;     ///< report.json
  const Json& inventory;  ///< inventory.json
  JournalHead journal;
  const std::vector<FileDigest>& files;  ///< the subjects: SHA256SUMS first, then each file in it
};

/// Run, unit, profile, tool, station, times, verdict, a row a criterion, drill, coverage, journal
/// head. An Error when the report lacks a field that must be signed.
[[nodiscard]] Expected<Json> qualification(const StatementFacts& facts);

/// For generic policy engines: PASS is PASSED, MARGINAL is WARNED, all else FAILED. A criterion
/// that was not measured is in none of its lists.
[[nodiscard]] Expected<Json> test_result(const StatementFacts& facts);

/// A statement's subjects; strict: each has a name and exactly one digest, a sha256 of 64 digits.
[[nodiscard]] Expected<std::vector<FileDigest>> subjects_of(const Json& statement);

/// The serial numbers a bundle speaks for: the host's, and those of the devices that took part.
[[nodiscard]] std::vector<std::string> serials_of(const Json& inventory, const Plan& plan);

}  // namespace rackproof
