// SPDX-License-Identifier: Apache-2.0
// A worker's counts are claims: here they are held against the supervisor's clock and arithmetic.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "reports/judge_integrity.h"

namespace rackproof {
namespace {

constexpr double kClockTolerance = 1.05;  // the two clocks and the way of a record between them
constexpr double kClockSlack_s = 1;
constexpr double kSumTolerance = 1e-6;  // rounding of a long sum

constexpr std::size_t kMostBeside = 2;  // further bursts at once, of any stressor without peers

bool is_amount(double v) { return std::isfinite(v) && v >= 0; }

bool is_sound(const WorkTally& tally) {
  return is_amount(tally.bytes) && is_amount(tally.flops) && is_amount(tally.busy_s);
}

bool is_sound(const WindowRecord& window) {
  bool sound = is_amount(window.start_s) && is_amount(window.length_s) &&
               is_amount(window.memory_tested_bytes) && is_amount(window.overlap_s);
  for (const WorkTally& tally : window.work) sound = sound && is_sound(tally);
  return sound;
}

// Further bursts that may have run at once: one for each other peer that data came from.
double most_beside(const WindowRecord& window) {
  std::set<std::string> peers;
  for (const WorkTally& tally : window.work) peers.insert(tally.peer);
  return static_cast<double>(std::max(kMostBeside + 1, peers.size()) - 1);
}

class ClaimCheck {
 public:
  explicit ClaimCheck(const TaskRecord& task) : task_(task) {}

  Causes run() {
    for (const WindowRecord& window : task_.windows) take(window);
    if (has_ended()) {
      against_clock(busy_s_, "working");
      against_clock(length_s_, "under load");
    }
    return std::move(causes_);
  }

 private:
  void add(std::string text) {
    causes_.push_back(
        {Verdict::invalid, CauseKind::impossible, task_.device, task_.step, std::move(text)});
  }

  // A task cut off has no end that a clock took.
  [[nodiscard]] bool has_ended() const {
    return task_.outcome != Outcome::aborted || task_.end_s != 0;
  }

  void take(const WindowRecord& window) {
    if (!is_sound(window)) {
      add(fmt::format("a window of {} holds a number that is negative or not finite", task_.step));
      return;
    }
    length_s_ += window.length_s;
    busy_s_ -= std::min(window.overlap_s, most_beside(window) * window.length_s);
    for (const WorkTally& tally : window.work) busy_s_ += tally.busy_s;
    for (const MetricWindow& metric : window.metrics) take(metric);
  }

  void take(const MetricWindow& metric) {
    if (metric.unusable > 0) {
      add(fmt::format("{} recordings of {} in {} are NaN, infinite or negative", metric.unusable,
                      metric.metric, task_.step));
    } else if (!rackproof::is_sound(metric)) {
      add(fmt::format("the statistics of {} in {} contradict each other", metric.metric,
                      task_.step));
    }
  }

  void against_clock(double claimed_s, const char* doing) {
    const double wall_s = task_.end_s - task_.start_s;
    if (claimed_s <= wall_s * kClockTolerance + kClockSlack_s && wall_s >= 0) return;
    add(fmt::format("claims more time than passed: {:.3g} s {} within {:.3g} s in {}", claimed_s,
                    doing, wall_s, task_.step));
  }

  const TaskRecord& task_;
  double busy_s_ = 0, length_s_ = 0;
  Causes causes_;
};

}  // namespace

bool is_sound(const MetricWindow& m) {
  if (m.count == 0) return true;
  for (const double v : {m.min, m.p1, m.median, m.p99, m.max, m.sum}) {
    if (!is_amount(v)) return false;
  }
  const auto n = static_cast<double>(m.count);
  const bool ordered = m.min <= m.p1 && m.p1 <= m.median && m.median <= m.p99 && m.p99 <= m.max;
  return ordered && m.sum >= n * m.min * (1 - kSumTolerance) &&
         m.sum <= n * m.max * (1 + kSumTolerance);
}

Causes impossible_claims_of(const Attempt& attempt) { return ClaimCheck(*attempt.task).run(); }

}  // namespace rackproof
