// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_exposure.h"

#include <algorithm>
#include <cmath>

#include "reports/statistics.h"

namespace rackproof {
namespace {

// Time that the record claims, at most what passed.
double load_s(const TaskRecord& task) {
  double sum = 0;
  for (const WindowRecord& window : task.windows) {
    if (std::isfinite(window.length_s) && window.length_s > 0) sum += window.length_s;
  }
  const bool ended = task.outcome != Outcome::aborted || task.end_s != 0;
  return ended ? std::max(0.0, std::min(sum, task.end_s - task.start_s)) : sum;
}

std::uint64_t fatal_events(const Evidence& evidence) {
  return static_cast<std::uint64_t>(
      std::count_if(evidence.events.begin(), evidence.events.end(),
                    [](const EventRecord& event) { return event.severity == "fatal"; }));
}

}  // namespace

Exposure exposure_of(const Case& judged, const std::vector<TaskResult>& tasks) {
  Exposure exposure;
  exposure.events = exposure.failures = fatal_events(judged.evidence());
  for (const Attempt& attempt : judged.attempts()) {
    exposure.miscompares += attempt.faults.miscompares;
    if (!attempt.drill()) exposure.device_hours += load_s(*attempt.task) / 3600;
    if (attempt.stopped()) ++exposure.failures;
  }
  // A miscompare, a wrong digest: whatever made a task FAIL counts once for the task.
  for (const TaskResult& task : tasks) {
    if (task.verdict == Verdict::fail) ++exposure.failures;
  }
  exposure.mtbf_lower_bound_90_h = mtbf_lower_bound_90(exposure.device_hours, exposure.failures);
  return exposure;
}

}  // namespace rackproof
