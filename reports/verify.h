// SPDX-License-Identifier: Apache-2.0
// Checks a bundle from its signatures down to the verdict, and says which part does not hold.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/evidence.h"
#include "core/plan.h"
#include "core/verdict.h"
#include "reports/trust.h"

namespace rackproof {

/// How verification ended; the enumerators' values are the exit codes (verified: the verdict's
/// own).
enum class VerifyOutcome {
  verified = 0,
  integrity_only = 10,  ///< all holds, but no trust file said whose key counts
  bad_signature = 11,
  files_differ = 12,     ///< changed, missing, extra, not a plain file
  journal_broken = 13,   ///< chain, seal, head, or it is the journal of another plan
  verdict_differs = 14,  ///< report or statements do not follow from plan and journal
  policy_not_met = 15,
  malformed = 16,
  unsigned_bundle = 17,
};
[[nodiscard]] std::string_view name(VerifyOutcome outcome);

/// What judging again yields, as finish_bundle wrote it.
struct Rejudged {
  std::string report_json;  ///< report_bytes(to_json(report, plan, evidence))
  std::string report_text;  ///< describe(report, plan, evidence)
};

/// What verification repeats but other folders know how to do.
struct VerifyHooks {
  std::function<Rejudged(const Plan&, const Evidence&)> judge;
  /// Plans again from profile.yaml and inventory.json for the stages in the plan; null: not
  /// repeated.
  std::function<Expected<Plan>(const std::string& profile_yaml, const std::string& inventory_json,
                               const Plan& plan)>
      replan;
  std::string version = {};  ///< of this program: a page that it made is rendered again
};

struct VerifyResult {
  VerifyOutcome outcome = VerifyOutcome::malformed;
  Verdict verdict =
      Verdict::incomplete;           ///< recomputed; meaningful when verified or integrity_only
  std::string message;               ///< what does not hold, or what the verdict stands on
  std::vector<std::string> checked;  ///< what held, in order
  std::vector<std::string> notes;    ///< what was not checked, and why
  std::string fingerprint;           ///< of the first key that signed

  /// 0 only for a PASS signed by a trusted key. A verdict other than PASS keeps its own code with
  /// or without a trust file; 10 is a PASS that nobody vouches for.
  [[nodiscard]] int exit_code() const;
  /// Lines for the terminal.
  [[nodiscard]] std::string text() const;
};

/// Checks everything in `folder`. A null `trust` uses the key in the bundle: integrity only.
/// Stops at the first part that does not hold. Never throws on what the folder holds.
[[nodiscard]] VerifyResult verify_bundle(const std::filesystem::path& folder, const Trust* trust,
                                         const VerifyHooks& hooks);

}  // namespace rackproof
