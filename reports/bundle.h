// SPDX-License-Identifier: Apache-2.0
// Finishes a run's folder: report, how to verify it, manifest and signatures.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/evidence.h"
#include "core/journal.h"
#include "core/json.h"
#include "core/plan.h"
#include "reports/key.h"

namespace rackproof {

/// The bytes of report.json: the judged result rendered one way, here and at whoever verifies it.
[[nodiscard]] std::string report_bytes(const Json& report);

/// A run that was judged, and whose journal is sealed.
struct FinishedRun {
  const Plan& plan;
  const Evidence& evidence;
  const Json& report;            ///< to_json(report, plan, evidence)
  std::string_view report_text;  ///< describe(report, plan, evidence)
  JournalHead journal;           ///< after the seal
};

/// Writes report.json, report.txt, report.html, VERIFY.md, verify.sh, signer.pub.pem, SHA256SUMS
/// and attestations.intoto.jsonl beside what the runner left: plan.json, inventory.json, journal
/// and profile.yaml. A null `signer` leaves the bundle unsigned, and VERIFY.md says so. Any Error
/// means that there is no bundle to rely on (a full disk, a file missing, signed before).
[[nodiscard]] Expected<void> finish_bundle(const std::filesystem::path& folder,
                                           const FinishedRun& run, const SigningKey* signer);

}  // namespace rackproof
