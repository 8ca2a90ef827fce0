// SPDX-License-Identifier: Apache-2.0
// The evidence laid out by the plan: which attempts belong to which step on which device.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/evidence.h"
#include "core/plan.h"
#include "reports/judge_faults.h"

namespace rackproof {

/// One recorded attempt with the planned step it belongs to.
struct Attempt {
  const TaskRecord* task = nullptr;
  const PlannedStep* step = nullptr;  ///< null: the plan knows no such step on that device
  FaultMatch faults;

  [[nodiscard]] bool drill() const { return step != nullptr && step->drill; }
  /// Ended as it should: finished, or silent because a drill asked for no answer.
  [[nodiscard]] bool finished() const {
    return task->outcome == Outcome::finished || faults.hung_as_asked;
  }
  /// The worker crashed or hung, and no drill asked for it.
  [[nodiscard]] bool stopped() const {
    const bool dead = task->outcome == Outcome::crashed || task->outcome == Outcome::hung;
    return dead && !faults.hung_as_asked;
  }
};

/// Refers to the plan and the evidence; both outlive it.
class Case {
 public:
  Case(const Plan& plan, const Evidence& evidence);
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] const Evidence& evidence() const { return evidence_; }
  [[nodiscard]] const std::vector<Attempt>& attempts() const { return attempts_; }
  /// In the order in which they began; empty when it never ran.
  [[nodiscard]] const std::vector<const Attempt*>& of(const std::string& step,
                                                      const std::string& device) const;
  /// Null: the plan holds no such step.
  [[nodiscard]] const PlannedStep* step(const std::string& id) const;
  /// Every device that the plan names anywhere, in its order.
  [[nodiscard]] const std::vector<std::string>& devices() const { return devices_; }
  [[nodiscard]] bool is_device(const std::string& part) const;
  /// Planned on that device, and no attempt came to its end.
  [[nodiscard]] bool unfinished(const std::string& step, const std::string& device) const;
  [[nodiscard]] bool fatal_event_on(const std::string& device) const;
  /// Attempts on the device, of whatever step, whose worker crashed or hung.
  [[nodiscard]] std::uint64_t stops_on(const std::string& device) const;

 private:
  const Plan& plan_;
  const Evidence& evidence_;
  std::map<std::string_view, const PlannedStep*> steps_;
  std::vector<Attempt> attempts_;
  std::map<std::pair<std::string, std::string>, std::vector<const Attempt*>> by_place_;
  std::vector<std::string> devices_;
};

/// The outcome's word, also for a value that is none.
[[nodiscard]] std::string outcome_text(Outcome outcome);

}  // namespace rackproof
