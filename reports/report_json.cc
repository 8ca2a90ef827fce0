// SPDX-License-Identifier: Apache-2.0
// report.json: every number that a decision needed, so that others can repeat it with jq alone.
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "reports/judge_measure.h"
#include "reports/judge_miscompares.h"
#include "reports/kernel_log_sum.h"
#include "reports/report.h"
#include "reports/statistics.h"

namespace rackproof {
namespace {

// What is not known is absent, never null.
void put(Json& object, const char* key, double value) {
  if (std::isfinite(value)) object[key] = value;
}
void put(Json& object, const char* key, const std::optional<double>& value) {
  if (value) put(object, key, *value);
}
void put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

// A number that must be there; one that is not finite was never measured.
double finite(double value) { return std::isfinite(value) ? value : 0; }

template <class Rows, class Render>
Json list(const Rows& rows, Render render) {
  Json array = Json::array();
  for (const auto& row : rows) array.push_back(render(row));
  return array;
}

Json run_of(const Evidence& evidence) {
  const Genesis& g = evidence.genesis;
  Json run{{"run_id", g.run_id},
           {"seed", hex(g.seed)},
           {"started", g.started},
           {"finished", evidence.finished},
           {"interrupted", evidence.interrupted},
           {"duration_s", std::max(0.0, finite(evidence.duration_s))},
           {"attempt", g.attempt},
           {"tool_version", g.tool_version}};
  put(run, "nonce", g.nonce);
  put(run, "ended", evidence.ended);
  put(run, "previous_sha256", g.previous_sha256);
  put(run, "station", g.station);
  put(run, "operator", g.operator_name);
  put(run, "boot_id", g.boot_id);
  return run;
}

Json problem_of(const Problem& problem) {
  Json row{{"verdict", name(problem.verdict)},
           {"part", problem.part},
           {"parts", problem.parts},
           {"evidence", problem.evidence},
           {"next_step", problem.next_step}};
  put(row, "command", problem.command);
  return row;
}

Json inventory_of(const InventoryCheck& check) {
  Json row{{"name", check.name},
           {"expected", check.expected},
           {"found", check.found},
           {"met", check.met},
           {"verdict", name(check.met ? Verdict::pass : Verdict::fail)}};
  put(row, "detail", check.detail);
  return row;
}

// From when to when a step kept a device, over all its attempts.
using TaskTimes = std::map<std::pair<std::string, std::string>, std::pair<double, double>>;

TaskTimes times_of(const Evidence& evidence) {
  TaskTimes times;
  for (const TaskRecord& task : evidence.tasks) {
    if (!(task.start_s >= 0 && task.end_s >= task.start_s)) continue;  // it never ended
    const auto [at, fresh] = times.try_emplace({task.step, task.device}, task.start_s, task.end_s);
    if (!fresh) at->second.second = std::max(at->second.second, task.end_s);
  }
  return times;
}

Json task_of(const TaskResult& task, const TaskTimes& times) {
  Json row{{"step", task.step},
           {"device", task.device},
           {"attempts", task.attempts},
           {"outcome", task.outcome},
           {"verdict", name(task.verdict)}};
  put(row, "reason", task.reason);
  const auto time = times.find({task.step, task.device});
  if (time == times.end()) return row;
  put(row, "start_s", time->second.first);
  put(row, "end_s", time->second.second);
  return row;
}

Json peers_of(const CriterionResult& result) {
  const PeerComparison& peers = *result.peers;
  return {{"n", peers.n},
          {"median", finite(peers.median)},
          {"mad", finite(peers.mad)},
          {"z", finite(peers.z)},
          {"shortfall", finite(peers.shortfall)},
          {"min_effect", finite(result.criterion.min_effect)}};
}

Json criterion_of(const CriterionResult& result) {
  const PlannedCriterion& c = result.criterion;
  Json row{{"id", c.id},
           {"device", c.device},
           {"metric", c.metric},
           {"rule", name(c.rule)},
           {"statistic", c.statistic},
           {"unit", name(c.unit)},
           {"u", finite(result.u)},
           {"decision", c.guarded ? "guarded" : "simple"},
           {"n", result.n},
           {"verdict", name(result.verdict)},
           {"required", c.required},
           {"counts", result.counts()},
           {"integrity", c.integrity},
           {"physical", is_physical(c)},
           {"spoiled", result.spoiled},
           {"source", c.source}};
  put(row, "step", c.step);
  put(row, "value", result.value);
  put(row, "limit", c.limit);
  put(row, "where", result.where);
  put(row, "reason", result.reason);
  if (result.peers) row["peers"] = peers_of(result);
  return row;
}

Json finding_of(const Finding& finding) {
  Json row{{"burst", finding.burst},
           {"core", finding.core},
           {"tile", finding.tile},
           {"element", finding.element},
           {"expected", hex64(finding.expected)},
           {"got", hex64(finding.got)},
           {"pattern", hex64(finding.pattern)}};
  if (finding.address != 0) row["address"] = hex64(finding.address);
  put(row, "dimm", finding.dimm);
  put(row, "peer", finding.peer);
  return row;
}

Json miscompares_of(const MiscompareSummary& summary) {
  Json row{{"step", summary.step},
           {"device", summary.device},
           {"count", summary.count},
           {"sampled", summary.sampled}};
  if (summary.sampled == 0) return row;
  Json bits = Json::array(), cores = Json::array();
  for (std::size_t bit = 0; bit < summary.bits.size(); ++bit) {
    if (summary.bits[bit] > 0) bits.push_back({{"bit", bit}, {"count", summary.bits[bit]}});
  }
  for (const auto& [core, count] : summary.cores)
    cores.push_back({{"core", core}, {"count", count}});
  row["bits"] = std::move(bits);
  row["to_one"] = summary.to_one;
  row["to_zero"] = summary.to_zero;
  row["single_bit"] = summary.single_bit;
  row["cores"] = std::move(cores);
  row["elements"] = {{"different", summary.elements},
                     {"lowest", summary.lowest},
                     {"highest", summary.highest},
                     {"period", summary.period}};
  row["first"] = finding_of(summary.first);
  put(row, "temperature_sensor", summary.temperature_sensor);
  if (!summary.temperature_sensor.empty())
    row["temperature_celsius"] = finite(summary.temperature_celsius);
  if (summary.clock_hz > 0) row["clock_hz"] = finite(summary.clock_hz);
  put(row, "in_common", in_common(summary));
  return row;
}

Json drill_of(const DrillResult& drill) {
  Json row{{"device", drill.device},
           {"stressor", drill.stressor},
           {"injected", drill.injected},
           {"activated", drill.activated},
           {"detected", drill.detected},
           {"localised", drill.localised},
           {"unannounced", drill.unannounced},
           {"verdict", name(drill.verdict)},
           {"lower_bound_95", finite(drill.lower_bound_95)}};
  put(row, "reason", drill.reason);
  return row;
}

Json coverage_of(const CoverageResult& coverage) {
  Json row{{"name", coverage.demand.name},
           {"share", finite(coverage.share)},
           {"verdict", name(coverage.verdict)}};
  put(row, "device", coverage.demand.device);
  put(row, "required", coverage.demand.required);
  put(row, "whole", coverage.demand.whole);
  put(row, "reason", coverage.reason);
  return row;
}

Json look_of(const ConditionRecord& look) {
  Json row{{"when", look.when}, {"state", name(look.state)}};
  put(row, "at_s", look.at_s);
  put(row, "found", look.found);
  put(row, "wanted", look.wanted);
  put(row, "remedy", look.remedy);
  put(row, "detail", look.detail);
  return row;
}

Json condition_of(const ConditionResult& result) {
  const ConditionDemand& demand = result.demand;
  Json row{{"name", demand.name},
           {"part", demand.part},
           {"devices", demand.devices},
           {"required", demand.required},
           {"looks", list(result.looks, look_of)},
           {"verdict", name(result.verdict)}};
  put(row, "wanted", demand.wanted);
  put(row, "source", demand.source);
  put(row, "reason", result.reason);
  put(row, "remedy", result.remedy);
  return row;
}

Json exposure_of(const Exposure& exposure) {
  return {{"device_hours", finite(exposure.device_hours)},
          {"miscompares", exposure.miscompares},
          {"fatal_events", exposure.events},
          {"failures", exposure.failures},
          {"mtbf_lower_bound_90_h", finite(exposure.mtbf_lower_bound_90_h)}};
}

struct SensorSummary {
  std::uint64_t windows = 0, count = 0, errors = 0, unsupported = 0;
  double min = 0, max = 0;
  std::vector<double> medians;
  std::string unit, error;
  bool counter = false;
  double rise = 0;
  std::uint64_t resets = 0;

