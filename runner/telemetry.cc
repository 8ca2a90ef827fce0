// SPDX-License-Identifier: Apache-2.0
#include "runner/telemetry.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "runner/telemetry_worker.h"

namespace rackproof {

Telemetry::Telemetry(TelemetrySettings settings, std::vector<std::string> worker_command,
                     Spawn spawn, Ledger& ledger)
    : settings_(std::move(settings)),
      command_(with_words(std::move(worker_command), {"telemetry", settings_.root.string(),
                                                      std::to_string(settings_.interval_s)})),
      spawn_(std::move(spawn)),
      ledger_(ledger),
      window_start_s_(ledger.at_s()) {
  if (!settings_.root.empty()) start(Clock::now());
}

void Telemetry::start(Clock::time_point now) {
  ++starts_;
  last_heard_ = now;
  garbage_.clear();
  auto child = spawn_(command_);
  if (!child) return failed("cannot be started: " + child.error().message, now);
  link_ = std::make_unique<Link>(*std::move(child));
}

void Telemetry::pump(Clock::time_point now) {
  if (link_) {
    const bool heard = link_->pump([this](const Json& message) {
      try {
        on_message(message);
      } catch (const std::exception& problem) {
        garbage_ = problem.what();
      }
    });
    if (heard) last_heard_ = now;
    check(now);
  }
  if (ledger_.at_s() - window_start_s_ >= settings_.window_s) write_windows();
}

void Telemetry::on_message(const Json& message) {
  if (message.at("t") != "readings") return;
  for (const Json& entry : message.at("list")) {
    const auto reading = reading_from_json(entry);
    if (!reading) throw std::runtime_error(reading.error().message);
    windows_.add(*reading);
  }
}

void Telemetry::check(Clock::time_point now) {
  const double silent_s = std::chrono::duration<double>(now - last_heard_).count();
  if (link_->exit_status()) {
    failed(describe_exit(*link_->exit_status()) + link_->stderr_note(), now);
  } else if (!garbage_.empty() || !link_->problem().empty()) {
    failed("broke the protocol: " + garbage_ + link_->problem(), now);
  } else if (silent_s > settings_.silence_s) {
    failed(fmt::format("silent for {:.1f} s", silent_s), now);
  }
}

void Telemetry::failed(const std::string& why, Clock::time_point now) {
  link_.reset();
  const bool again = starts_ <= settings_.restarts;
  ledger_.event({.kind = "telemetry",
                 .severity = "warning",
                 .text = fmt::format("telemetry process: {}; {}", why,
                                     again ? "started again" : "given up")});
  if (again) start(now);
}

void Telemetry::write_windows() {
  const double now_s = ledger_.at_s();
  for (const SensorWindow& window : windows_.take(window_start_s_, now_s)) ledger_.sensor(window);
  window_start_s_ = now_s;
}

void Telemetry::finish() {
  link_.reset();
  write_windows();
}

void Telemetry::add_polls(std::vector<pollfd>& polls) const {
  if (link_) link_->add_polls(polls);
}

}  // namespace rackproof
