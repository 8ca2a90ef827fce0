// SPDX-License-Identifier: Apache-2.0
// The straight line from plan and evidence to the report: every rule states its causes, and the
// verdict is the worst of them all.
#include <algorithm>
#include <map>

#include "reports/judge_campaign.h"
#include "reports/judge_case.h"
#include "reports/judge_cause.h"
#include "reports/judge_coverage.h"
#include "reports/judge_criteria.h"
#include "reports/judge_drill.h"
#include "reports/judge_environment.h"
#include "reports/judge_exposure.h"
#include "reports/judge_headline.h"
#include "reports/judge_miscompares.h"
#include "reports/judge_problems.h"
#include "reports/judge_tasks.h"
#include "reports/report.h"

namespace rackproof {
namespace {

// A device passes only by something that was measured on it.
class DeviceLedger {
 public:
  void add(const std::string& device, Verdict verdict) { parts_[device].push_back(verdict); }
  void add(const std::vector<TaskResult>& rows) {
    for (const TaskResult& row : rows) add(row.device, row.verdict);
  }
  void add(const Causes& causes) {
    for (const Cause& cause : causes) add(cause.part, cause.verdict);
  }
  [[nodiscard]] Verdict of(const std::string& device) const {
    const auto found = parts_.find(device);
    return found == parts_.end() ? Verdict::incomplete : worst(found->second);
  }

 private:
  std::map<std::string, std::vector<Verdict>> parts_;
};

std::vector<DeviceResult> devices_of(const Case& judged, const Report& report,
                                     const Causes& causes) {
  DeviceLedger ledger;
  ledger.add(report.tasks);
  ledger.add(causes);
  std::vector<DeviceResult> devices;
  for (const std::string& device : judged.devices()) {
    devices.push_back({device, ledger.of(device)});
  }
  return devices;
}

// Rows and devices stand beside the causes, so that a rule that forgot its cause cannot pass.
Verdict verdict_of(const Report& report, const Causes& causes) {
  std::vector<Verdict> parts;
  for (const Cause& cause : causes) parts.push_back(cause.verdict);
  for (const DeviceResult& row : report.devices) parts.push_back(row.verdict);
  for (const TaskResult& row : report.tasks) parts.push_back(row.verdict);
  for (const DrillResult& row : report.drill) parts.push_back(row.verdict);
  for (const CoverageResult& row : report.coverage) parts.push_back(row.verdict);
  for (const ConditionResult& row : report.environment) {
    if (row.counts()) parts.push_back(row.verdict);
  }
  for (const CriterionResult& row : report.criteria) {
    if (row.counts()) parts.push_back(row.verdict);
  }
  return worst(parts);
}

}  // namespace

Report judge(const Plan& plan, const Evidence& evidence) {
  const Case judged(plan, evidence);
  Report report;
  Causes causes = campaign_causes_of(judged);
  report.environment = judge_environment(judged);
  for (Cause& cause : causes_of(report.environment)) causes.push_back(std::move(cause));
  report.tasks = judge_tasks(judged, causes);
  report.criteria = judge_criteria(judged, causes);
  report.drill = judge_drills(judged, causes);
  report.miscompares = judge_miscompares(judged);
  report.coverage = judge_coverage(judged, causes);
  report.exposure = exposure_of(judged, report.tasks);
  report.devices = devices_of(judged, report, causes);
  report.verdict = verdict_of(report, causes);
  report.scope = scope_of(judged);
  const std::vector<CauseGroup> groups = group_causes(judged, causes);
  report.problems = problems_of(judged, groups);
  report.headline = headline_of(judged, report, groups);
  return report;
}

}  // namespace rackproof
