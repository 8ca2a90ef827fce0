// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_cause.h"

namespace rackproof {

CauseWords words(CauseKind kind) {
  switch (kind) {
    case CauseKind::wrong_results:
      return {"wrong results",
              "take the part out of service; swap it with a good one to see whether the fault "
              "follows it, then replace it; to see it again:",
              true};
    case CauseKind::fatal_event:
      return {"fatal event",
              "read the event and the kernel log around it; reseat or replace the part"};
    case CauseKind::inventory:
      return {"wrong inventory",
              "look for a missing, extra or unseated part; correct it and run again"};
    case CauseKind::stopped:
      return {"crashed or hung",
              "read the kernel log at that time; when it repeats alone, replace the part:", true};
    case CauseKind::slow:
      return {"slow",
              "check cooling, power cap, clocks and link width; swap it with a good one and "
              "compare:",
              true};
    case CauseKind::over_limit:
      return {"over a limit", "check cooling, power and settings, then repeat the step:", true};
    case CauseKind::machinery:
      return {"rackproof or driver failed",
              "says nothing about the hardware: correct the driver or the set-up and run again"};
    case CauseKind::impossible:
      return {"impossible numbers",
              "do not trust this measurement: check clock source, driver and tool, then run again"};
    case CauseKind::environment:
      return {"environment spoiled the measurement",
              "free the machine (other jobs, power cap, locked clocks, swap) and run again"};
    case CauseKind::campaign:
      return {"the run did not reach its end", "it is sealed as it stands: run again, to the end"};
    case CauseKind::not_started:
      return {"nothing was run", "correct the inventory and run again"};
    case CauseKind::not_measured:
      return {"not measured", "find out why nothing was measured, then repeat the step:", true};
    case CauseKind::gang_lost:
      return {"lost their gang",
              "the step says nothing of those left: see to the lost device and run again"};
    case CauseKind::not_run:
      return {"not run", "find out why it was left out, then run again"};
    case CauseKind::unproven:
      return {"detectors unproven",
              "do not trust a clean result of this device: run its drill again; when a fault stays "
              "unseen, report it:",
              true};
    case CauseKind::not_covered:
      return {"not covered", "free memory, sensors and cores for the test, or run a longer stage"};
  }
  return {"unknown cause", "report this"};
}

Verdict worst_of(const Causes& causes) {
  Verdict verdict = Verdict::pass;
  for (const Cause& cause : causes) verdict = worst(verdict, cause.verdict);
  return verdict;
}

}  // namespace rackproof
