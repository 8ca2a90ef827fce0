// SPDX-License-Identifier: Apache-2.0
// A running campaign as plain lines: one when a step begins, one with what it measured.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runner/supervisor.h"

namespace rackproof {

class LineProgress : public Progress {
 public:
  void step_started(const PlannedStep& step, std::size_t index, std::size_t count) override;
  void window(const PlannedStep& step, const std::string& device,
              const WindowRecord& window) override;
  void task_ended(const PlannedStep& step, const TaskRecord& task) override;
  void step_ended(const PlannedStep& step) override;
  void event(const EventRecord& event) override;

 private:
  /// What one device showed in the step in hand: all window medians of each metric.
  struct Seen {
    std::map<std::string, std::vector<double>> medians;
    std::uint64_t miscompares = 0;
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace rackproof
