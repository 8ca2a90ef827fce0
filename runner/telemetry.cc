// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "runner/supervisor.h"
#include "runner/telemetry_message.h"
#include "runner/telemetry_worker.h"

namespace rackproof {
namespace {

constexpr std::size_t kMostReadings = 100000;  // in a tick
constexpr std::size_t kStepsKept = 100;
constexpr int kPoll_ms = 20;

Clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// A resume in the same boot goes on with the counters; after a reboot they began anew.
std::vector<SensorWindow> counters_so_far(const Evidence& evidence) {
  const auto& events = evidence.events;
  const auto last = std::find_if(events.rbegin(), events.rend(),
                                 [](const EventRecord& e) { return e.kind == "resumed"; });
  const bool same_boot = last != events.rend() && last->severity == "info";
  return same_boot ? evidence.sensors : std::vector<SensorWindow>{};
}

}  // namespace

Telemetry::Telemetry(const CampaignRequest& request, Ledger& ledger)
    : request_(request),
      settings_(request.telemetry),
      ledger_(ledger),
      begun_s_(ledger.at_s()),
      windows_(begun_s_, settings_.interval_s),
      store_(request.bundle, ledger),
      alarms_(request.rack.devices, [this](const EventRecord& event) { note_at(event); }),
      window_start_s_(begun_s_) {
  if (settings_.root.empty()) return;
  windows_.go_on_from(counters_so_far(ledger.evidence()));
  if (settings_.root != "/") {
    note({.kind = "sensor_root",
          .severity = "warning",
          .text = fmt::format("sensors and kernel log are read below {}, not of this machine",
                              settings_.root.string())});
  }
  start(Clock::now());
}

void Telemetry::start(Clock::time_point now) {
  ++starts_;
  last_heard_ = now;
  garbage_.clear();
  tick_.clear();
  std::vector<std::string> words = words_of({settings_.root, settings_.interval_s, kernel_.last()});
  words.insert(words.begin(), "telemetry");
  auto child = request_.spawn(with_words(request_.worker_command, words));
  if (!child) return failed("cannot be started: " + child.error().message, now);
  link_ = std::make_unique<Link>(*std::move(child));
}

void Telemetry::wait_until_ready() {
  const auto until = Clock::now() + from_seconds(settings_.ready_s);
  while (link_ && !ready_ && Clock::now() < until) {
    std::vector<pollfd> polls;
    add_polls(polls);
    wait_for_news(polls, kPoll_ms);
    pump(Clock::now());
  }
}

void Telemetry::step_began(const std::string& step) {
  write_windows();
  if (steps_.size() >= kStepsKept) steps_.erase(steps_.begin());
  steps_.push_back({step, ledger_.at_s(), 0});
}

void Telemetry::step_ended() {
  write_windows();
  if (!steps_.empty()) steps_.back().end_s = ledger_.at_s();
}

void Telemetry::pump(Clock::time_point now) {
  if (link_) read_link(now);
  store_.flush_when_due(ledger_.at_s());
  if (ledger_.at_s() - window_start_s_ >= window_s()) write_windows();
}

void Telemetry::read_link(Clock::time_point now) {
  const bool heard = link_->pump([this](const Json& message) {
    try {
      on_message(message);
    } catch (const StorageError&) {
      throw;
    } catch (const std::exception& problem) {
      garbage_ = problem.what();
    }
  });
  if (heard) last_heard_ = now;
  check(now);
}

void Telemetry::on_message(const Json& message) {
  const std::string kind = message.at("t");
  if (kind == "readings") take_tick(message);
  if (kind == "kernel") take_kernel_news(message);
  if (kind == "last") last_ = finishing_;
}

void Telemetry::take_tick(const Json& message) {
  auto part = tick_from_json(message);
  if (!part) throw std::runtime_error(part.error().message);
  for (Reading& reading : part->readings) tick_.push_back(plausible(std::move(reading)));
  if (tick_.size() > kMostReadings) throw std::runtime_error("a tick without an end");
  if (part->more) return;
  const double at_s = ledger_.at_s();
  for (const Reading& reading : tick_) {
    if (windows_.add(reading, at_s) && alarms_.minds(reading.sensor)) alarmed_ = true;
  }
  store_.tick(tick_, at_s);
  if (request_.progress != nullptr) request_.progress->readings(tick_);
  tick_.clear();
}

void Telemetry::take_kernel_news(const Json& message) {
  const auto news = kernel_news_from_json(message);
  if (!news) throw std::runtime_error(news.error().message);
  kernel_.add(*news, ledger_.at_s());
  for (const KernelRecord& record : news->records) {
    const double at_s = run_time_of(record.boot_s, news->offset_s);
    store_.logged(record, at_s);
    if (alarms_.logged(record, at_s, step_at(at_s))) alarmed_ = true;
  }
  ready_ = true;  // the first readings came before it
  if (news->proven || news->unproven.empty() || std::exchange(told_unproven_, true)) return;
  note({.kind = "note",
        .severity = "info",
        .text = "not proven that the kernel log is read: " + news->unproven});
}

// By the clocks' difference when it was read; never before the run, never in the future.
double Telemetry::run_time_of(double kernel_s, double offset_s) const {
  const double now_s = std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
  const double age_s = now_s - (kernel_s - offset_s);
  const double run_s = ledger_.at_s();
  if (!(age_s > 0)) return run_s;
  return std::max(begun_s_, run_s - age_s);
}

std::string Telemetry::step_at(double at_s) const {
  const auto found = std::find_if(steps_.rbegin(), steps_.rend(), [&](const StepTime& time) {
    return time.begin_s <= at_s && (time.end_s == 0 || at_s <= time.end_s);
  });
  return found == steps_.rend() ? "" : found->step;
}

void Telemetry::check(Clock::time_point now) {
  const double silent_s = std::chrono::duration<double>(now - last_heard_).count();
  if (link_->exit_status() && last_) {
    link_.reset();
  } else if (link_->exit_status()) {
    failed(describe_exit(*link_->exit_status()) + link_->stderr_note(), now);
  } else if (!garbage_.empty() || !link_->problem().empty()) {
    failed("broke the protocol: " + garbage_ + link_->problem(), now);
  } else if (silent_s > settings_.silence_s) {
    failed(fmt::format("silent for {:.1f} s", silent_s), now);
  }
}

void Telemetry::failed(const std::string& why, Clock::time_point now) {
  link_.reset();
  kernel_.reader_lost();
  const bool again = starts_ <= settings_.restarts && !finishing_;
  note({.kind = "telemetry",
        .severity = "warning",
        .text = fmt::format("telemetry process: {}; {}", why,
                            again        ? "started again"
                            : finishing_ ? "the last readings are missing"
                                         : "given up")});
  if (again) return start(now);
  kernel_.give_up("the telemetry process has ended: " + why, ledger_.at_s());
}

// What raises an alarm must not wait for a minute to be written down: the power may go before.
double Telemetry::window_s() const {
  if (alarmed_) return std::min(settings_.window_s, kAlarmed_s);
  return std::clamp(ledger_.at_s() / 60, settings_.window_s,
                    std::max(settings_.window_s, kLongestWindow_s));
}

void Telemetry::write_windows() {
  if (settings_.root.empty()) return;
  const double now_s = ledger_.at_s();
  const std::string step = !steps_.empty() && steps_.back().end_s == 0 ? steps_.back().step : "";
  for (const SensorWindows::Taken& taken : windows_.take(now_s)) {
    ledger_.sensor(taken.window);
    alarms_.rose(taken, step);
  }
  if (const auto window = kernel_.take(now_s)) ledger_.kernel_log(*window);
  alarms_.close_window();
  alarmed_ = false;
  window_start_s_ = now_s;
}

void Telemetry::note(EventRecord event) {
  event.at_s = ledger_.at_s();
  note_at(event);
}

void Telemetry::note_at(const EventRecord& event) {
  const EventRecord& recorded = ledger_.event_at(event);
  if (request_.progress != nullptr) request_.progress->event(recorded);
}

void Telemetry::finish() {
  finishing_ = true;
  if (link_) link_->send({{"t", "stop"}});
  const auto until = Clock::now() + from_seconds(2 * settings_.interval_s + 1);
  while (link_ && !last_) {
    std::vector<pollfd> polls;
    add_polls(polls);
    wait_for_news(polls, kPoll_ms);
    const auto now = Clock::now();
    pump(now);
    if (link_ && !last_ && now > until) failed("did not end when asked", now);
  }
  link_.reset();
  write_windows();
  store_.close();
}

void Telemetry::add_polls(std::vector<pollfd>& polls) const {
  if (link_) link_->add_polls(polls);
}

}  // namespace rackproof
