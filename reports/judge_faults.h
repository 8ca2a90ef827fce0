// SPDX-License-Identifier: Apache-2.0
// Sets a drill's faults against what the detectors found: a finding without a fault is a
// miscompare, a fault without a finding a blind detector.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/plan.h"
#include "core/record.h"

namespace rackproof {

/// A miscompare that no fault explains, and the window that it stands in.
struct Unexplained {
  const WindowRecord* window = nullptr;
  const Finding* finding = nullptr;  ///< null: only counted, not sampled
};

/// What one attempt shows: of a drill, or of the unannounced faults among a load's bursts.
struct FaultMatch {
  std::uint64_t injected = 0;   ///< planned faults that were committed
  std::uint64_t activated = 0;  ///< of them, those that an observer saw take effect
  std::uint64_t detected = 0, localised = 0;
  std::vector<std::string> missed;  ///< blind detectors: "result/flip at element 12 in burst 5"
  std::set<FaultSite> proven_sites;
  bool all_committed = false;         ///< every planned fault
  bool hung_as_asked = false;         ///< silent because of a planned missing answer
  std::uint64_t surplus_faults = 0;   ///< claimed but not planned: they excuse nothing
  std::uint64_t surplus_excuses = 0;  ///< bursts said to be struck beyond the faults committed
  std::uint64_t miscompares = 0;      ///< unexplained ones
  std::uint64_t late_answers = 0;     ///< unexplained ones
  Unexplained first;
  std::vector<const Finding*> strangers;  ///< every sampled finding that is unexplained
};

/// `step` null: the plan knows no such step. The result points into `task`.
[[nodiscard]] FaultMatch match_faults(const PlannedStep* step, const TaskRecord& task);

/// What one window of a running step shows that no fault of ours explains. Points into `window`.
struct WindowTrouble {
  std::uint64_t miscompares = 0;
  const Finding* first = nullptr;
};
[[nodiscard]] WindowTrouble trouble_in(const PlannedStep& step, const WindowRecord& window);

/// Whether one of the window's findings is this fault's, by place and by bits.
[[nodiscard]] bool detected(const WindowRecord& window, const FaultRecord& fault);

/// The greatest number of miscompares that any part of the window's record speaks of.
[[nodiscard]] std::uint64_t claimed_miscompares(const WindowRecord& window);

}  // namespace rackproof
