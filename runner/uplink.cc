// SPDX-License-Identifier: Apache-2.0
#include "runner/uplink.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runner/message.h"

namespace rackproof {
namespace {

constexpr int kSupervisorGone = 75;  // EX_TEMPFAIL of sysexits.h
constexpr auto kBeat = std::chrono::milliseconds(250);

}  // namespace

Uplink::Uplink(int fd) : fd_(fd), listener_([this] { listen(); }) {}

Uplink::~Uplink() {
  closing_ = true;
  ::shutdown(fd_, SHUT_RD);
  listener_.join();
}

void Uplink::send(const Json& message) {
  const std::string line = encode(message);
  const std::lock_guard lock(sending_);
  if (!send_all(fd_, line)) std::_Exit(kSupervisorGone);
  last_sent_ = Clock::now();
}

void Uplink::beat() {
  {
    const std::lock_guard lock(sending_);
    if (Clock::now() - last_sent_ < kBeat) return;
  }
  send({{"t", "beat"}});
}

std::string Uplink::wait_for(const std::string& kind) {
  std::unique_lock lock(arriving_);
  arrived_.wait(lock, [&] { return stop_ || messages_.contains(kind); });
  auto message = messages_.extract(kind);
  return message ? std::move(message.mapped()) : std::string();
}

bool Uplink::stopped_before(Clock::time_point then) {
  std::unique_lock lock(arriving_);
  return arrived_.wait_until(lock, then, [this] { return stop_.load(); });
}

void Uplink::listen() {
  LineBuffer lines;
  char buffer[65536];
  while (true) {
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (closing_) return;
    if (got <= 0) std::_Exit(kSupervisorGone);
    lines.append({buffer, static_cast<std::size_t>(got)});
    while (const auto line = lines.next()) take(*line);
  }
}

void Uplink::take(const std::string& line) {
  const auto message = decode(line);
  if (!message) return;
  const std::string kind = (*message)["t"];
  const std::lock_guard lock(arriving_);
  if (kind == "stop") stop_ = true;
  messages_[kind] = line;
  arrived_.notify_all();
}

}  // namespace rackproof
