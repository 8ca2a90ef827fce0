// SPDX-License-Identifier: Apache-2.0
// Why a verdict is not PASS: every rule of the judge states causes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/verdict.h"

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
  campaign,     ///< the run as a whole did not reach its end
  not_started,  ///< no step began because inventory or environment is wrong
  not_measured,
  gang_lost,  ///< another member of its gang ended the step
  not_run,    ///< left out by the runner, which says why
  unproven,
  not_covered,
};

/// One thing wrong with one part. `step` is set when it belongs to a step on the device `part`.
struct Cause {
  Verdict verdict = Verdict::incomplete;
  CauseKind kind = CauseKind::not_measured;
  std::string part, step;
  std::string evidence;
  std::string brief{};      ///< for the headline; empty: the kind's own words
  bool follows = false;     ///< only the consequence of a step whose own cause is stated
  std::string next_step{};  ///< empty: the kind's own words
};
using Causes = std::vector<Cause>;

/// What is said of each cause of a kind.
struct CauseWords {
  std::string_view brief, next_step;
  bool repeatable = false;  ///< the step alone, ad hoc, shows more
};
[[nodiscard]] CauseWords words(CauseKind kind);

/// The verdict of those causes alone; pass when there are none.
[[nodiscard]] Verdict worst_of(const Causes& causes);

}  // namespace rackproof
