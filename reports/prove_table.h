// SPDX-License-Identifier: Apache-2.0
// What a prove campaign showed, counted from its record: every fault, what was found of it, and
// every burst in between in which nothing was to be found.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/evidence.h"
#include "core/plan.h"
#include "reports/comparators.h"

namespace rackproof {

/// Counts of faults. `activated` ones changed something, as an observer outside the checker saw.
struct ProveCount {
  std::uint64_t planned = 0, injected = 0, activated = 0, detected = 0, localised = 0;
  [[nodiscard]] std::uint64_t missed() const { return activated - detected; }
  [[nodiscard]] double lower_bound_95() const;  ///< of the detection rate, Clopper-Pearson
  void add(const ProveCount& other);
};

/// One step on one device.
struct ProveRow {
  std::string device, stressor, params, site, fault_class;
  ProveCount count;
  std::string unsupported;          ///< why the device cannot do it; empty: it can
  std::string problem;              ///< why the step is not whole
  std::vector<std::string> missed;  ///< the first of them
};

/// Faults that a comparator of another kind saw, of those in results and operands of products.
struct VersusRow {
  std::string comparator, fault_class;
  std::uint64_t faults = 0, missed = 0;
  std::uint64_t only_it = 0;  ///< seen by it and missed by ours
};

struct ProveTable {
  std::vector<ProveRow> rows;
  std::uint64_t clean_bursts = 0;  ///< without a fault, each compared
  /// Findings that no fault explains: miscompares, wrong digests, late answers.
  std::uint64_t unexplained = 0;
  std::vector<VersusRow> versus;

  [[nodiscard]] ProveCount total(const std::string& fault_class) const;
  /// Upper bound at 95 % of the rate of false alarms in a burst.
  [[nodiscard]] double false_alarm_bound_95() const;
  /// Rows that neither are whole nor unsupported.
  [[nodiscard]] bool whole() const;
};

/// Pure: the same record gives the same table. `classes` names the fault class of each planned
/// step.
[[nodiscard]] ProveTable prove_table(const Plan& plan, const Evidence& evidence,
                                     const std::vector<std::string>& classes);

[[nodiscard]] Json to_json(const ProveTable& table);
/// For people: one line a detector and class, totals, and what was not tried. `versus`: with the
/// other comparators.
[[nodiscard]] std::string describe(const ProveTable& table, bool versus);

}  // namespace rackproof
