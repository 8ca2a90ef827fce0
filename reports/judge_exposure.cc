// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_exposure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "reports/judge_coverage.h"
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

std::string stages_text(const Plan& plan) {
  if (plan.stages.empty()) return "no stage";
  const std::string run = fmt::format("{} {}", plan.stages.size() == 1 ? "stage" : "stages",
                                      fmt::join(plan.stages, ", "));
  if (plan.stages_left_out.empty()) return run + " (all there are)";
  return fmt::format("{} of {}, {}", run, fmt::join(plan.stages, ", "),
                     fmt::join(plan.stages_left_out, ", "));
}

std::string memory_text(const Case& judged) {
  double tested = 0, whole = 0;
  for (const CoverageDemand& demand : judged.plan().coverage) {
    if (demand.name != "memory.installed" || demand.device.empty() || !(demand.whole > 0)) continue;
    whole += demand.whole;
    tested += memory_tested_bytes(judged, demand.device);
  }
  if (whole > 0) return fmt::format("{:.3g} % of memory tested", 100 * tested / whole);
  for (const std::string& device : judged.devices()) tested += memory_tested_bytes(judged, device);
  return tested > 0 ? format(tested, Unit::byte) + " of memory tested" : "no memory tested";
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

std::string scope_of(const Case& judged) {
  return stages_text(judged.plan()) + "; " + memory_text(judged);
}

}  // namespace rackproof
