// SPDX-License-Identifier: Apache-2.0
#include "reports/judge_criteria.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "reports/judge_environment.h"
#include "reports/judge_measure.h"
#include "reports/judge_sensors.h"
#include "reports/pair_text.h"
#include "reports/statistics.h"

namespace rackproof {
namespace {

// What spoils rates here, if anything; an event that names no device or step spoils all of them.
std::string environment_on(const Evidence& evidence, const std::vector<ConditionResult>& conditions,
                           const PlannedCriterion& criterion) {
  const auto found =
      std::find_if(evidence.events.begin(), evidence.events.end(), [&](const EventRecord& event) {
        return event.kind == "environment" &&
               (event.device.empty() || event.device == criterion.device) &&
               (event.step.empty() || event.step == criterion.step);
      });
  if (found == evidence.events.end()) return spoiled_by(conditions, criterion.device);
  return found->text.empty() ? "the environment changed" : found->text;
}

constexpr const char* kReadTheEvent =
    "see this counter's events, which name the part and what to do with it";

class CriterionJudge {
 public:
  CriterionJudge(const Case& judged, Measurements& measurements, const SensorMeasurements& sensors,
                 const std::vector<ConditionResult>& conditions, const PlannedCriterion& criterion)
      : case_(judged),
        conditions_(conditions),
        measurements_(measurements),
        sensors_(sensors),
        c_(row_.criterion),
        subject_(criterion.metric) {
    row_.criterion = criterion;
  }

  CriterionResult run() {
    measure();
    if (row_.value) decide();
    if (row_.value && !silent_.empty()) lack_others();
    if (row_.value && is_rate(c_) && row_.verdict != Verdict::error) spoil();
    return std::move(row_);
  }
  [[nodiscard]] CauseKind kind() const { return kind_; }
  /// The metric, or the sensor that the value is of.
  [[nodiscard]] const std::string& subject() const { return subject_; }
  /// For the headline where the value is of one link; empty: the kind's own words.
  [[nodiscard]] std::string brief() const {
    return pair_.empty() ? pair_ : fmt::format("{} ({})", words(kind_).brief, pair_);
  }

 private:
  void set(Verdict verdict, std::string reason, CauseKind kind) {
    row_.verdict = verdict;
    row_.reason = pair_.empty() || reason.empty() ? std::move(reason) : pair_ + ": " + reason;
    kind_ = kind;
  }
  void cannot_apply(std::string reason) {
    set(Verdict::incomplete, std::move(reason), CauseKind::not_measured);
  }

  [[nodiscard]] std::string amount(double value) const {
    return format(value, shown_unit(c_, case_.step(c_.step)));
  }

  void take(const Measurement& measured) {
    if (!measured.peer.empty()) {
      pair_ = pair_text(measured.peer, c_.device);
      row_.where = pair_;
    }
    row_.n = measured.n;
    row_.value = measured.value;
    if (!measured.invalid.empty()) {
      set(Verdict::invalid, measured.invalid, CauseKind::impossible);
    } else if (!measured.value) {
      cannot_apply(measured.absent);
    }
  }

  void measure_sensor() {
    const SensorMeasurement found = sensors_.of(c_);
    take(found.measured);
    if (!row_.value) return;
    silent_ = found.silent;
    subject_ = found.sensor;
    where_ = found.step.empty() ? " between steps" : " in " + found.step;
    row_.where = subject_ + where_;
  }

  // One part within its limit says nothing of another, which did not answer.
  void lack_others() {
    if (row_.verdict != Verdict::pass && row_.verdict != Verdict::marginal) return;
    if (c_.required) cannot_apply(silent_);
  }

  void measure() {
    if (is_sensor(c_)) return measure_sensor();
    if (c_.step.empty())
      return cannot_apply(c_.reason.empty() ? "no step of the plan measures it" : c_.reason);
    if (case_.step(c_.step) == nullptr) return cannot_apply("its step is not in the plan");
    take(measurements_.of(c_, c_.device));
  }

  void decide() {
    row_.u = c_.guarded ? c_.uncertainty * std::fabs(*row_.value) : 0;
    if (!std::isfinite(row_.u) || row_.u < 0) {
      row_.u = 0;
      return set(Verdict::error, "the limit's uncertainty is not a positive number",
                 CauseKind::machinery);
    }
    switch (c_.rule) {
      case Rule::floor:
      case Rule::ceiling:
      case Rule::equals:
        return decide_limit();
      case Rule::peers:
        return decide_among_peers();
      case Rule::drift:
        return cannot_apply("drift is not supported by this version");
    }
    set(Verdict::error, "unknown rule", CauseKind::machinery);
  }

  void decide_limit() {
    if (!c_.limit) return cannot_apply(c_.reason.empty() ? "no limit could be derived" : c_.reason);
    if (!std::isfinite(*c_.limit))
      return set(Verdict::error, "the limit is not a finite number", CauseKind::machinery);
    if (c_.rule == Rule::equals) return decide_equals();
    const bool floor = c_.rule == Rule::floor;
    const Verdict verdict = floor ? decide_floor(*row_.value, *c_.limit, row_.u)
                                  : decide_ceiling(*row_.value, *c_.limit, row_.u);
    if (verdict == Verdict::pass) return set(verdict, {}, CauseKind::slow);
    const std::string text = fmt::format(
        "{} {} of {}{} is {} {}{}", subject_, c_.statistic, amount(*row_.value), where_,
        verdict == Verdict::marginal ? "within its uncertainty of" : (floor ? "below" : "above"),
        amount(*c_.limit), floor ? "" : " (ceiling)");
    if (verdict == Verdict::fail && is_physical(c_)) {
      return set(Verdict::invalid,
                 text + ": above the physical ceiling: a broken timer or elided work",
                 CauseKind::impossible);
    }
    set(verdict, text, floor && !is_sensor(c_) ? CauseKind::slow : CauseKind::over_limit);
  }

