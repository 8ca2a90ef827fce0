// SPDX-License-Identifier: Apache-2.0
// One step, once, on some devices at the same time: a worker each. Windows wait for their goldens
// and are recorded in order, a task's end after its last window.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/goldens.h"
#include "runner/ledger.h"
#include "runner/supervisor.h"
#include "runner/task.h"

namespace rackproof {

/// Not thread-safe. Throws StorageError when a record cannot be stored; its workers die with it.
class Round {
 public:
  Round(const CampaignRequest& request, const PlannedStep& step,
        const std::vector<std::string>& devices, Ledger& ledger, Goldens& goldens);

  void pump(Clock::time_point now);
  void stop(Clock::time_point now);
  void forgive(Clock::duration stall);
  /// Every task has ended and all is recorded.
  [[nodiscard]] bool over() const;
  void add_polls(std::vector<pollfd>& polls) const;

  /// Devices whose worker crashed or hung unexpectedly.
  [[nodiscard]] std::vector<std::string> badly_ended() const;
  /// Devices whose worker could not even be killed.
  [[nodiscard]] std::vector<std::string> abandoned() const;

 private:
  struct Waiting {
    WindowRecord window;
    std::vector<std::shared_ptr<const Golden>> goldens;  ///< one a tally; null: nothing to compare
  };
  struct Member {
    std::string device;
    std::size_t gang = 0;  ///< members of one start together and lose each other
    std::uint64_t attempt = 1;
    std::unique_ptr<Task> task;  ///< null: its worker could not be started
    std::deque<Waiting> waiting;
    bool uncompared = false;                 ///< a window was recorded without its goldens
    bool recorded = false;                   ///< its task_end is written
    std::optional<Clock::time_point> ended;  ///< when its worker was first seen to have
    bool told = false;                       ///< that windows still wait then
  };

  void begin(Member& member, const DeviceInfo& info, const std::vector<std::string>& peers);
  void pump_member(Member& member, Clock::time_point now);
  void queue_windows(Member& member);
  [[nodiscard]] bool waited_enough(Clock::time_point now) const;
  void name_dimms(WindowRecord& window) const;
  void record_windows(Member& member, Clock::time_point now);
  void record_end(Member& member);
  void tell_waiting(Member& member, Clock::time_point now);
  void end_task(Member& member, Outcome outcome, const std::string& detail);
  [[nodiscard]] std::vector<Member*> gang(std::size_t number);
  [[nodiscard]] Member* lost_member(const std::vector<Member*>& gang) const;
  void lose_gangs(Clock::time_point now);
  void release_gangs(Clock::time_point now);

  const CampaignRequest& request_;
  const PlannedStep& step_;
  Ledger& ledger_;
  Goldens& goldens_;
  std::vector<Member> members_;
  std::vector<bool> lost_;  // by gang
  std::optional<Clock::time_point> stopped_;
};

}  // namespace rackproof
