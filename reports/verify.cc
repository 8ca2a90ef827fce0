// SPDX-License-Identifier: Apache-2.0
#include "reports/verify.h"

#include <fmt/format.h>

#include <optional>

#include "reports/page_html_bundle.h"
#include "reports/verify_steps.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

// Goes through the steps; each leaves a line in `checked`, the first refusal ends it.
class Verification {
 public:
  Verification(const fs::path& folder, const Trust* trust, const VerifyHooks& hooks)
      : folder_(folder), trust_(trust), hooks_(hooks) {}

  VerifyResult run() {
    const auto ended = steps();
    if (!ended) {
      result_.outcome = ended.error().outcome;
      result_.message = ended.error().message;
    }
    return std::move(result_);
  }

 private:
  Checked<void> steps() {
    auto done = signatures();
    if (done) done = contents();
    if (done) done = claims();
    return done ? conclusion() : done;
  }

  void held(std::string what) { result_.checked.push_back(std::move(what)); }

  Checked<void> signatures() {
    auto found = check_signatures(folder_, trust_);
    if (!found && found.error().outcome == VerifyOutcome::unsigned_bundle) return {};
    if (!found) return tl::unexpected(found.error());
    signed_ = *std::move(found);
    result_.fingerprint = signed_->signer.fingerprint();
    held(fmt::format("both statements are signed ({})", signed_->signer.algorithm()));
    return {};
  }

  Checked<void> contents() {
    const auto manifest = check_files(folder_, signed_ ? &signed_->subjects : nullptr);
    if (!manifest) return tl::unexpected(manifest.error());
    held(fmt::format("all {} files are present and unchanged, and there are no others",
                     manifest->size()));
    auto read = read_contents(folder_, *manifest);
    if (!read) return tl::unexpected(read.error());
    contents_ = *std::move(read);
    held(fmt::format("the journal's {} records are whole, sealed and of this plan",
                     contents_.head.count));
    return segments(*manifest);
  }

  Checked<void> segments(const std::vector<FileDigest>& manifest) {
    const auto& recorded = contents_.evidence.segments;
    const auto same = check_segments(folder_, manifest, contents_.evidence);
    if (!same || recorded.empty()) return same;
    std::uint64_t rows = 0;
    for (const SegmentRecord& segment : recorded) rows += segment.rows;
    held(fmt::format("{} telemetry segments with {} rows are those that the journal names",
                     recorded.size(), rows));
    return {};
  }

  Checked<void> claims() {
    const auto verdict = check_verdict(contents_, hooks_);
    if (!verdict) return tl::unexpected(verdict.error());
    result_.verdict = *verdict;
    held(fmt::format("{} follows again from the recorded measurements", name(*verdict)));
    if (const auto page = check_page(folder_, contents_, hooks_.version); !page) return page;
    if (!signed_) return {};
    const auto same = check_statements(*signed_, contents_);
    if (!same) return same;
    held("the signed statements say what the bundle says");
    if (trust_ == nullptr) return {};
    const auto met = check_policy(*trust_, signed_->roles, contents_);
    if (met) held("the trust file's demands are met");
    return met;
  }

  Checked<void> conclusion() {
    if (!hooks_.replan)
      result_.notes.emplace_back("that the plan follows from the profile was not checked");
    if (!signed_) {
      return refuse(
          VerifyOutcome::unsigned_bundle,
          "unsigned: its parts agree with each other, and anybody could have written them");
    }
    if (trust_ == nullptr) {
      result_.outcome = VerifyOutcome::integrity_only;
      result_.message =
          "integrity only: the key came with the bundle; without a trust file nobody "
          "vouches for it";
      return {};
    }
    if (trust_->profiles.empty()) {
      result_.notes.emplace_back(
          "the trust file names no profile digests: the verdict is consistent "
          "with the bundle's own profile, whose limits nobody approved");
    }
    result_.outcome = VerifyOutcome::verified;
    result_.message = "verified";
    return {};
  }

  const fs::path& folder_;
  const Trust* trust_;
  const VerifyHooks& hooks_;
  VerifyResult result_;
  std::optional<SignedStatements> signed_;
  BundleContents contents_;
};

}  // namespace

std::string_view name(VerifyOutcome outcome) {
  switch (outcome) {
    case VerifyOutcome::verified:
      return "verified";
    case VerifyOutcome::integrity_only:
      return "integrity only";
    case VerifyOutcome::bad_signature:
      return "signature";
    case VerifyOutcome::files_differ:
      return "files";
    case VerifyOutcome::journal_broken:
      return "journal";
    case VerifyOutcome::verdict_differs:
      return "verdict";
    case VerifyOutcome::policy_not_met:
      return "policy";
    case VerifyOutcome::malformed:
      return "malformed";
    case VerifyOutcome::unsigned_bundle:
      return "unsigned";
  }
  return "unknown";
}

int VerifyResult::exit_code() const {
  const bool holds = outcome == VerifyOutcome::verified || outcome == VerifyOutcome::integrity_only;
  if (holds && verdict != Verdict::pass) return rackproof::exit_code(verdict);
  return static_cast<int>(outcome);
}

std::string VerifyResult::text() const {
  std::string lines;
  for (const std::string& what : checked) lines += fmt::format("ok: {}\n", what);
  for (const std::string& note : notes) lines += fmt::format("note: {}\n", note);
  if (!fingerprint.empty()) lines += fmt::format("key: {}\n", fingerprint);
  if (outcome == VerifyOutcome::verified || outcome == VerifyOutcome::integrity_only) {
    return lines + fmt::format("{} ({})\n", rackproof::name(verdict), message);
  }
  return lines + fmt::format("REFUSED ({}): {}\n", name(outcome), message);
}

VerifyResult verify_bundle(const fs::path& folder, const Trust* trust, const VerifyHooks& hooks) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    return {.message = folder.string() + " is not a bundle: not a folder"};
  }
  return Verification(folder, trust, hooks).run();
}

}  // namespace rackproof
