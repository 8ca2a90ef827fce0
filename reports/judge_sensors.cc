// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_sensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "reports/judge_coverage.h"
#include "reports/statistics.h"

namespace rackproof {
namespace {

constexpr std::string_view kSensor = "sensor ";
constexpr std::string_view kRise = "rise";
constexpr double kSlack_s = 1;  // from a task's end to the cut of its windows

bool is_sound(const SensorWindow& w) {
  return std::isfinite(w.min) && std::isfinite(w.median) && std::isfinite(w.max) &&
         std::isfinite(w.rise) && w.rise >= 0 && w.min <= w.median && w.median <= w.max;
}

// One sensor in one step.
struct Share {
  std::uint64_t windows = 0;
  double least = std::numeric_limits<double>::infinity(), most = -least, rise = 0;
  std::vector<double> medians;

  void take(const SensorWindow& window) {
    ++windows;
    least = std::min(least, window.min);
    most = std::max(most, window.max);
    rise += window.rise;
    medians.push_back(window.median);
  }
  [[nodiscard]] std::optional<double> value(std::string_view statistic) const {
    if (statistic == kRise) return rise;
    if (statistic == "max") return most;
    if (statistic == "min") return least;
    if (statistic == "median") return median(medians);
    return std::nullopt;
  }
};

bool worse(double a, double b, const PlannedCriterion& criterion) {
  if (criterion.rule == Rule::floor) return a < b;
  if (criterion.rule == Rule::ceiling) return a > b;
  const double wanted = criterion.limit.value_or(0);
  return std::fabs(a - wanted) > std::fabs(b - wanted);
}

using WhereKey = std::tuple<std::string, std::string, std::string>;  // sensor, device, step

SensorMeasurement worst_of(const std::map<WhereKey, Share>& shares,
                           const PlannedCriterion& criterion) {
  SensorMeasurement worst;
  for (const auto& [place, share] : shares) {
    worst.measured.n += share.windows;
    const auto value = share.value(criterion.statistic);
    if (!value) {
      worst.measured.absent = fmt::format("unknown statistic '{}'", criterion.statistic);
      return worst;
    }
    if (worst.measured.value && !worse(*value, *worst.measured.value, criterion)) continue;
    worst.measured.value = value;
    worst.sensor = std::get<0>(place);
    worst.step = std::get<2>(place);
  }
  return worst;
}

// True where all that matches is the same sensor of many parts: "nvml.*.power", not "hwmon*.temp*".
bool of_many_parts(std::string_view pattern) {
  return std::count(pattern.begin(), pattern.end(), '*') == 1 && !pattern.ends_with('*');
}

struct Answers {
  std::uint64_t given = 0, missing = 0;
  std::string error;

  void take(const SensorWindow& window) {
    given += window.count;
    missing += window.errors + window.unsupported;
    if (!window.error.empty()) error = window.error;
  }
};

std::string silent_one(const std::map<std::string, Answers>& by_sensor) {
  for (const auto& [sensor, answers] : by_sensor) {
    if (answers.given > 0 || answers.missing == 0) continue;
    return fmt::format("{} answered none of {} readings{}", sensor, answers.missing,
                       answers.error.empty() ? "" : ", " + answers.error);
  }
  return {};
}

}  // namespace

bool is_sensor(const PlannedCriterion& criterion) { return criterion.metric.starts_with(kSensor); }

SensorMeasurements::SensorMeasurements(const Case& judged) : case_(judged) {
  for (const Attempt& attempt : judged.attempts()) {
    const TaskRecord& task = *attempt.task;
    const bool ended = task.end_s > task.start_s;
    spans_.push_back({task.start_s, ended ? task.end_s : std::numeric_limits<double>::infinity(),
                      task.step, attempt.step != nullptr && !attempt.drill()});
  }
  std::stable_sort(spans_.begin(), spans_.end(),
                   [](const Span& a, const Span& b) { return a.begin_s < b.begin_s; });
  // All devices of a step are one span; what has no end ends where the next one begins.
  std::vector<Span> merged;
  for (const Span& span : spans_) {
    if (!merged.empty() && merged.back().step == span.step && span.begin_s <= merged.back().end_s) {
      merged.back().end_s = std::max(merged.back().end_s, span.end_s);
    } else {
      merged.push_back(span);
    }
  }
  spans_ = std::move(merged);
}

const SensorMeasurements::Span* SensorMeasurements::span_of(const SensorWindow& window) const {
  const double end_s = window.start_s + window.length_s;
  const auto after = std::partition_point(spans_.begin(), spans_.end(),
                                          [&](const Span& span) { return span.begin_s < end_s; });
  if (after == spans_.begin()) return nullptr;
  const Span& span = *std::prev(after);
  return end_s <= span.end_s + kSlack_s ? &span : nullptr;
}

SensorMeasurement SensorMeasurements::of(const PlannedCriterion& criterion) const {
  const std::string_view pattern = std::string_view(criterion.metric).substr(kSensor.size());
  const bool rise = criterion.statistic == kRise;
  std::map<WhereKey, Share> shares;
  std::map<std::string, Answers> answers;
  bool known = false;
  for (const SensorWindow& window : case_.evidence().sensors) {
    if (!matches(pattern, window.sensor)) continue;
    const Span* span = span_of(window);
    const bool reached =
        (rise || (span != nullptr && span->load)) &&
        (criterion.step.empty() || (span != nullptr && span->step == criterion.step));
    if (reached) answers[window.sensor].take(window);
    const bool wanted =
        window.count > 0 && window.counter == rise && window.unit == name(criterion.unit);
    if (!wanted) continue;
    if (!is_sound(window)) {
      SensorMeasurement broken;
      broken.measured.invalid = fmt::format("readings of {} contradict each other", window.sensor);
      return broken;
    }
    known = true;
    if (!reached) continue;
    shares[{window.sensor, window.device, span == nullptr ? "" : span->step}].take(window);
  }
  SensorMeasurement worst = worst_of(shares, criterion);
  if (!worst.measured.value && worst.measured.absent.empty()) {
    worst.measured.absent = known  ? "no such sensor was read under load"
                            : rise ? "no counter of that name answered"
                                   : "no sensor of that name and unit answered";
  }
  if (of_many_parts(pattern)) worst.silent = silent_one(answers);
  return worst;
}

}  // namespace rackproof
