// SPDX-License-Identifier: Apache-2.0
#include "runner/supervisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "runner/environment.h"
#include "runner/goldens.h"
#include "runner/lock.h"
#include "runner/resume.h"
#include "runner/round.h"
#include "runner/telemetry_recovery.h"

namespace rackproof {
namespace {

constexpr const char* kJournalTaken = "another run is writing this journal";
constexpr int kTick_ms = 50;
constexpr auto kStall = std::chrono::milliseconds(500);  // a loop that took this long stood still

bool has_load(const CampaignRequest& request) {
  return !request.record_only && !request.plan.steps.empty();
}

std::vector<ConditionRecord> look_around(const CampaignRequest& request, const char* when) {
  EnvironmentRequest look;
  look.demands = request.plan.environment;
  look.rack = request.rack;
  if (!request.telemetry.root.empty()) look.root = request.telemetry.root;
  look.worker_command = request.worker_command;
  look.deadline_s = request.look_s;
  look.stop = request.stop;
  look.spawn = request.spawn;
  auto records = look_at_environment(look);
  for (ConditionRecord& record : records) record.when = when;
  return records;
}

std::vector<ConditionRecord> bars(const CampaignRequest& request,
                                  const std::vector<ConditionRecord>& records) {
  if (request.keep_going) return {};
  return forbidding(request.plan.environment, records);
}

class Campaign {
 public:
  Campaign(const CampaignRequest& request, Ledger& ledger) : request_(request), ledger_(ledger) {
    for (const EventRecord& event : ledger.evidence().events) {
      if (event.kind == "quarantine") quarantined_[event.device] = event.text;
    }
  }

  // `found`: of the environment, just now.
  void run(const std::vector<ConditionRecord>& found) {
    note(found);
    if (has_load(request_) && bars(request_, found).empty()) {
      run_steps();
      note(look_around(request_, kAfterLoad));
    }
    ledger_.end(stopping());
  }

  void note(const std::vector<ConditionRecord>& found) {
    for (const ConditionRecord& condition : found) {
      const ConditionRecord& recorded = ledger_.condition(condition);
      if (request_.progress != nullptr) request_.progress->condition(recorded);
    }
    ledger_.sync();
  }

  void note(EventRecord event) {
    const EventRecord& recorded = ledger_.event(std::move(event));
    if (request_.progress != nullptr) request_.progress->event(recorded);
  }

 private:
  [[nodiscard]] bool stopping() const {
    return request_.stop != nullptr && request_.stop->load(std::memory_order_relaxed);
  }

  void run_steps() {
    Telemetry telemetry(request_, ledger_);
    telemetry_ = &telemetry;
    telemetry.wait_until_ready();
    const auto& steps = request_.plan.steps;
    for (std::size_t i = 0; i < steps.size() && !stopping(); ++i) run_step(steps[i], i);
    telemetry.finish();
    telemetry_ = nullptr;
    if (stopping()) {
      note({.kind = "interrupted", .severity = "warning", .text = "stopped by the operator"});
    }
  }

  void run_step(const PlannedStep& step, std::size_t index) {
    if (remaining(ledger_.evidence(), step).empty()) return;
    Progress* progress = request_.progress;
    if (progress != nullptr) progress->step_started(step, index, request_.plan.steps.size());
    auto devices = fit(step, remaining(ledger_.evidence(), step));
    while (!devices.empty() && !stopping()) {
      devices = run_round(step, devices);
      devices = fit(step, std::move(devices));
    }
    ledger_.sync();
    if (progress != nullptr) progress->step_ended(step);
  }

  // Runs it once; which devices are to try again.
  std::vector<std::string> run_round(const PlannedStep& step,
                                     const std::vector<std::string>& devices) {
    telemetry_->step_began(step.id);
    Round round(request_, step, devices, ledger_, goldens_);
    while (!round.over()) tick(round);
    telemetry_->step_ended();
    ledger_.sync();
    for (const std::string& device : round.abandoned()) {
      quarantine(device, step.id, "its worker could not be killed");
    }
    if (step.drill || stopping()) return {};
    return to_repeat(step, devices, round.badly_ended());
  }

  std::vector<std::string> to_repeat(const PlannedStep& step,
                                     const std::vector<std::string>& devices,
                                     const std::vector<std::string>& bad) {
    bool repeat = !bad.empty();
    std::vector<std::string> again;
    for (const std::string& device : bad) {
      if (quarantined_.contains(device)) {
        repeat = false;
      } else if (bad_ends(ledger_.evidence(), step.id, device) >= 2) {
        quarantine(device, step.id, "its worker crashed or hung twice");
        repeat = false;
      } else {
        again.push_back(device);
      }
    }
    if (step.gang) return repeat ? devices : std::vector<std::string>{};
    return again;
  }

  void quarantine(const std::string& device, const std::string& step, const std::string& why) {
    if (quarantined_.contains(device)) return;
    quarantined_[device] = fmt::format("{} in {}", why, step);
    note({.kind = "quarantine",
          .severity = "warning",
          .device = device,
          .step = step,
          .text = quarantined_[device]});
  }

  // The devices that may run; the others are recorded with the reason.
  std::vector<std::string> fit(const PlannedStep& step, std::vector<std::string> devices) {
    const auto out =
        std::stable_partition(devices.begin(), devices.end(),
                              [&](const std::string& d) { return !quarantined_.contains(d); });
    const std::vector<std::string> barred(out, devices.end());
    devices.erase(out, devices.end());
    for (const std::string& device : barred) {
      leave_out(step, device, Outcome::not_run, "quarantined: " + quarantined_[device]);
    }
    return devices;
  }

