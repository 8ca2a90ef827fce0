// SPDX-License-Identifier: Apache-2.0
// A running campaign on a terminal: the lines that stay, as elsewhere, above a block that shows
// what is going on now.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/progress.h"
#include "app/progress_block.h"
#include "app/progress_time.h"
#include "app/terminal.h"
#include "runner/planner.h"

namespace rackproof {

/// Draws from a thread of its own, at most five times a second: a terminal that is halted, slow or
/// gone never holds up the run. The view ends, and what it had to say is written, with the object.
class LiveProgress : public Progress {
 public:
  LiveProgress(const Plan& plan, const Rack& rack, std::unique_ptr<Terminal> terminal,
               const std::atomic<bool>& stopping);
  ~LiveProgress() override;

  void step_started(const PlannedStep& step, std::size_t index, std::size_t count) override;
  void window(const PlannedStep& step, const std::string& device,
              const WindowRecord& window) override;
  void task_ended(const PlannedStep& step, const TaskRecord& task) override;
  void comparing(const PlannedStep& step, const std::string& device, std::size_t windows) override;
  void step_ended(const PlannedStep& step) override;
  void event(const EventRecord& event) override;
  void condition(const ConditionRecord& record) override;
  void readings(const std::vector<Reading>& readings) override;

 private:
  void draw_until_over();
  void draw_once();
  void write_rest();
  [[nodiscard]] double now_s() const;
  [[nodiscard]] RunView view_now() const;
  DeviceView* device_of(const std::string& id);

  const std::map<std::string, DeviceInfo> infos_;  // by id
  const std::unique_ptr<Terminal> terminal_;
  const std::atomic<bool>& stopping_;
  const Clock::time_point began_ = Clock::now();

  mutable std::mutex mutex_;  // over all up to block_
  std::condition_variable wake_;
  bool over_ = false;
  RunView view_;
  TimeLeft time_left_;
  double step_began_s_ = 0;
  std::map<std::string, DeviceView> vitals_;  // the newest readings, for devices of later steps
  std::vector<std::string> news_;
  LineProgress lines_;

  LiveBlock block_;  // the thread's own, as is pending_
  std::string pending_;
  std::thread drawer_;
};

}  // namespace rackproof
