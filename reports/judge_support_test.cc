// SPDX-License-Identifier: Apache-2.0
// Builds the healthy campaign, and shows that it is one.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "reports/judge_test_support.h"

namespace rackproof::testing {
namespace {

constexpr double kLoad_s = 10;

WorkTally tally(std::uint64_t pattern, bool faulted) {
  WorkTally t;
  t.work = kWork;
  t.pattern = pattern;
  t.digest = Bits(pattern * 3 + (faulted ? 1 : 0));
  t.expected = Bits(pattern * 3);
  t.faulted = faulted;
  t.bursts = 1;
  t.iterations = 4;
  t.busy_s = 0.2;
  return t;
}

PlannedStep drill_step(const std::string& id, const std::vector<std::string>& devices) {
  PlannedStep step;
  step.id = id;
  step.stage = "demo";
  step.stressor = "compute.gemm";
  step.devices = devices;
  step.drill = true;
  step.faults = {{FaultSite::result, FaultKind::flip},
                 {FaultSite::result, FaultKind::swap},
                 {FaultSite::timing, FaultKind::late},
                 {FaultSite::timing, FaultKind::missing}};
  return step;
}

WindowRecord struck_window(std::uint64_t burst, const FaultRecord& fault) {
  WindowRecord window;
  window.start_s = static_cast<double>(burst) * 0.2;
  window.length_s = 0.2;
  window.bursts = 1;
  window.faults = {fault};
  if (fault.site == "timing") {
    window.work = {tally(burst, false)};
    window.late = {{burst, 6.0}};
    return window;
  }
  window.work = {tally(burst, true)};
  for (const FaultRecord::Flip& flip : fault.flips) {
    window.findings.push_back({burst, 2, flip.element, flip.before, flip.after});
  }
  window.miscompares = window.findings.size();
  window.cores = {{2, 4, window.miscompares}};
  return window;
}

TaskRecord drill_task(const std::string& step, const std::string& device, double at_s) {
  TaskRecord task;
  task.step = step;
  task.device = device;
  task.outcome = Outcome::hung;
  task.detail = "silent for 2 s";
  task.start_s = at_s;
  task.end_s = at_s + 5;
  task.windows = {struck_window(1, {1, "result", "flip", "", 1, {{4711, 8, 12}}}),
                  struck_window(3, {2, "result", "swap", "", 3, {{5, 1, 7}, {9, 7, 1}}}),
                  struck_window(5, {3, "timing", "late", "", 5, {}})};
  WindowRecord silent;
  silent.start_s = 1.2;
  silent.faults = {{4, "timing", "missing", "", 7, {}}};
  task.windows.push_back(silent);
  return task;
}

TaskRecord load_task(const std::string& device, double at_s) {
  TaskRecord task;
  task.step = kLoad;
  task.device = device;
  task.outcome = Outcome::finished;
  task.start_s = at_s;
  task.end_s = at_s + kLoad_s;
  for (std::uint64_t i = 0; i < 10; ++i) {
    WindowRecord window;
    window.start_s = static_cast<double>(i);
    window.length_s = 1;
    window.bursts = 1;
    window.metrics = {metric_window("throughput", 100)};
    window.work = {tally(100 + i, false)};
    window.cores = {{0, 2, 0}, {1, 2, 0}};
    window.memory_tested_bytes = 990;
    task.windows.push_back(window);
  }
  return task;
}

PlannedCriterion criterion_of(const std::string& device, const std::string& metric, Rule rule,
                              std::optional<double> limit) {
  PlannedCriterion c;
  c.id = "compute.gemm " + metric + " " + std::string(name(rule));
  c.step = kLoad;
  c.device = device;
  c.metric = metric;
  c.rule = rule;
  c.limit = limit;
  c.source = "test";
  return c;
}

void add_criteria(Plan& plan, const std::string& device) {
  plan.criteria.push_back(criterion_of(device, "throughput", Rule::floor, 90));
  plan.criteria.back().uncertainty = 0.05;
  plan.criteria.push_back(criterion_of(device, "throughput", Rule::ceiling, 200));
  plan.criteria.back().guarded = false;
  plan.criteria.back().source = "physical ceiling of the device";
  plan.criteria.push_back(criterion_of(device, "throughput", Rule::peers, std::nullopt));
  plan.criteria.back().siblings = plan.devices;
  plan.criteria.back().min_effect = 0.05;
  plan.criteria.push_back(criterion_of(device, "miscompares", Rule::equals, 0));
  plan.criteria.back().integrity = true;
  plan.criteria.push_back(criterion_of(device, "late_answers", Rule::equals, 0));
}

void add_coverage(Plan& plan, const std::string& device) {
  plan.coverage.push_back({"memory.installed", device, 0.97, 1000});
  plan.coverage.push_back({"memory.allocatable", device, 0.99, 1000});
  plan.coverage.push_back({"cores", device, 1.0, 2});
}

SensorWindow sensor_window(double start_s, double length_s) {
  SensorWindow window;
  window.sensor = "hwmon0.temp1";
  window.unit = "celsius";
  window.start_s = start_s;
  window.length_s = length_s;
  window.count = 10;
  window.min = window.median = window.max = 50;
  return window;
}

}  // namespace

MetricWindow metric_window(const std::string& metric, double value, std::uint64_t count) {
  return {metric, count, 0, value, value, value, value, value, value * static_cast<double>(count)};
}

EventRecord event(const std::string& kind, const std::string& severity, const std::string& device,
                  const std::string& text) {
  return {1.0, kind, severity, device, {}, text};
}

Campaign healthy(std::size_t devices) {
  Campaign c;
  c.plan.profile = "demo";
  c.plan.stages = {"demo"};
  for (std::size_t i = 0; i < devices; ++i) c.plan.devices.push_back("d" + std::to_string(i));
  PlannedStep load;
  load.id = kLoad;
  load.stage = "demo";
  load.stressor = "compute.gemm";
  load.devices = c.plan.devices;
  load.duration_s = kLoad_s;
  c.plan.steps = {drill_step(kFirstDrill, c.plan.devices), load,
                  drill_step(kLastDrill, c.plan.devices)};
  c.plan.inventory = {{"accelerators", std::to_string(devices), std::to_string(devices), true, ""}};
  for (const std::string& device : c.plan.devices) {
    add_criteria(c.plan, device);
    add_coverage(c.plan, device);
    c.evidence.tasks.push_back(drill_task(kFirstDrill, device, 0));
    c.evidence.tasks.push_back(load_task(device, 5));
    c.evidence.tasks.push_back(drill_task(kLastDrill, device, 15));
  }
  c.plan.coverage.push_back({"sensor hwmon*.temp1", "", 1.0, 0});
  c.evidence.sensors = {sensor_window(0, 10), sensor_window(10, 10)};
  c.evidence.genesis.run_id = "00112233445566778899aabbccddeeff";
  c.evidence.genesis.started = "2026-01-02T03:04:05Z";
  c.evidence.ended = "2026-01-02T03:04:25Z";
  c.evidence.finished = true;
  c.evidence.duration_s = 20;
  return c;
}

TaskRecord& Campaign::task(const std::string& id, const std::string& device) {
  for (TaskRecord& t : evidence.tasks) {
    if (t.step == id && t.device == device) return t;
  }
  throw std::invalid_argument("no task " + id + " on " + device);
}

PlannedStep& Campaign::step(const std::string& id) {
  for (PlannedStep& s : plan.steps) {
    if (s.id == id) return s;
  }
  throw std::invalid_argument("no step " + id);
}

PlannedCriterion& Campaign::criterion(const std::string& metric, Rule rule,
                                      const std::string& device) {
  for (PlannedCriterion& c : plan.criteria) {
    if (c.metric == metric && c.rule == rule && c.device == device) return c;
  }
  throw std::invalid_argument("no criterion on " + metric);
}

TaskRecord& Campaign::retry(const std::string& id, const std::string& device) {
  TaskRecord next = task(id, device);
  for (const TaskRecord& t : evidence.tasks) {
    if (t.step == id && t.device == device) next = t;
  }
  ++next.attempt;
  return evidence.tasks.emplace_back(std::move(next));
}

void Campaign::throughput(const std::string& device, double value) {
  for (WindowRecord& window : task(kLoad, device).windows) {
    window.metrics = {metric_window("throughput", value)};
  }
}

void Campaign::forget(const std::string& id, const std::string& device) {
  std::erase_if(evidence.tasks,
                [&](const TaskRecord& t) { return t.step == id && t.device == device; });
}

CriterionResult row(const Report& report, const std::string& metric, Rule rule,
                    const std::string& device) {
  for (const CriterionResult& r : report.criteria) {
    if (r.criterion.metric == metric && r.criterion.rule == rule && r.criterion.device == device)
      return r;
  }
  throw std::invalid_argument("no row on " + metric);
}

TaskResult task_row(const Report& report, const std::string& step, const std::string& device) {
  for (const TaskResult& r : report.tasks) {
    if (r.step == step && r.device == device) return r;
  }
  throw std::invalid_argument("no row of " + step);
}

std::string problem_text(const Report& report) {
  std::string text;
  for (const Problem& p : report.problems) text += p.part + ": " + p.evidence + "\n";
  return text;
}

TEST(Judge, PassesAHealthyCampaign) {
  const Report report = healthy().judged();
  EXPECT_EQ(report.verdict, Verdict::pass) << problem_text(report);
  EXPECT_TRUE(report.problems.empty()) << problem_text(report);
  EXPECT_EQ(report.devices.size(), 4u);
  EXPECT_EQ(report.headline.substr(0, 5), "PASS:");
}

}  // namespace rackproof::testing