  void leave_out(const PlannedStep& step, const std::string& device, Outcome outcome,
                 const std::string& why) {
    const std::uint64_t attempt = next_attempt(ledger_.evidence(), step.id, device);
    ledger_.task_start(step.id, device, attempt);
    ledger_.task_end(step.id, device, attempt, outcome, why);
    if (request_.progress != nullptr) {
      request_.progress->task_ended(step, ledger_.evidence().tasks.back());
    }
  }

  void tick(Round& round) {
    std::vector<pollfd> polls{{goldens_.wake_fd(), POLLIN, 0}};
    round.add_polls(polls);
    telemetry_->add_polls(polls);
    wait_for_news(polls, kTick_ms);
    goldens_.acknowledge();
    const auto now = Clock::now();
    forgive(round, now);
    if (stopping()) round.stop(now);
    round.pump(now);
    telemetry_->pump(now);
    ledger_.sync_when_due(now);
    last_tick_ = now;
  }

  // A suspended machine or a disk that blocked us makes every worker look silent. But where every
  // tick is slow, time must go on, or nobody's silence would ever end.
  void forgive(Round& round, Clock::time_point now) {
    const auto stall = now - last_tick_;
    const bool stalled = last_tick_ != Clock::time_point{} && stall > kStall;
    forgave_ = stalled && !forgave_;
    if (!forgave_) return;
    round.forgive(stall);
    telemetry_->forgive(stall);
  }

  const CampaignRequest& request_;
  Ledger& ledger_;
  Goldens goldens_;
  Telemetry* telemetry_ = nullptr;
  std::map<std::string, std::string> quarantined_;
  Clock::time_point last_tick_{};
  bool forgave_ = false;  // the tick before
};

void seal(const CampaignRequest& request, Ledger& ledger, CampaignResult& result) {
  if (!request.seal) {
    result.problem = "no seal was asked for";
    return;
  }
  ledger.seal(request.seal(ledger.evidence(), ledger.head()));
  result.sealed = true;
}

// From the first record after genesis to the seal; the journal exists by now, so nothing is an
// Error.
CampaignResult run_ledger(const CampaignRequest& request, Ledger& ledger,
                          const std::vector<ConditionRecord>& found,
                          const std::vector<EventRecord>& first, const RecoveredSegments& left) {
  CampaignResult result;
  try {
    for (const SegmentRecord& segment : left.segments) ledger.segment(segment);
    Campaign campaign(request, ledger);
    for (const EventRecord& event : left.events) campaign.note(event);
    for (const EventRecord& event : first) campaign.note(event);
    if (!ledger.evidence().finished) campaign.run(found);
    seal(request, ledger, result);
  } catch (const StorageError& problem) {
    result.storage_failed = true;
    result.problem = problem.what();
  } catch (const std::exception& problem) {
    result.problem = fmt::format("the runner failed: {}", problem.what());
  }
  result.evidence = ledger.evidence();
  result.head = ledger.head();
  return result;
}

Expected<CampaignResult> resume_campaign(const CampaignRequest& request,
                                         const std::filesystem::path& journal) {
  const auto lock = Lock::take(journal, kJournalTaken);
  if (!lock) return tl::unexpected(lock.error());
  auto replay = replay_journal(journal, request.genesis);
  if (!replay) return tl::unexpected(replay.error());
  const auto events = resume_events(*replay, request.genesis);
  std::vector<ConditionRecord> found;
  if (has_load(request) && !replay->evidence.finished) {
    found = look_around(request, kBeforeLoad);
    CampaignResult refused;
    refused.barred = bars(request, found);
    if (!refused.barred.empty()) return refused;  // a record of it would spoil the run for good
  }
  const auto left = recover_segments(request.bundle, replay->evidence);
  if (!left) return tl::unexpected(left.error());
  Ledger ledger(journal, replay->contents, std::move(replay->evidence));
  return run_ledger(request, ledger, found, events, *left);
}

Expected<CampaignResult> begin_campaign(const CampaignRequest& request,
                                        const std::filesystem::path& journal) {
  std::error_code problem;
  std::filesystem::create_directories(request.bundle, problem);
  if (problem) return tl::unexpected(Error{problem.message(), request.bundle.string()});
  if (std::filesystem::exists(journal)) {
    return tl::unexpected(
        Error{"holds a run already: resume it, or choose another folder", journal.string()});
  }
  std::vector<ConditionRecord> found;
  if (has_load(request)) found = look_around(request, kBeforeLoad);
  Ledger ledger(journal, request.genesis);
  const auto lock = Lock::take(journal, kJournalTaken);
  if (!lock) return tl::unexpected(lock.error());
  return run_ledger(request, ledger, found, {}, {});
}

}  // namespace

Expected<CampaignResult> run_campaign(const CampaignRequest& request) {
  const auto journal = request.bundle / "journal";
  try {
    return request.resume ? resume_campaign(request, journal) : begin_campaign(request, journal);
  } catch (const StorageError& problem) {  // not even the genesis could be stored
    CampaignResult result;
    result.storage_failed = true;
    result.problem = problem.what();
    return result;
  }
}

}  // namespace rackproof
