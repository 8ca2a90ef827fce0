// SPDX-License-Identifier: Apache-2.0
// verify_bundle's last steps: what the bundle claims against what follows from it, and the policy.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/statement.h"
#include "reports/verify_steps.h"

namespace rackproof {
namespace {

tl::unexpected<Refusal> verdict_differs(std::string message) {
  return refuse(VerifyOutcome::verdict_differs, std::move(message));
}

tl::unexpected<Refusal> policy(std::string message) {
  return refuse(VerifyOutcome::policy_not_met, std::move(message));
}

std::string verdict_in(const Json& json) {
  const Json word = json.is_object() ? json.value("verdict", Json()) : Json();
  return word.is_string() ? word.get<std::string>() : "none";
}

int first_different_line(std::string_view a, std::string_view b) {
  const auto end = std::ranges::mismatch(a, b).in1;
  return 1 + static_cast<int>(std::count(a.begin(), end, '\n'));
}

Checked<Verdict> recomputed_verdict(const std::string& report) {
  const auto json = parse_json(report, "the report as judged again");
  if (!json) return refuse(VerifyOutcome::malformed, json.error().text());
  const auto verdict = verdict_from_name(verdict_in(*json));
  if (!verdict) return refuse(VerifyOutcome::malformed, verdict.error().text());
  return *verdict;
}

Checked<void> compare_replanned(const BundleContents& contents, const VerifyHooks& hooks) {
  const auto again = hooks.replan(contents.profile_yaml, contents.inventory_json, contents.plan);
  if (!again) return verdict_differs("planning again failed: " + again.error().text());
  if (to_json(*again) != to_json(contents.plan)) {
    return verdict_differs("plan.json does not follow from profile.yaml and inventory.json");
  }
  return {};
}

// Every field that would be signed today must be what was signed; fields that are not known here
// may stand beside them.
Checked<void> compare_predicate(const Json& signed_one, const Expected<Json>& again,
                                const char* statement) {
  if (!again) return verdict_differs(again.error().text());
  const Json& claimed = signed_one.at("predicate");
  for (const auto& [field, value] : again->at("predicate").items()) {
    if (claimed.is_object() && claimed.contains(field) && claimed.at(field) == value) continue;
    const std::string message =
        fmt::format("the signed {}'s '{}' is not what follows from the bundle", statement, field);
    return refuse(
        field == "journal" ? VerifyOutcome::journal_broken : VerifyOutcome::verdict_differs,
        message);
  }
  return {};
}

Checked<void> check_serials(const Trust& trust, const BundleContents& contents) {
  const auto inventory = parse_json(contents.inventory_json, "inventory.json");
  if (!inventory) return refuse(VerifyOutcome::malformed, inventory.error().text());
  const std::vector<std::string> present = serials_of(*inventory, contents.plan);
  for (const std::string& serial : trust.serials) {
    if (std::ranges::find(present, serial) == present.end()) {
      return policy(fmt::format("serial {} took no part in this run", serial));
    }
  }
  return {};
}

Checked<void> check_profile(const Trust& trust, const BundleContents& contents) {
  const std::string& digest = contents.evidence.genesis.profile_sha256;
  const bool accepted =
      trust.profiles.empty() ||
      std::ranges::any_of(trust.profiles, [&](const Sha256& one) { return hex(one) == digest; });
  if (!accepted) {
    return policy(fmt::format("profile {} ({}) is not one that the trust file accepts",
                              contents.plan.profile, digest.empty() ? "no digest" : digest));
  }
  if (trust.minimum_revision && contents.plan.profile_revision < *trust.minimum_revision) {
    return policy(fmt::format("profile revision {} is older than the trust file's minimum {}",
                              contents.plan.profile_revision, *trust.minimum_revision));
  }
  return {};
}

}  // namespace

Checked<Verdict> check_verdict(const BundleContents& contents, const VerifyHooks& hooks) {
  if (hooks.replan) {
    const auto same = compare_replanned(contents, hooks);
    if (!same) return tl::unexpected(same.error());
  }
  const auto claimed = parse_json(contents.report_json, "report.json");
  if (!claimed) return refuse(VerifyOutcome::malformed, claimed.error().text());
  const Rejudged again = hooks.judge(contents.plan, contents.evidence);
  const auto verdict = recomputed_verdict(again.report_json);
  if (!verdict) return verdict;
  const std::string word(name(*verdict));
  if (verdict_in(*claimed) != word) {
    return verdict_differs(fmt::format("report.json claims {}, its measurements and limits make {}",
                                       verdict_in(*claimed), word));
  }
  if (again.report_json != contents.report_json) {
    return verdict_differs(
        fmt::format("report.json differs from what its measurements make at "
                    "line {}",
                    first_different_line(contents.report_json, again.report_json)));
  }
  if (again.report_text != contents.report_text) {
    return verdict_differs(
        fmt::format("report.txt differs from what its measurements make at "
                    "line {}",
                    first_different_line(contents.report_text, again.report_text)));
  }
  if (!contents.sealed_verdict.empty() && contents.sealed_verdict != word) {
    return verdict_differs(
        fmt::format("the journal's seal claims {}, not {}", contents.sealed_verdict, word));
  }
  return verdict;
}

Checked<void> check_statements(const SignedStatements& statements, const BundleContents& contents) {
  const std::string& station_key = contents.evidence.genesis.station_key;
  if (!station_key.empty() && station_key != statements.signer.keyid()) {
    return refuse(VerifyOutcome::bad_signature,
                  fmt::format("signed by key {}, but the run was begun by the station with key {}",
                              statements.signer.keyid(), station_key));
  }
  const auto report = parse_json(contents.report_json, "report.json");
  const auto inventory = parse_json(contents.inventory_json, "inventory.json");
  const auto first = parse_json(statements.qualification),
             second = parse_json(statements.test_result);
  for (const auto* json : {&report, &inventory, &first, &second}) {
    if (!*json) return refuse(VerifyOutcome::malformed, json->error().text());
  }
  const StatementFacts facts{contents.plan, contents.evidence, *report,
                             *inventory,    contents.head,     statements.subjects};
  const auto same = compare_predicate(*first, qualification(facts), "qualification");
  return same ? compare_predicate(*second, test_result(facts), "test-result") : same;
}

Checked<void> check_policy(const Trust& trust, const std::vector<std::string>& roles,
                           const BundleContents& contents) {
  for (const TrustedKey& wanted : trust.keys) {
    if (std::ranges::find(roles, wanted.role) == roles.end()) {
      return policy(fmt::format("no signature in the role '{}'", wanted.role));
    }
  }
  const auto profile = check_profile(trust, contents);
  if (!profile) return profile;
  if (!trust.nonce.empty() && trust.nonce != contents.evidence.genesis.nonce) {
    const std::string& found = contents.evidence.genesis.nonce;
    return policy(
        fmt::format("the run's nonce is {}, not {}", found.empty() ? "none" : found, trust.nonce));
  }
  return check_serials(trust, contents);
}

}  // namespace rackproof
