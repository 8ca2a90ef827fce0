// SPDX-License-Identifier: Apache-2.0
// The judged result as data; every renderer reads this and nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/evidence.h"
#include "core/plan.h"
#include "core/verdict.h"

namespace rackproof {

/// Rule::peers: the numbers that the decision needs.
struct PeerComparison {
  std::uint64_t n = 0;         ///< siblings with a value, the device itself included
  double median = 0, mad = 0;  ///< base units
  double z = 0;                ///< 0.6745 (value - median) / MAD; 0 where MAD is 0
  double shortfall = 0;        ///< (median - value) / median
};

/// A planned criterion with what was measured.
struct CriterionResult {
  PlannedCriterion criterion;
  std::optional<double> value;  ///< the statistic over the recorded windows, base units
  double u = 0;                 ///< expanded uncertainty U, base units
  std::uint64_t n = 0;          ///< windows it was computed from
  std::string where;            ///< of a limit on sensors: which one, in which step; of a link:
                                ///< its two ends
  std::optional<PeerComparison> peers;
  bool spoiled = false;  ///< the environment makes it INVALID whatever its value
  Verdict verdict = Verdict::incomplete;
  std::string reason;  ///< why not PASS, in words

  /// An optional criterion that could not be applied is shown and not counted.
  [[nodiscard]] bool counts() const { return criterion.required || verdict != Verdict::incomplete; }
};

/// One step on one device, all attempts.
struct TaskResult {
  std::string step, device;
  std::uint64_t attempts = 0;
  std::string outcome;  ///< of the last attempt
  Verdict verdict = Verdict::incomplete;
  std::string reason;
};

/// What the drill showed for one device and stressor family.
struct DrillResult {
  std::string device, stressor;
  std::uint64_t injected = 0, activated = 0, detected = 0, localised = 0;
  std::uint64_t unannounced = 0;  ///< of the activated, those among an ordinary load's bursts
  double lower_bound_95 = 0;      ///< Clopper-Pearson, one-sided, of the detection rate
  Verdict verdict = Verdict::incomplete;
  std::string reason;
};

struct CoverageResult {
  CoverageDemand demand;
  double share = 0;  ///< what was reached
  Verdict verdict = Verdict::incomplete;
  std::string reason;
};

/// A demanded condition of the environment with every look at it.
struct ConditionResult {
  ConditionDemand demand;
  std::vector<ConditionRecord> looks;  ///< in the order in which they were taken
  Verdict verdict = Verdict::incomplete;
  std::string reason;  ///< why not PASS, in words
  std::string remedy;  ///< what to do about it

  /// One that is not required is shown and not counted.
  [[nodiscard]] bool counts() const { return demand.required; }
};

/// One line for the field engineer: which part, why, what next.
struct Problem {
  Verdict verdict = Verdict::incomplete;
  std::string part;  ///< device or what else is concerned; of many the first, last and their number
  std::vector<std::string> parts;  ///< all of them
  std::string evidence;            ///< numbers, step, element, bits
  std::string next_step;
  std::string command;  ///< to type for it; empty: none
};

/// What the unexplained miscompares of one attempt have in common. Statistics over those that were
/// sampled.
struct MiscompareSummary {
  std::string step, device;
  std::uint64_t count = 0, sampled = 0;
  std::array<std::uint64_t, 64> bits{};                 ///< how often each bit was wrong
  std::uint64_t to_one = 0, to_zero = 0;                ///< wrong bits by what they became
  std::uint64_t single_bit = 0;                         ///< miscompares of one bit
  std::map<std::uint32_t, std::uint64_t> cores;         ///< how many on each
  std::map<std::string, std::uint64_t> peers;           ///< how many of data from each; "": its own
  std::uint64_t elements = 0, lowest = 0, highest = 0;  ///< different elements, and their range
  std::uint64_t period = 0;  ///< greatest common divisor of their distances; 0: fewer than three
  Finding first;
  std::string temperature_sensor;  ///< the hottest one at that time; empty: none was read
  double temperature_celsius = 0;
  double clock_hz = 0;  ///< of the core, or of the slowest that was read; 0: unknown
};

struct Exposure {
  double device_hours = 0;
  std::uint64_t miscompares = 0, events = 0;  ///< events: the fatal ones
  std::uint64_t failures = 0;  ///< fatal events, and attempts with miscompares, a crash or a hang
  double mtbf_lower_bound_90_h =
      0;  ///< device_hours / 2.303 with no failure; chi-square in general
};

struct DeviceResult {
  std::string device;
  Verdict verdict = Verdict::incomplete;
};

struct Report {
  Verdict verdict = Verdict::incomplete;
  std::string headline;           ///< one line: verdict, scope, first reason
  std::string scope;              ///< what was and was not run, in words
  std::vector<Problem> problems;  ///< worst first; empty only when PASS
  std::vector<DeviceResult> devices;
  std::vector<CriterionResult> criteria;
  std::vector<TaskResult> tasks;
  std::vector<DrillResult> drill;
  std::vector<MiscompareSummary> miscompares;
  std::vector<CoverageResult> coverage;
  std::vector<ConditionResult> environment;
  Exposure exposure;
};

/// Pure: the same plan and evidence give the same report, here and at whoever verifies it.
[[nodiscard]] Report judge(const Plan& plan, const Evidence& evidence);

/// report.json, by its JSON Schema (reports/report.schema.json).
[[nodiscard]] Json to_json(const Report& report, const Plan& plan, const Evidence& evidence);
/// A page of text for the terminal.
[[nodiscard]] std::string describe(const Report& report, const Plan& plan,
                                   const Evidence& evidence);

}  // namespace rackproof
