// SPDX-License-Identifier: Apache-2.0
#include "app/progress_time.h"

#include <algorithm>

namespace rackproof {
namespace {

// Steps alike enough that one's time tells another's: drills of one stressor, passes of one.
std::string kind_of(const PlannedStep& step) {
  return (step.drill ? "drill " : std::to_string(step.passes) + " passes ") + step.stressor;
}

bool by_time(const PlannedStep& step) { return !step.drill && step.duration_s > 0; }

}  // namespace

void TimeLeft::step_started(std::size_t index, double now_s) {
  at_ = index;
  running_ = true;
  started_s_ = now_s;
}

void TimeLeft::step_ended(double now_s) {
  if (!running_ || at_ >= steps_.size()) return;
  const PlannedStep& step = steps_[at_];
  const double took_s = now_s - started_s_;
  Mean& mean = by_time(step) ? overhead_ : seen_[kind_of(step)];
  mean.sum += by_time(step) ? std::max(0.0, took_s - step.duration_s) : took_s;
  ++mean.count;
  running_ = false;
  ++at_;
}

std::optional<double> TimeLeft::expected(const PlannedStep& step) const {
  if (by_time(step)) return step.duration_s + overhead_.value();
  const auto seen = seen_.find(kind_of(step));
  if (seen == seen_.end()) return std::nullopt;
  return seen->second.value();
}

std::optional<TimeLeft::Estimate> TimeLeft::left(double now_s) const {
  Estimate estimate;
  bool known = at_ >= steps_.size();
  for (std::size_t i = at_; i < steps_.size(); ++i) {
    const auto whole_s = expected(steps_[i]);
    if (!whole_s) {
      estimate.at_least = true;
      continue;
    }
    known = true;
    const double spent_s = running_ && i == at_ ? now_s - started_s_ : 0;
    estimate.seconds += std::max(0.0, *whole_s - spent_s);
  }
  if (!known) return std::nullopt;
  return estimate;
}

}  // namespace rackproof
