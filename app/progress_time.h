// SPDX-License-Identifier: Apache-2.0
// How long a run will still take: what the plan says, corrected by what the steps before took.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/plan.h"

namespace rackproof {

/// Times are seconds since the run began.
class TimeLeft {
 public:
  explicit TimeLeft(const Plan& plan) : steps_(plan.steps) {}
  void step_started(std::size_t index, double now_s);
  void step_ended(double now_s);

  struct Estimate {
    double seconds = 0;
    bool at_least = false;  ///< there are steps of whose time nothing is known
  };
  /// None where nothing at all is known.
  [[nodiscard]] std::optional<Estimate> left(double now_s) const;

 private:
  struct Mean {
    double sum = 0;
    int count = 0;
    [[nodiscard]] double value() const { return count == 0 ? 0 : sum / count; }
  };
  [[nodiscard]] std::optional<double> expected(const PlannedStep& step) const;

  std::vector<PlannedStep> steps_;
  std::size_t at_ = 0;
  bool running_ = false;
  double started_s_ = 0;
  Mean overhead_;                     ///< of a step that ends by time: starting, preparing
  std::map<std::string, Mean> seen_;  ///< whole times of the others, by kind
};

}  // namespace rackproof
