// SPDX-License-Identifier: Apache-2.0
// Plan to Evidence: starts, times and watches the workers and writes down everything, in order.
// The supervisor never touches a device.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/evidence.h"
#include "core/journal.h"
#include "core/plan.h"
#include "runner/planner.h"
#include "runner/process.h"
#include "runner/task.h"
#include "runner/telemetry.h"

namespace rackproof {

/// Hears what happens as it is recorded; called from run_campaign's thread, and must not block.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void step_started(const PlannedStep& /*step*/, std::size_t /*index*/,
                            std::size_t /*count*/) {}
  virtual void window(const PlannedStep& /*step*/, const std::string& /*device*/,
                      const WindowRecord& /*window*/) {}
  virtual void task_ended(const PlannedStep& /*step*/, const TaskRecord& /*task*/) {}
  /// The device's worker ended some time ago; so many windows of it wait for their goldens. Once.
  virtual void comparing(const PlannedStep& /*step*/, const std::string& /*device*/,
                         std::size_t /*windows*/) {}
  virtual void step_ended(const PlannedStep& /*step*/) {}
  virtual void event(const EventRecord& /*event*/) {}
  /// A condition of the environment, as it was found.
  virtual void condition(const ConditionRecord& /*record*/) {}
  /// What the telemetry process has just read.
  virtual void readings(const std::vector<Reading>& /*readings*/) {}
};

struct CampaignRequest {
  std::filesystem::path bundle;  ///< the journal is bundle/journal
  Plan plan;
  Rack rack;
  Genesis genesis;  ///< boot_id: of the machine as it runs now
  std::map<std::string, std::string>
      specs;  ///< by back end's name; missing: what is in this machine
  std::vector<std::string> worker_command = default_worker_command();
  Progress* progress = nullptr;
  bool resume = false;
  bool record_only = false;  ///< genesis, end and seal: for an inventory that is refused
  bool keep_going = false;   ///< runs although a required condition is bad
  double look_s = 30;        ///< deadline of a look at the environment
  const std::atomic<bool>* stop = nullptr;  ///< set by a signal handler: a clean stop
  TelemetrySettings telemetry;
  TaskLimits limits;  ///< deadline and silence are each step's own
  /// Judges; returns the JSON of the seal record. The head is the one before the seal.
  std::function<std::string(const Evidence&, const JournalHead&)> seal;
  Spawn spawn = rackproof::spawn;
};

struct CampaignResult {
  Evidence evidence;
  JournalHead head;
  bool sealed = false;
  bool storage_failed = false;  ///< a record could not be stored: the run ended there, unsealed
  std::string problem;          ///< why it is not sealed
  /// A resume that these bad conditions forbid: nothing was run or recorded.
  std::vector<ConditionRecord> barred;
};

/// Runs what the journal does not yet hold of the plan. An Error when nothing could be begun: a
/// journal that exists already, or one that cannot be resumed, with what differs.
[[nodiscard]] Expected<CampaignResult> run_campaign(const CampaignRequest& request);

}  // namespace rackproof