  void take(const SensorWindow& window) {
    ++windows;
    errors += window.errors;
    unsupported += window.unsupported;
    unit = window.unit;
    if (!window.error.empty()) error = window.error;
    counter = counter || window.counter;
    if (std::isfinite(window.rise)) rise += window.rise;
    resets += window.resets;
    if (window.count == 0 || !std::isfinite(window.median)) return;
    min = count == 0 ? window.min : std::min(min, window.min);
    max = count == 0 ? window.max : std::max(max, window.max);
    count += window.count;
    medians.push_back(window.median);
  }
};

Json sensor_of(const std::pair<const std::pair<std::string, std::string>, SensorSummary>& entry) {
  const auto& [key, sum] = entry;
  Json row{{"sensor", key.first}, {"unit", sum.unit},     {"windows", sum.windows},
           {"count", sum.count},  {"errors", sum.errors}, {"unsupported", sum.unsupported}};
  put(row, "device", key.second);
  put(row, "error", sum.error);
  if (sum.counter) row.update({{"counter", true}, {"rise", sum.rise}, {"resets", sum.resets}});
  if (sum.count == 0) return row;
  put(row, "min", sum.min);
  put(row, "median", median(sum.medians));
  put(row, "max", sum.max);
  return row;
}

Json sensors_of(const Evidence& evidence) {
  std::map<std::pair<std::string, std::string>, SensorSummary> sensors;
  for (const SensorWindow& window : evidence.sensors) {
    sensors[{window.sensor, window.device}].take(window);
  }
  return list(sensors, sensor_of);
}

Json event_of(const EventRecord& event) {
  Json row{{"kind", event.kind}, {"severity", event.severity}, {"text", event.text}};
  put(row, "at_s", event.at_s);
  put(row, "device", event.device);
  put(row, "step", event.step);
  put(row, "cause", event.cause);
  put(row, "part", event.part);
  put(row, "next_step", event.next_step);
  if (event.count > 1) row["count"] = event.count;
  return row;
}

Json segment_of(const SegmentRecord& segment) {
  return {{"file", segment.file},
          {"start_s", finite(segment.start_s)},
          {"end_s", finite(segment.end_s)},
          {"rows", segment.rows},
          {"size_bytes", segment.size_bytes},
          {"sha256", segment.sha256}};
}

Json kernel_log_of(const Evidence& evidence) {
  const KernelLogSum sum = kernel_log_sum(evidence);
  Json row{
      {"records", sum.records}, {"lost", sum.lost}, {"proven", sum.proven}, {"errors", sum.errors}};
  put(row, "error", sum.error);
  return row;
}

}  // namespace

Json to_json(const Report& report, const Plan& plan, const Evidence& evidence) {
  const Genesis& g = evidence.genesis;
  const TaskTimes times = times_of(evidence);
  return {{"schema", "rackproof/report/1"},
          {"verdict", name(report.verdict)},
          {"exit_code", exit_code(report.verdict)},
          {"headline", report.headline},
          {"scope", report.scope},
          {"run", run_of(evidence)},
          {"profile",
           {{"name", plan.profile},
            {"revision", plan.profile_revision},
            {"stages", plan.stages},
            {"stages_left_out", plan.stages_left_out}}},
          {"digests",
           {{"plan_sha256", g.plan_sha256},
            {"profile_sha256", g.profile_sha256},
            {"tool_sha256", g.tool_sha256},
            {"inventory_sha256", g.inventory_sha256}}},
          {"problems", list(report.problems, problem_of)},
          {"devices", list(report.devices,
                           [](const DeviceResult& row) {
                             return Json{{"device", row.device}, {"verdict", name(row.verdict)}};
                           })},
          {"inventory", list(plan.inventory, inventory_of)},
          {"environment", list(report.environment, condition_of)},
          {"tasks", list(report.tasks, [&](const TaskResult& row) { return task_of(row, times); })},
          {"criteria", list(report.criteria, criterion_of)},
          {"drill", list(report.drill, drill_of)},
          {"miscompares", list(report.miscompares, miscompares_of)},
          {"coverage", list(report.coverage, coverage_of)},
          {"exposure", exposure_of(report.exposure)},
          {"sensors", sensors_of(evidence)},
          {"kernel_log", kernel_log_of(evidence)},
          {"segments", list(evidence.segments, segment_of)},
          {"events", list(evidence.events, event_of)}};
}

}  // namespace rackproof
