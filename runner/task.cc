// SPDX-License-Identifier: Apache-2.0
#include "runner/task.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "runner/exchange.h"

namespace rackproof {
namespace {

double seconds(Clock::duration span) { return std::chrono::duration<double>(span).count(); }

bool has_missing(const WindowRecord& window) {
  return std::any_of(window.faults.begin(), window.faults.end(),
                     [](const FaultRecord& f) { return f.kind == name(FaultKind::missing); });
}

std::string text_of(const Json& message, const char* key) {
  return shortened(plain_ascii(message.at(key).get<std::string>()));
}

}  // namespace

Task::Task(const Assignment& assignment, const TaskLimits& limits, std::unique_ptr<Child> child,
           Clock::time_point now)
    : settings_(assignment.settings),
      limits_(limits),
      link_(std::move(child)),
      begun_(now),
      last_heard_(now),
      oom_before_(oom_kills()) {
  bounds_.faults = settings_.faults;
  bounds_.stressor = find_stressor(settings_.stressor);
  bounds_.peers = settings_.peers;
  std::erase(bounds_.peers, settings_.device);
  link_.send(to_json(assignment));
}

void Task::know(const DeviceInfo& device) {
  bounds_.cores = device.cores;
  bounds_.memory_bytes =
      static_cast<double>(std::max(device.memory_bytes, device.allocatable_bytes));
}

void Task::pump(Clock::time_point now) {
  if (over_) return;
  const bool heard = link_.pump([&](const Json& message) {
    try {
      on_message(message, now);
    } catch (const std::exception& problem) {
      disbelieve(fmt::format("broke the protocol: {}", problem.what()), now);
    }
  });
  if (heard) last_heard_ = now;
  if (!link_.problem().empty() && !ending_)
    disbelieve("broke the protocol: " + link_.problem(), now);
  if (link_.exit_status()) {
    finish(*link_.exit_status());
  } else {
    check_limits(now);
  }
}

void Task::on_message(const Json& message, Clock::time_point now) {
  const std::string kind = message.at("t");
  if ((state_ == State::starting) != (kind == "hello")) {
    throw std::runtime_error("'" + plain_ascii(kind) + "' out of order");
  }
  if (said_ && !stopping_ && kind != "beat")
    throw std::runtime_error("'" + plain_ascii(kind) + "' while it waits for its peers");
  const bool last_word = kind == "unsupported" || kind == "error" || kind == "done";
  if (ending_ && last_word) return;  // it has its outcome
  if (state_ == State::said_last) throw std::runtime_error("a message after its last word");
  if (kind == "hello") {
    state_ = State::preparing;
  } else if (kind == "phase") {
    on_phase(message.at("phase"));
  } else if (kind == "barrier") {
    if (state_ != State::preparing || !settings_.gang)
      throw std::runtime_error("a barrier out of order");
    state_ = State::barrier;
  } else if (kind == "exchange") {
    on_exchange(message);
  } else if (kind == "window") {
    on_window(message, now);
  } else if (kind == "unsupported") {
    on_last_word(Outcome::unsupported, text_of(message, "reason"), now);
  } else if (kind == "error") {
    on_last_word(Outcome::device_error, text_of(message, "text"), now);
  } else if (kind == "done") {
    on_last_word(Outcome::finished, "", now);
  } else if (kind != "beat") {
    throw std::runtime_error("a message of unknown kind '" + plain_ascii(kind) + "'");
  }
}

void Task::on_phase(const std::string& phase) {
  if (phase == "prepare" && state_ == State::preparing) return;
  const State before_load = settings_.gang ? State::started : State::preparing;
  // A stopped member leaves its barrier without a go.
  const bool released = state_ == before_load || (stopping_ && state_ == State::barrier);
  if (phase != "load" || !released) throw std::runtime_error("a phase out of order");
  state_ = State::loading;
}

void Task::on_exchange(const Json& message) {
  if (settings_.peers.size() < 2) throw std::runtime_error("an exchange without peers");
  if (state_ != State::preparing && state_ != State::loading)
    throw std::runtime_error("an exchange out of order");
  if (message.at("round").get<std::uint64_t>() != exchanges_)
    throw std::runtime_error(
        fmt::format("an exchange that is not number {} of it", exchanges_ + 1));
  const auto& digits = message.at("bytes").get_ref<const std::string&>();
  if (const auto bytes = bytes_of_hex(digits); !bytes)
    throw std::runtime_error(bytes.error().message);
  said_ = digits;
  ++exchanges_;
}

void Task::on_window(const Json& message, Clock::time_point now) {
  if (state_ != State::loading) throw std::runtime_error("a window before the load began");
  bounds_.elapsed_s = seconds(std::max(now, Clock::now()) - begun_);
  auto window = checked_window(message, bounds_);
  if (!window) throw std::runtime_error(window.error().message);
  for (const FaultRecord& fault : window->faults) bounds_.seen.insert(fault.id);
  last_window_missing_ = has_missing(*window);
  ++window_count_;
  windows_.push_back(*std::move(window));
}

void Task::on_last_word(Outcome outcome, std::string detail, Clock::time_point now) {
  if (outcome == Outcome::finished && !stopping_) check_work_done();
  state_ = State::said_last;
  last_word_ = now;
  outcome_ = stopping_ && outcome == Outcome::finished ? Outcome::aborted : outcome;
  detail_ = *outcome_ == Outcome::aborted ? "stopped by the operator" : std::move(detail);
}

// Measured from before the assignment was sent, so that no delay of ours can make a worker look
// hasty.
void Task::check_work_done() const {
  if (state_ != State::loading) throw std::runtime_error("done before its load began");
  const double passed_s = seconds(Clock::now() - begun_);
  if (!settings_.drill && passed_s < settings_.duration_s) {
    throw std::runtime_error(
        fmt::format("done after {:.1f} s of a load of {:.1f} s", passed_s, settings_.duration_s));
  }
}

void Task::go(Clock::time_point start) {
  if (state_ != State::barrier || ending_) return;
  state_ = State::started;
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(start.time_since_epoch());
  link_.send({{"t", "go"}, {"start_ns", ns.count()}});
  last_heard_ = std::max(last_heard_, start);
}

void Task::exchanged(const std::vector<std::string>& all, Clock::time_point now) {
  if (!said_ || ending_) return;
  said_.reset();
  link_.send({{"t", "exchanged"}, {"all", all}});
  last_heard_ = now;
}

void Task::stop(Clock::time_point now) {
  if (stopping_ || over_) return;
  stopping_ = now;
  link_.send({{"t", "stop"}});
}

void Task::end(Outcome outcome, std::string detail, Clock::time_point now) {
  if (ending_ || over_ || state_ == State::said_last) return;
  outcome_ = outcome;
  detail_ = std::move(detail);
  ending_ = true;
  killed_ = now;
  link_.kill();
}

void Task::disbelieve(const std::string& why, Clock::time_point now) {
  outcome_ = Outcome::garbage;
  detail_ = shortened(plain_ascii(why));
  windows_.clear();
  link_.ignore();
  if (ending_ || over_) return;
  ending_ = true;
  killed_ = now;
  link_.kill();
}

void Task::forgive(Clock::duration stall) {
  last_heard_ += stall;
  last_word_ += stall;
  killed_ += stall;
  forgiven_s_ += seconds(stall);
}

std::string Task::whereabouts() const {
  if (state_ == State::loading) return fmt::format("under load after {} windows", window_count_);
  return state_ == State::said_last ? "after its last word" : "while preparing";
}

void Task::check_limits(Clock::time_point now) {
  if (ending_) {
    if (seconds(now - killed_) < limits_.reap_s) return;
    over_ = abandoned_ = true;
    detail_ += fmt::format("; cannot be killed: abandoned after {:.0f} s", limits_.reap_s);
    return;
  }
  if (stopping_ && seconds(now - *stopping_) > limits_.stop_s) {
    end(Outcome::aborted, "stopped by the operator, and killed", now);
  }
  if (state_ == State::said_last) {
    if (seconds(now - last_word_) <= limits_.exit_s) return;
    state_ = State::loading;
    return end(Outcome::hung,
               fmt::format("did not exit within {:.1f} s of its last word{}", limits_.exit_s,
                           link_.stderr_note()),
               now);
  }
  // Who waits for its gang is healthy: the deadline is for the member that does not come.
  const bool waiting = state_ == State::barrier || said_;
  if (!waiting && seconds(now - begun_) > limits_.deadline_s + forgiven_s_) {
    end(Outcome::hung,
        fmt::format("past the step's deadline of {:.1f} s, {}{}", limits_.deadline_s, whereabouts(),
                    link_.stderr_note()),
        now);
  }
  check_silence(now);
}

// A drill's silence is short, so that its planned missing answer costs little. Any other silence of
// it is no fault of the device so soon: a busy host keeps a healthy worker from its core for
// seconds.
double Task::patience_s(bool expected) const {
  return settings_.drill && !expected ? std::max(limits_.silence_s, limits_.drill_silence_s)
                                      : limits_.silence_s;
}

void Task::check_silence(Clock::time_point now) {
  const double silent_s = seconds(now - last_heard_);
  const bool loaded = state_ == State::loading || state_ == State::started;
  const bool expected = settings_.drill && last_window_missing_;
  if (!loaded || said_ || ending_ || silent_s <= patience_s(expected)) return;
  if (expected) {
    expected_hang_ = true;
    return end(Outcome::hung, fmt::format("drill: missing answer noticed after {:.1f} s", silent_s),
               now);
  }
  end(Outcome::hung,
      fmt::format("silent for {:.1f} s {}{}", silent_s, whereabouts(), link_.stderr_note()), now);
}

// It had not said a word, so it had not touched its device.
void Task::never_began(int status) {
  outcome_ = Outcome::device_error;
  detail_ = "its worker did not begin: " + describe_exit(status) + link_.stderr_note();
}

void Task::finish(int status) {
  over_ = true;
  if (ending_) return;
  const bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (clean && outcome_) return;
  if (clean && stopping_) {
    outcome_ = Outcome::aborted;
    detail_ = "stopped by the operator";
    return;
  }
  if (state_ == State::starting) return never_began(status);
  std::string detail = describe_exit(status) + " " + whereabouts();
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && oom_kills() > oom_before_) {
    detail += "; the kernel's out-of-memory killer was at work";
  }
  if (!detail_.empty()) detail += "; its last word: " + detail_;
  outcome_ = Outcome::crashed;
  detail_ = detail + link_.stderr_note();
}

}  // namespace rackproof
