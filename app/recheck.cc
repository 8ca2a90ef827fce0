// SPDX-License-Identifier: Apache-2.0
#include "app/recheck.h"

#include <nlohmann/json.hpp>

#include "app/version.h"
#include "core/json.h"
#include "profiles/profile.h"
#include "reports/bundle.h"
#include "reports/report.h"
#include "runner/planner.h"

namespace rackproof {
namespace {

Rejudged judge_again(const Plan& plan, const Evidence& evidence) {
  const Report report = judge(plan, evidence);
  return {report_bytes(to_json(report, plan, evidence)), describe(report, plan, evidence)};
}

Expected<Plan> plan_again(const std::string& profile_yaml, const std::string& inventory_json,
                          const Plan& plan) {
  if (profile_yaml.empty()) return plan;  // an ad hoc stress has no profile to plan from
  const auto profile = parse_profile(profile_yaml, "profile.yaml");
  if (!profile) return tl::unexpected(profile.error().front());
  const auto json = parse_json(inventory_json, "inventory.json");
  if (!json) return tl::unexpected(json.error());
  const auto rack = rack_from_json(*json);
  if (!rack) return tl::unexpected(rack.error());
  return make_plan(*profile, *rack, {plan.stages});
}

}  // namespace

VerifyHooks verify_hooks() { return {judge_again, plan_again, kVersion}; }

VerifyResult recheck(const std::filesystem::path& folder, const SigningKey* signer) {
  if (signer == nullptr) return verify_bundle(folder, nullptr, verify_hooks());
  Trust trust;
  trust.keys.push_back({"station", signer->public_key()});
  return verify_bundle(folder, &trust, verify_hooks());
}

}  // namespace rackproof
