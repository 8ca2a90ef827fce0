// SPDX-License-Identifier: Apache-2.0
#include "app/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/print.h"
#include "core/stressor.h"
#include "core/units.h"
#include "hardware/utf8_line.h"
#include "reports/judge_faults.h"

namespace rackproof {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

std::string range(const std::vector<double>& values, Unit unit) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const std::string text = format(*low, unit);
  return *low == *high ? text : text + " ... " + format(*high, unit);
}

}  // namespace

void print_line(const std::string& text) {
  print(text);  // unlike fmt::print it does not throw: a run outlives its reader
  std::fflush(stdout);
}

bool ended_as_planned(const PlannedStep& step, const TaskRecord& task) {
  return task.outcome == Outcome::finished ||
         (step.drill && task.outcome == Outcome::hung && task.detail.starts_with("drill"));
}

// What drivers, kernels and names say may hold bytes that would steer a terminal.
void LineProgress::line(const std::string& text) { say_(utf8_line(text)); }

void LineProgress::step_started(const PlannedStep& step, std::size_t index, std::size_t count) {
  seen_.clear();
  line(fmt::format(
      "[{:>2}/{}] {}{}", index + 1, count, step.id,
      step.devices.size() > 1 ? fmt::format("  on {} devices", step.devices.size()) : ""));
}

void LineProgress::window(const PlannedStep& step, const std::string& device,
                          const WindowRecord& window) {
  Seen& seen = seen_[device];
  for (const MetricWindow& metric : window.metrics) {
    if (metric.count > 0) seen.medians[metric.metric].push_back(metric.median);
  }
  if (window.miscompares == 0 || step.drill) return;
  const WindowTrouble trouble = trouble_in(step, window);
  if (seen.miscompares == 0 && trouble.first != nullptr) {
    const Finding& f = *trouble.first;
    line(fmt::format("        {}: MISCOMPARE element {} expected {:016x} got {:016x} core {}",
                     device, f.element, f.expected.value, f.got.value, f.core));
  }
  seen.miscompares += trouble.miscompares;
}

void LineProgress::task_ended(const PlannedStep& step, const TaskRecord& task) {
  if (ended_as_planned(step, task)) return;
  line(fmt::format("        {}: {} {}", task.device, name(task.outcome), task.detail));
}

void LineProgress::comparing(const PlannedStep& /*step*/, const std::string& device,
                             std::size_t windows) {
  line(fmt::format("        {}: ended; {} window{} to compare once their goldens are computed",
                   device, windows, windows == 1 ? "" : "s"));
}

void LineProgress::step_ended(const PlannedStep& step) {
  const StressorInfo* stressor = find_stressor(step.stressor);
  if (stressor == nullptr || step.drill || seen_.empty()) return;  // of nothing, nothing is said
  std::string text;
  for (const Metric& metric : stressor->metrics) {
    std::vector<double> of_devices;
    for (const auto& [device, seen] : seen_) {
      const auto found = seen.medians.find(std::string(metric.name));
      if (found != seen.medians.end()) of_devices.push_back(median(found->second));
    }
    if (metric.unit != Unit::count && !of_devices.empty())
      text += fmt::format("  {} {}", metric.name,
                          range(of_devices, shown_unit(metric.unit, step.params)));
  }
  std::uint64_t miscompares = 0;
  for (const auto& [device, seen] : seen_) miscompares += seen.miscompares;
  line(fmt::format("      {}  miscompares {}", text, miscompares));
}

void LineProgress::event(const EventRecord& event) {
  if (event.severity == "info" && event.kind == "note") return;
  line(fmt::format("        {}: {}{}", event.kind, event.device.empty() ? "" : event.device + " ",
                   event.text));
}

void LineProgress::condition(const ConditionRecord& record) {
  if (record.state == ConditionState::good) return;
  line(fmt::format("        environment {}: {}", record.when, describe(record)));
}

}  // namespace rackproof
