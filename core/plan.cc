// SPDX-License-Identifier: Apache-2.0
#include "core/plan.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/json_fields.h"

namespace rackproof {

RACKPROOF_JSON_ENUM(FaultSite, fault_site_from_name)
RACKPROOF_JSON_ENUM(FaultKind, fault_kind_from_name)
RACKPROOF_JSON_ENUM(Rule, rule_from_name)
RACKPROOF_JSON_ENUM(Unit, unit_from_name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlannedFault, site, kind, bits, count, stride, times)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlannedStep, id, stage, stressor, params, devices, duration_s,
                                   passes, deadline_s, silence_s, gang, drill, faults, burst_s,
                                   attempts)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlannedCriterion, id, step, device, metric, rule, limit, reason,
                                   unit, uncertainty, guarded, statistic, siblings, min_effect,
                                   integrity, required, source)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InventoryCheck, name, expected, found, met, detail)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ConditionDemand, name, part, devices, wanted, required, steady,
                                   source)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CoverageDemand, name, device, required, whole)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Plan, profile, profile_revision, profile_sha256, stages,
                                   stages_left_out, devices, inventory, environment, steps,
                                   criteria, coverage)

namespace {

constexpr std::array<std::string_view, 5> kRules{"floor", "ceiling", "equals", "peers", "drift"};

}  // namespace

std::string_view name(Rule rule) { return kRules[static_cast<std::size_t>(rule)]; }

Expected<Rule> rule_from_name(std::string_view wanted) {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (kRules[i] == wanted) return static_cast<Rule>(i);
  }
  return fail("unknown rule '" + std::string(wanted) + "'");
}

std::uint64_t count_of(const std::vector<PlannedFault>& faults) {
  return std::accumulate(
      faults.begin(), faults.end(), std::uint64_t{0},
      [](std::uint64_t sum, const PlannedFault& fault) { return sum + fault.times; });
}

const PlannedStep* Plan::step(std::string_view wanted) const {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const PlannedStep& s) { return s.id == wanted; });
  return found == steps.end() ? nullptr : &*found;
}

Json to_json(const Plan& plan) {
  Json j;
  to_json(j, plan);
  j["schema"] = "rackproof/plan/1";
  return j;
}

Expected<Plan> plan_from_json(const Json& json) { return read_struct<Plan>(json, "plan"); }

}  // namespace rackproof
