// SPDX-License-Identifier: Apache-2.0
#include "runner/round.h"

#include <fmt/format.h>

#include <algorithm>

#include "hardware/memory_map.h"
#include "runner/resume.h"

namespace rackproof {
namespace {

constexpr auto kGangLead = std::chrono::milliseconds(100);  // for go to reach every member in time

const DeviceInfo* find_device(const Rack& rack, const std::string& id) {
  const auto found = std::find_if(rack.devices.begin(), rack.devices.end(),
                                  [&](const DeviceInfo& d) { return d.id == id; });
  return found == rack.devices.end() ? nullptr : &*found;
}

std::string spec_of(const std::map<std::string, std::string>& specs, const std::string& backend) {
  const auto found = specs.find(backend);
  return found == specs.end() ? std::string() : found->second;
}

bool all_ready(const std::vector<std::shared_ptr<const Golden>>& goldens) {
  return std::all_of(goldens.begin(), goldens.end(),
                     [](const auto& golden) { return !golden || golden->ready; });
}

bool needs_peers(const PlannedStep& step) {
  const StressorInfo* stressor = find_stressor(step.stressor);
  return stressor != nullptr && stressor->peers != Peers::none;
}

bool holds(const std::vector<std::string>& devices, const std::string& device) {
  return std::find(devices.begin(), devices.end(), device) != devices.end();
}

// Fills in what the worker never saw; an Error for work that no golden exists for at all.
Expected<void> fill_expected(WindowRecord& window,
                             const std::vector<std::shared_ptr<const Golden>>& goldens) {
  for (std::size_t i = 0; i < goldens.size(); ++i) {
    window.work[i].expected.reset();
    if (!goldens[i] || !goldens[i]->ready) continue;
    const auto& answer = goldens[i]->answer;
    if (!answer) return tl::unexpected(answer.error());
    if (*answer) window.work[i].expected = Bits{**answer};
  }
  return {};
}

}  // namespace

Round::Round(const CampaignRequest& request, const PlannedStep& step,
             const std::vector<std::string>& devices, Ledger& ledger, Goldens& goldens)
    : request_(request), step_(step), ledger_(ledger), goldens_(goldens) {
  const auto gangs = gangs_of(step, devices, request.rack.devices);
  lost_.assign(gangs.size(), false);
  for (const std::string& device : devices) {
    Member& member = members_.emplace_back();
    member.device = device;
    member.gang = static_cast<std::size_t>(
        std::find_if(gangs.begin(), gangs.end(), [&](const auto& g) { return holds(g, device); }) -
        gangs.begin());
    member.attempt = next_attempt(ledger.evidence(), step.id, device);
    ledger.task_start(step.id, device, member.attempt);
    const DeviceInfo* info = find_device(request.rack, device);
    if (info == nullptr) {
      end_task(member, Outcome::not_run, "was not found at discovery");
    } else {
      begin(member, *info, gangs[member.gang]);
    }
  }
}

void Round::begin(Member& member, const DeviceInfo& info, const std::vector<std::string>& peers) {
  auto child = request_.spawn(with_words(request_.worker_command, {"step"}));
  if (!child) {
    const std::string why = "its worker could not be started: " + child.error().message;
    return end_task(member, Outcome::device_error, why);
  }
  Assignment assignment;
  assignment.settings =
      settings_for(step_, member.device, ledger_.evidence().genesis.seed, member.attempt);
  if (needs_peers(step_)) assignment.settings.peers = peers;
  assignment.backend = info.backend;
  assignment.device = info.id;
  assignment.spec = spec_of(request_.specs, info.backend);
  TaskLimits limits = request_.limits;
  limits.deadline_s = step_.deadline_s;
  limits.silence_s = step_.silence_s;
  member.task = std::make_unique<Task>(assignment, limits, *std::move(child), Clock::now());
  member.task->know(info);
}

void Round::pump(Clock::time_point now) {
  std::vector<Member*> order;
  for (Member& member : members_) {
    if (member.task) order.push_back(&member);
  }
  // When a gang stands still, the one that fell silent first is the culprit.
  std::sort(order.begin(), order.end(), [](const Member* a, const Member* b) {
    return a->task->last_heard() < b->task->last_heard();
  });
  for (Member* member : order) {
    pump_member(*member, now);
    if (step_.gang) lose_gangs(now);
  }
  if (step_.gang) release_gangs(now);
}

void Round::pump_member(Member& member, Clock::time_point now) {
  member.task->pump(now);
  queue_windows(member);
  record_windows(member, now);
  record_end(member);
  tell_waiting(member, now);
}

void Round::queue_windows(Member& member) {
  for (WindowRecord& window : member.task->take_windows()) {
    Waiting waiting{std::move(window), {}};
    for (const WorkTally& tally : waiting.window.work) {
      const WorkKey key{tally.work, tally.pattern, tally.address_bit, tally.half};
      waiting.goldens.push_back(tally.digest ? goldens_.request(key) : nullptr);
    }
    member.waiting.push_back(std::move(waiting));
  }
}

// An operator who stops a run does not wait for a long queue of goldens: what is not compared by
// then says so in the record, and is no finished task.
bool Round::waited_enough(Clock::time_point now) const {
  const std::chrono::duration<double> patience(2 * request_.limits.stop_s);
  return stopped_ && now - *stopped_ > patience;
}

void Round::record_windows(Member& member, Clock::time_point now) {
  const bool hurry = waited_enough(now);
  while (!member.waiting.empty() && (hurry || all_ready(member.waiting.front().goldens))) {
    Waiting& next = member.waiting.front();
    member.uncompared = member.uncompared || !all_ready(next.goldens);
    const auto filled = fill_expected(next.window, next.goldens);
    if (!filled) {
      member.task->disbelieve("reported " + filled.error().message, now);
      member.waiting.clear();
      return;
    }
    name_dimms(next.window);
    ledger_.window(step_.id, member.device, member.attempt, next.window);
    if (request_.progress != nullptr) request_.progress->window(step_, member.device, next.window);
    member.waiting.pop_front();
  }
}

// A worker sees addresses, the supervisor the firmware's table. Nobody changes a DIMM for a drill.
void Round::name_dimms(WindowRecord& window) const {
  for (Finding& finding : window.findings) {
    finding.dimm.clear();
    if (finding.address == 0 || step_.drill || request_.telemetry.root.empty()) continue;
    finding.dimm = dimm_of_address(request_.telemetry.root, finding.address).value_or("");
  }
}

// Whoever watches would take a supervisor that computes for one that hangs.
void Round::tell_waiting(Member& member, Clock::time_point now) {
  if (member.told || member.recorded || !member.task->ended()) return;
  if (!member.ended) member.ended = now;
  if (now - *member.ended < std::chrono::duration<double>(request_.limits.quiet_s)) return;
  member.told = true;
  if (request_.progress == nullptr) return;
  request_.progress->comparing(step_, member.device, member.waiting.size());
}

void Round::record_end(Member& member) {
  if (member.recorded || !member.task->ended() || !member.waiting.empty()) return;
  const Outcome outcome = member.task->outcome();
  if (outcome == Outcome::finished && member.uncompared)
    return end_task(member, Outcome::aborted,
                    "stopped by the operator before all its results were compared");
  end_task(member, outcome, member.task->detail());
}

void Round::end_task(Member& member, Outcome outcome, const std::string& detail) {
  ledger_.task_end(step_.id, member.device, member.attempt, outcome, detail);
  member.recorded = true;
  if (request_.progress == nullptr) return;
  const auto& tasks = ledger_.evidence().tasks;
  const auto mine = std::find_if(tasks.rbegin(), tasks.rend(), [&](const TaskRecord& t) {
    return t.step == step_.id && t.device == member.device;
  });
  request_.progress->task_ended(step_, *mine);
}

std::vector<Round::Member*> Round::gang(std::size_t number) {
  std::vector<Member*> all;
  for (Member& member : members_) {
    if (member.gang == number) all.push_back(&member);
  }
  return all;
}

// The first that its gang cannot count on any more; null: all are there.
Round::Member* Round::lost_member(const std::vector<Member*>& gang) const {
  const bool exchanging = std::any_of(gang.begin(), gang.end(),
                                      [](const Member* m) { return m->task && m->task->said(); });
  const auto dead = std::find_if(gang.begin(), gang.end(), [&](const Member* m) {
    if (!m->task || m->task->lost()) return true;
    return m->task->ended() && (m->task->before_load() || (exchanging && !stopped_));
  });
  return dead == gang.end() ? nullptr : *dead;
}

void Round::lose_gangs(Clock::time_point now) {
  for (std::size_t number = 0; number < lost_.size(); ++number) {
    const auto members = gang(number);
    const Member* dead = lost_[number] ? nullptr : lost_member(members);
    if (dead == nullptr) continue;
    lost_[number] = true;
    const std::string why =
        dead->task ? fmt::format("{} ({})", name(dead->task->outcome()), dead->task->detail())
                   : "no worker";
    for (Member* member : members) {
      if (member == dead || !member->task) continue;
      member->task->end(Outcome::gang_lost, fmt::format("lost {}: {}", dead->device, why), now);
    }
  }
}

// A gang goes on when all its members wait at the same place. One that asks for the start while
// another exchanges would wait for ever: it is not the program that the others are.
void Round::release_gangs(Clock::time_point now) {
  for (std::size_t number = 0; number < lost_.size(); ++number) {
    const auto members = gang(number);
    std::vector<std::string> said;
    std::size_t at_barrier = 0;
    for (const Member* member : members) {
      if (member->task && member->task->said()) said.push_back(*member->task->said());
      at_barrier += member->task && member->task->at_barrier() ? 1 : 0;
    }
    if (at_barrier + said.size() < members.size()) continue;
    for (Member* member : members) {
      if (said.empty()) {
        member->task->go(now + kGangLead);
      } else if (member->task->said()) {
        if (at_barrier == 0) member->task->exchanged(said, now);
      } else {
        member->task->disbelieve("asked for the start while its peers exchange", now);
      }
    }
  }
}

void Round::stop(Clock::time_point now) {
  if (!stopped_) stopped_ = now;
  for (Member& member : members_) {
    if (member.task) member.task->stop(now);
  }
}

void Round::forgive(Clock::duration stall) {
  for (Member& member : members_) {
    if (member.task) member.task->forgive(stall);
  }
}

bool Round::over() const {
  return std::all_of(members_.begin(), members_.end(), [](const Member& m) { return m.recorded; });
}

void Round::add_polls(std::vector<pollfd>& polls) const {
  for (const Member& member : members_) {
    if (member.task && !member.task->ended()) member.task->add_polls(polls);
  }
}

std::vector<std::string> Round::badly_ended() const {
  std::vector<std::string> devices;
  for (const Member& member : members_) {
    if (!member.task || member.task->expected_hang()) continue;
    const Outcome outcome = member.task->outcome();
    if (outcome == Outcome::crashed || outcome == Outcome::hung) devices.push_back(member.device);
  }
  return devices;
}

std::vector<std::string> Round::abandoned() const {
  std::vector<std::string> devices;
  for (const Member& member : members_) {
    if (member.task && member.task->abandoned()) devices.push_back(member.device);
  }
  return devices;
}

}  // namespace rackproof
