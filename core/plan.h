// SPDX-License-Identifier: Apache-2.0
// Everything a campaign will do and demand, fixed before the first stressor runs: plan.json.
// A pure function of profile and inventory makes it (runner/planner.h); judge() reads nothing else
// but this and the evidence, so that a verifier can repeat the verdict.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition.h"
#include "core/fault.h"
#include "core/json.h"
#include "core/units.h"

namespace rackproof {

/// Alike faults that a step will commit; elements, masks and ids come from the campaign's seed.
struct PlannedFault {
  FaultSite site = FaultSite::result;
  FaultKind kind = FaultKind::flip;
  std::uint64_t bits = 1;               ///< in the mask, 1 ... 64
  std::uint64_t count = 1, stride = 1;  ///< elements struck by lanes and scramble
  std::uint64_t times = 1;              ///< how many of them
};
/// How many faults these are.
[[nodiscard]] std::uint64_t count_of(const std::vector<PlannedFault>& faults);

/// One stressor with one set of parameters on some devices at the same time.
struct PlannedStep {
  std::string id;  ///< unique: "quick/03 compute.gemm dtype=int8 size=512"
  std::string stage, stressor;
  std::map<std::string, std::string>
      params;  ///< every parameter, canonical: the labels of its measurements
  std::vector<std::string> devices;
  double duration_s = 0;  ///< 0: by passes
  std::uint64_t passes = 0;
  double deadline_s = 0;  ///< for the whole step, preparation included; past it: hung
  double silence_s = 0;   ///< longest silence under load; past it: hung
  bool gang = false;
  bool drill = false;
  std::vector<PlannedFault> faults;  ///< of a drill; else unannounced ones among the load's bursts
  double burst_s = 0;                ///< how long one burst runs; 0: as long as usual
  std::uint64_t attempts = 1;        ///< rate criteria may be met by any attempt; integrity never
};

enum class Rule { floor, ceiling, equals, peers, drift };
[[nodiscard]] std::string_view name(Rule rule);
[[nodiscard]] Expected<Rule> rule_from_name(std::string_view name);

/// One limit on one metric of one step on one device.
struct PlannedCriterion {
  std::string id;  ///< "compute.gemm throughput floor [dtype=fp32]"
  std::string step, device,
      metric;  ///< step empty: the profile asks for something no step measures
  Rule rule = Rule::floor;
  std::optional<double> limit;  ///< base units; none: it could not be derived, `reason` says why
  std::string reason;
  Unit unit = Unit::count;
  double uncertainty = 0;  ///< U at k = 2, as a ratio of the value
  bool guarded = true;     ///< decision rule: guard band, or the value alone
  std::string statistic =
      "median";  ///< "median" of window medians, least "p1", greatest "p99", "sum", "min", "max"
  std::vector<std::string> siblings;  ///< Rule::peers: the devices compared with
  double min_effect = 0;   ///< Rule::peers: smallest shortfall that counts, ratio of the median
  bool integrity = false;  ///< no environment and no retry removes its FAIL
  bool required = true;
  std::string source;  ///< where the limit comes from
};

/// One thing the hardware must have, compared when the plan is made.
struct InventoryCheck {
  std::string name;  ///< "accelerators of kind synthetic"
  std::string expected, found;
  bool met = false;
  std::string detail;  ///< what is missing, extra or moved, by name
};

/// One required share; `device` empty: of the whole.
struct CoverageDemand {
  std::string name;  ///< "memory.installed", "memory.allocatable", "cores", "sensor <name>"
  std::string device;
  double required = 0;  ///< ratio
  double whole = 0;     ///< what 100 % is: bytes, cores; 0 where it does not apply
};

struct Plan {
  std::string profile;  ///< name
  std::uint64_t profile_revision = 0;
  std::string profile_sha256;       ///< of the resolved profile's bytes
  std::vector<std::string> stages;  ///< those that run, in order
  std::vector<std::string> stages_left_out;
  std::vector<std::string> devices;  ///< all that take part
  std::vector<InventoryCheck> inventory;
  std::vector<ConditionDemand> environment;  ///< looked at before the first load and after the last
  std::vector<PlannedStep> steps;
  std::vector<PlannedCriterion> criteria;
  std::vector<CoverageDemand> coverage;

  [[nodiscard]] const PlannedStep* step(std::string_view id) const;
};

[[nodiscard]] Json to_json(const Plan& plan);
[[nodiscard]] Expected<Plan> plan_from_json(const Json& json);

}  // namespace rackproof
