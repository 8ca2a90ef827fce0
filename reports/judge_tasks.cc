// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/units.h"
#include "reports/judge_integrity.h"

namespace rackproof {
namespace {

constexpr double kLeastLoad = 0.5;  // of a step's time

std::string with_detail(const TaskRecord& task) {
  if (task.outcome == Outcome::gang_lost && task.detail.starts_with("lost "))
    return "did not go on: its gang " + task.detail;
  const std::string outcome = outcome_text(task.outcome);
  return task.detail.empty() ? outcome : outcome + ": " + task.detail;
}

CauseKind kind_of(Outcome outcome) {
  if (outcome == Outcome::gang_lost) return CauseKind::gang_lost;
  return outcome == Outcome::not_run ? CauseKind::not_run : CauseKind::not_measured;
}

// Everything about one step on one device.
class TaskJudge {
 public:
  TaskJudge(const Case& judged, const PlannedStep* step, std::string step_id, std::string device)
      : case_(judged),
        step_(step),
        attempts_(judged.of(step_id, device)),
        step_id_(std::move(step_id)),
        device_(std::move(device)) {}

  Causes run() {
    if (step_ == nullptr) add(Verdict::error, CauseKind::machinery, "is not in the plan");
    if (attempts_.empty()) add(Verdict::incomplete, CauseKind::not_measured, "never ran");
    for (const Attempt* attempt : attempts_) judge_attempt(*attempt);
    if (!attempts_.empty()) judge_last(*attempts_.back()->task);
    count_finished();
    return std::move(causes_);
  }

 private:
  void add(Verdict verdict, CauseKind kind, const std::string& text) {
    causes_.push_back({verdict, kind, device_, step_id_, step_id_ + " " + text});
  }
  void append(Causes causes) {
    causes_.insert(causes_.end(), std::make_move_iterator(causes.begin()),
                   std::make_move_iterator(causes.end()));
  }

  void judge_attempt(const Attempt& attempt) {
    append(integrity_of(attempt));
    append(impossible_claims_of(attempt));
    if (attempt.stopped()) return judge_stop(attempt);
    if (attempt.task->outcome == Outcome::finished) return judge_work(attempt);
    judge_machinery(*attempt.task);
  }

  void judge_stop(const Attempt& attempt) {
    const bool repeated = case_.stops_on(device_) > 1;
    const bool fatal = case_.fatal_event_on(device_);
    const std::string text =
        fmt::format("attempt {} {}", attempt.task->attempt, with_detail(*attempt.task));
    add(repeated || fatal ? Verdict::fail : Verdict::error, CauseKind::stopped,
        text + (repeated ? " (repeated)"
                : fatal  ? " (with a fatal event)"
                         : " (once, without a fatal event)"));
    causes_.back().brief = outcome_text(attempt.task->outcome);
  }

  void judge_machinery(const TaskRecord& task) {
    switch (task.outcome) {
      case Outcome::finished:
      case Outcome::unsupported:
      case Outcome::crashed:
      case Outcome::hung:
      case Outcome::gang_lost:
      case Outcome::aborted:
      case Outcome::not_run:
        return;
      case Outcome::device_error:
      case Outcome::garbage:
        break;
    }
    add(Verdict::error, CauseKind::machinery, with_detail(task));
  }

  // A later attempt makes up for these, so only the last one counts.
  void judge_last(const TaskRecord& task) {
    const bool not_done = task.outcome == Outcome::unsupported ||
                          task.outcome == Outcome::gang_lost || task.outcome == Outcome::aborted ||
                          task.outcome == Outcome::not_run;
    if (not_done) add(Verdict::incomplete, kind_of(task.outcome), with_detail(task));
  }

  void judge_work(const Attempt& attempt) {
    std::uint64_t bursts = 0, iterations = 0, passes = 0;
    double load_s = 0;
    for (const WindowRecord& window : attempt.task->windows) {
      bursts += window.bursts;
      passes += window.passes;
      load_s += window.length_s;
      for (const WorkTally& tally : window.work) iterations += tally.iterations;
    }
    if (bursts == 0 || iterations == 0)
      return add(Verdict::error, CauseKind::machinery, "finished but did no work");
    if (step_ == nullptr || step_->drill) return;
    if (step_->duration_s > 0 && !(load_s >= kLeastLoad * step_->duration_s)) {
      add(Verdict::incomplete, CauseKind::not_measured,
          fmt::format("was under load for {:.3g} s of {:.3g} s", load_s, step_->duration_s));
    }
    if (passes < step_->passes) {
      add(Verdict::incomplete, CauseKind::not_measured,
          fmt::format("completed {} of {} passes{}", passes, step_->passes,
                      step_->duration_s > 0
                          ? " in " + format(step_->duration_s, Unit::second) + ": give it more time"
                          : ""));
    }
  }

  // More tries than the plan grants would be picking the best of them.
  void count_finished() {
    if (step_ == nullptr) return;
    const auto finished = static_cast<std::uint64_t>(std::count_if(
        attempts_.begin(), attempts_.end(), [](const Attempt* a) { return a->finished(); }));
    const std::uint64_t granted = std::max<std::uint64_t>(step_->attempts, 1);
    if (finished <= granted) return;
    add(Verdict::invalid, CauseKind::impossible,
        fmt::format("finished {} times although the plan grants {}", finished, granted));
  }

  const Case& case_;
  const PlannedStep* step_;
  const std::vector<const Attempt*>& attempts_;
  std::string step_id_, device_;
  Causes causes_;
};

TaskResult row_of(const Case& judged, const std::string& step, const std::string& device,
                  const Causes& causes) {
  const auto& attempts = judged.of(step, device);
  TaskResult row{step, device, attempts.size(), "never ran", worst_of(causes), {}};
  if (!attempts.empty()) row.outcome = outcome_text(attempts.back()->task->outcome);
  for (const Cause& cause : causes) {
    if (cause.verdict == row.verdict && row.reason.empty()) row.reason = cause.evidence;
  }
  return row;
}

using TaskPlace = std::pair<std::string, std::string>;

std::map<TaskPlace, Causes> unrepeatable(const Case& judged) {
  std::map<TaskPlace, Causes> places;
  for (Cause& cause : repeatability_of(judged)) {
    places[{cause.step, cause.part}].push_back(std::move(cause));
  }
  return places;
}

}  // namespace

std::vector<TaskResult> judge_tasks(const Case& judged, Causes& causes) {
  std::vector<TaskResult> rows;
  std::map<TaskPlace, Causes> extra = unrepeatable(judged);
  std::set<TaskPlace> seen;
  const auto judge_one = [&](const PlannedStep* step, const std::string& id,
                             const std::string& device) {
    if (!seen.insert({id, device}).second) return;
    Causes own = TaskJudge(judged, step, id, device).run();
    for (Cause& cause : extra[{id, device}]) own.push_back(std::move(cause));
    rows.push_back(row_of(judged, id, device, own));
    causes.insert(causes.end(), own.begin(), own.end());
  };
  for (const PlannedStep& step : judged.plan().steps) {
    for (const std::string& device : step.devices) judge_one(&step, step.id, device);
  }
  for (const Attempt& attempt : judged.attempts()) {
    judge_one(attempt.step, attempt.task->step, attempt.task->device);
  }
  return rows;
}

}  // namespace rackproof
