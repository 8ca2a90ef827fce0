// SPDX-License-Identifier: Apache-2.0
// Why a verdict is not PASS: every rule of the judge states causes, and problems are merged causes.
#pragma once

#include <string>
#include <vector>

#include "core/plan.h"
#include "reports/report.h"

namespace rackproof {

/// In the order in which a field engineer wants to hear of them when verdicts are equal.
enum class CauseKind {
  wrong_results,
  fatal_event,
  inventory,
  stopped,  ///< a worker crashed or hung
  slow,
  over_limit,
  machinery,   ///< rackproof, a driver, or a broken record
  impossible,  ///< numbers that cannot be true
  environment,
  campaign,  ///< the run as a whole did not reach its end
  not_measured,
  unproven,
  not_covered,
};

/// One thing wrong with one part. `step` is set when it belongs to a step on the device `part`.
struct Cause {
  Verdict verdict = Verdict::incomplete;
  CauseKind kind = CauseKind::not_measured;
  std::string part, step;
  std::string evidence;
};
using Causes = std::vector<Cause>;

/// The verdict of those causes alone; pass when there are none.
[[nodiscard]] Verdict worst_of(const Causes& causes);

/// One problem for each kind of cause on each part, worst first.
[[nodiscard]] std::vector<Problem> merge_into_problems(const Causes& causes);

/// "FAIL: 3 of 32 devices: n1-d3 wrong results, n1-d4 slow, ...".
[[nodiscard]] std::string headline_of(Verdict verdict, const std::vector<DeviceResult>& devices,
                                      const Causes& causes, const Plan& plan);

}  // namespace rackproof