  void decide_equals() {
    if (*row_.value == *c_.limit) return set(Verdict::pass, {}, CauseKind::over_limit);
    std::string text = is_sensor(c_)
                           ? fmt::format("{} {} is {} instead of {}{}", subject_, c_.statistic,
                                         amount(*row_.value), amount(*c_.limit), where_)
                           : fmt::format("{} is {} instead of {}", subject_, amount(*row_.value),
                                         amount(*c_.limit));
    if (!c_.integrity && c_.metric == "late_answers") {
      return set(Verdict::invalid, text + ": the machine was busy, or the device stalls",
                 CauseKind::environment);
    }
    const bool results = c_.integrity || c_.metric == "miscompares";
    set(Verdict::fail, std::move(text), results ? CauseKind::wrong_results : CauseKind::over_limit);
  }

  void decide_among_peers() {
    if (!std::isfinite(c_.min_effect) || c_.min_effect < 0)
      return set(Verdict::error, "the smallest effect is not a positive number",
                 CauseKind::machinery);
    const std::vector<double> values = sibling_values();
    row_.peers = compare_with_peers(*row_.value, values);
    if (!row_.peers) {
      return cannot_apply(values.size() < kFewestPeers
                              ? fmt::format("only {} siblings have a value, {} are needed",
                                            values.size(), kFewestPeers)
                              : "the siblings' median is not positive");
    }
    row_.verdict = decide_peers(*row_.peers, c_.min_effect);
    if (row_.verdict == Verdict::pass) return;
    set(row_.verdict,
        fmt::format("{} of {} is {:.1f} % below the median {} of {} siblings", c_.metric,
                    amount(*row_.value), 100 * row_.peers->shortfall, amount(row_.peers->median),
                    row_.peers->n),
        CauseKind::slow);
  }

  [[nodiscard]] std::vector<double> sibling_values() {
    std::set<std::string> siblings(c_.siblings.begin(), c_.siblings.end());
    siblings.insert(c_.device);
    std::vector<double> values;
    for (const std::string& sibling : siblings) {
      const Measurement& measured = measurements_.of(c_, sibling);
      if (measured.value) values.push_back(*measured.value);
    }
    return values;
  }

  void spoil() {
    const std::string why = environment_on(case_.evidence(), conditions_, c_);
    if (why.empty() || !row_.counts()) return;
    row_.spoiled = true;
    set(Verdict::invalid, why, CauseKind::environment);
  }

  const Case& case_;
  const std::vector<ConditionResult>& conditions_;
  Measurements& measurements_;
  const SensorMeasurements& sensors_;
  CriterionResult row_;
  const PlannedCriterion& c_;
  std::string pair_;             // the two ends of the link that the value is of
  std::string subject_, where_;  // what the value is of: a metric, or a sensor and a step
  std::string silent_;           // a sensor that did not answer
  CauseKind kind_ = CauseKind::not_measured;
};

// Environment texts stand alone, so that a hundred spoiled rows make one line.
std::string evidence_of(const CriterionResult& row, CauseKind kind) {
  if (kind == CauseKind::environment && row.spoiled) return row.reason;
  const std::string where = row.criterion.step.empty() ? row.criterion.id : row.criterion.step;
  return fmt::format("{}: {}", where, row.reason);
}

// A step that did not end, or counted miscompares, says so itself.
bool follows_from_its_step(const Case& judged, const CriterionResult& row, CauseKind kind) {
  const PlannedCriterion& c = row.criterion;
  if (row.verdict == Verdict::incomplete) return !row.value && judged.unfinished(c.step, c.device);
  return kind == CauseKind::wrong_results && c.metric == "miscompares" && *row.value > 0;
}

std::string part_of(const CriterionResult& row, const std::string& subject) {
  const PlannedCriterion& c = row.criterion;
  if (is_sensor(c) && row.value) return subject;
  return c.device.empty() ? "plan" : c.device;
}

}  // namespace

std::vector<CriterionResult> judge_criteria(const Case& judged, Causes& causes) {
  Measurements measurements(judged);
  const SensorMeasurements sensors(judged);
  const std::vector<ConditionResult> conditions = judge_environment(judged);
  std::vector<CriterionResult> rows;
  rows.reserve(judged.plan().criteria.size());
  for (const PlannedCriterion& criterion : judged.plan().criteria) {
    CriterionJudge judge(judged, measurements, sensors, conditions, criterion);
    rows.push_back(judge.run());
    const CriterionResult& row = rows.back();
    if (row.verdict == Verdict::pass || !row.counts()) continue;
    causes.push_back({row.verdict, judge.kind(), part_of(row, judge.subject()), criterion.step,
                      evidence_of(row, judge.kind()), judge.brief(),
                      follows_from_its_step(judged, row, judge.kind())});
    if (row.value && is_sensor(criterion) && criterion.statistic == "rise")
      causes.back().next_step = kReadTheEvent;
  }
  if (std::none_of(rows.begin(), rows.end(), [](const auto& row) { return row.counts(); })) {
    causes.push_back({Verdict::incomplete,
                      CauseKind::not_measured,
                      "plan",
                      {},
                      "no limit was applied: nothing measured is no pass"});
  }
  return rows;
}

}  // namespace rackproof
