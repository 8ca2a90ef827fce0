// SPDX-License-Identifier: Apache-2.0
// A running campaign as plain lines: one when a step begins, one with what it measured.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runner/supervisor.h"

namespace rackproof {

/// On stdout, at once.
void print_line(const std::string& text);

/// Finished, or hung where a drill asked for a missing answer.
[[nodiscard]] bool ended_as_planned(const PlannedStep& step, const TaskRecord& task);

class LineProgress : public Progress {
 public:
  /// `say` gets each line, without control characters and without a newline.
  explicit LineProgress(std::function<void(const std::string&)> say = print_line)
      : say_(std::move(say)) {}
  void step_started(const PlannedStep& step, std::size_t index, std::size_t count) override;
  void window(const PlannedStep& step, const std::string& device,
              const WindowRecord& window) override;
  void task_ended(const PlannedStep& step, const TaskRecord& task) override;
  void comparing(const PlannedStep& step, const std::string& device, std::size_t windows) override;
  void step_ended(const PlannedStep& step) override;
  void event(const EventRecord& event) override;
  void condition(const ConditionRecord& record) override;

 private:
  /// What one device showed in the step in hand: all window medians of each metric.
  struct Seen {
    std::map<std::string, std::vector<double>> medians;
    std::uint64_t miscompares = 0;
  };
  void line(const std::string& text);

  std::function<void(const std::string&)> say_;
  std::map<std::string, Seen> seen_;
};

}  // namespace rackproof
