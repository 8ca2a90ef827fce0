// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/stressor.h"
#include "reports/judge_integrity.h"
#include "reports/judge_sensors.h"
#include "reports/statistics.h"

namespace rackproof {
namespace {

constexpr std::string_view kMiscompares = "miscompares";
constexpr std::string_view kLateAnswers = "late_answers";

// The statistic over windows; none for a word that names no statistic.
std::optional<double> statistic_of(const std::vector<const MetricWindow*>& windows,
                                   std::string_view statistic) {
  const auto values = [&](double MetricWindow::*member) {
    std::vector<double> all;
    for (const MetricWindow* window : windows) all.push_back(window->*member);
    return all;
  };
  const auto least = [](const std::vector<double>& v) {
    return *std::min_element(v.begin(), v.end());
  };
  const auto most = [](const std::vector<double>& v) {
    return *std::max_element(v.begin(), v.end());
  };
  if (statistic == "median") return median(values(&MetricWindow::median));
  if (statistic == "p1") return least(values(&MetricWindow::p1));
  if (statistic == "p99") return most(values(&MetricWindow::p99));
  if (statistic == "min") return least(values(&MetricWindow::min));
  if (statistic == "max") return most(values(&MetricWindow::max));
  if (statistic != "sum") return std::nullopt;
  double sum = 0;
  for (const MetricWindow* window : windows) sum += window->sum;
  return sum;
}

using ByPeer = std::map<std::string, std::vector<const MetricWindow*>>;

// The value of the worst peer; of data that came from none, the one that there is.
void take_worst(Measurement& measured, const ByPeer& by_peer, const std::string& statistic,
                bool least) {
  for (const auto& [peer, windows] : by_peer) {
    const auto value = statistic_of(windows, statistic);
    if (!value) {
      measured.absent = fmt::format("unknown statistic '{}'", statistic);
      return;
    }
    const bool worse =
        !measured.value || (least ? *value < *measured.value : *value > *measured.value);
    if (!worse) continue;
    measured.value = value;
    measured.peer = peer;
  }
}

Measurement measure(const TaskRecord& task, const std::string& metric, const std::string& statistic,
                    bool least) {
  Measurement measured;
  ByPeer by_peer;
  for (const WindowRecord& window : task.windows) {
    for (const MetricWindow& m : window.metrics) {
      if (m.metric != metric) continue;
      if (m.unusable > 0 || !is_sound(m))
        measured.invalid = fmt::format(
            "recordings of {} are NaN, infinite, negative or contradict "
            "each other",
            metric);
      if (m.count == 0) continue;
      by_peer[m.peer].push_back(&m);
      ++measured.n;
    }
  }
  if (!measured.invalid.empty()) return measured;
  if (by_peer.empty()) {
    measured.absent = fmt::format("no window holds {}", metric);
    return measured;
  }
  take_worst(measured, by_peer, statistic, least);
  return measured;
}

bool better(const Measurement& a, const Measurement& b, bool higher) {
  if (!a.value || !b.value) return a.value.has_value() && !b.value;
  return higher ? *a.value > *b.value : *a.value < *b.value;
}

}  // namespace

bool is_rate(const PlannedCriterion& criterion) {
  return !criterion.integrity && criterion.metric != kMiscompares && !is_sensor(criterion);
}

bool is_physical(const PlannedCriterion& criterion) {
  return criterion.rule == Rule::ceiling && criterion.source.starts_with("physical") &&
         !is_sensor(criterion);
}

Unit shown_unit(const PlannedCriterion& criterion, const PlannedStep* step) {
  return step == nullptr ? criterion.unit : shown_unit(criterion.unit, step->params);
}

const Measurement& Measurements::of(const PlannedCriterion& criterion, const std::string& device) {
  const Pick pick = pick_for(criterion, case_.step(criterion.step));
  const bool upward = criterion.rule == Rule::floor || criterion.rule == Rule::peers;
  const Worst worst = upward ? Worst::least : Worst::greatest;
  const Key key{criterion.step, device, criterion.metric, criterion.statistic, pick, worst};
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  Measurement fresh;
  if (criterion.metric == kMiscompares) {
    fresh = counted(criterion.step, device, &FaultMatch::miscompares);
  } else if (criterion.metric == kLateAnswers) {
    fresh = counted(criterion.step, device, &FaultMatch::late_answers);
  } else {
    fresh = picked(criterion, device, pick);
  }
  return known_.emplace(key, std::move(fresh)).first->second;
}

Measurements::Pick Measurements::pick_for(const PlannedCriterion& criterion,
                                          const PlannedStep* step) {
  const bool several = step != nullptr && step->attempts > 1;
  if (is_physical(criterion)) return Pick::highest;
  if (!several || !is_rate(criterion)) return Pick::last;
  if (criterion.rule == Rule::floor || criterion.rule == Rule::peers) return Pick::highest;
  return criterion.rule == Rule::ceiling ? Pick::lowest : Pick::last;
}

Measurement Measurements::counted(const std::string& step, const std::string& device,
                                  std::uint64_t FaultMatch::*count) const {
  Measurement measured;
  std::uint64_t total = 0;
  for (const Attempt* attempt : case_.of(step, device)) {
    measured.n += attempt->task->windows.size();
    total += attempt->faults.*count;
  }
  if (measured.n > 0) {
    measured.value = static_cast<double>(total);
  } else {
    measured.absent = "no window was recorded";
  }
  return measured;
}

Measurement Measurements::picked(const PlannedCriterion& criterion, const std::string& device,
                                 Pick pick) const {
  Measurement best;
  best.absent = "no attempt finished";
  for (const Attempt* attempt : case_.of(criterion.step, device)) {
    if (!attempt->finished()) continue;
    const bool least = criterion.rule == Rule::floor || criterion.rule == Rule::peers;
    Measurement next = measure(*attempt->task, criterion.metric, criterion.statistic, least);
    if (!next.invalid.empty()) return next;
    const bool fallback = !best.value && !next.value;
    if (pick == Pick::last || fallback || better(next, best, pick == Pick::highest))
      best = std::move(next);
  }
  return best;
}

}  // namespace rackproof
