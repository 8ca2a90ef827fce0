// SPDX-License-Identifier: Apache-2.0
#include "runner/link.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

constexpr std::size_t kErrorsKept = 4096;
constexpr int kReadsAtOnce = 64;  // of 64 KiB: one flooding worker must not starve its siblings
constexpr int kLastRounds = 64;   // more than a socket holds: a dead worker's child may still write

}  // namespace

Link::Link(std::unique_ptr<Child> child) : child_(std::move(child)) {}

void Link::send(const Json& message) {
  pending_ += encode(message);
  write_pending();
}

bool Link::pump(const std::function<void(const Json&)>& on_message) {
  // Reaped first: whatever a dead worker had sent is in the socket by now.
  const auto status = child_->reap();
  write_pending();
  bool heard = false;
  for (int round = 0; round < (status ? kLastRounds : 1); ++round) {
    const bool more = read_control();
    heard = heard || more;
    hand_on(on_message);
    if (!more) break;
  }
  read_errors();
  if (status && !ignoring_ && problem_.empty() && !lines_.empty()) {
    problem_ = "its last message broke off";
  }
  exit_status_ = status;
  return heard;
}

bool Link::read_control() {
  char buffer[65536];
  bool heard = false;
  for (int i = 0; i < kReadsAtOnce && !closed_; ++i) {
    const ssize_t got = ::recv(child_->control(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    closed_ = got <= 0;
    if (closed_) break;
    heard = true;
    if (!ignoring_) lines_.append({buffer, static_cast<std::size_t>(got)});
  }
  return heard;
}

void Link::hand_on(const std::function<void(const Json&)>& on_message) {
  while (!ignoring_) {
    const auto line = lines_.next();
    if (!line && !lines_.oversized()) return;
    if (!line || line->size() >= kMaxLineBytes) {
      problem_ = "a line longer than 1 MiB";
      break;
    }
    const auto message = decode(*line);
    if (!message) {
      problem_ = message.error().message;
      break;
    }
    on_message(*message);
  }
  ignoring_ = true;
}

void Link::read_errors() {
  char buffer[4096];
  for (int i = 0; i < kReadsAtOnce && !errors_closed_; ++i) {
    const ssize_t got = ::read(child_->errors(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    errors_closed_ = got <= 0;
    if (errors_closed_) break;
    errors_.append(buffer, static_cast<std::size_t>(got));
    if (errors_.size() > kErrorsKept) errors_.erase(0, errors_.size() - kErrorsKept);
  }
}

void Link::write_pending() {
  while (!pending_.empty()) {
    const ssize_t put =
        ::send(child_->control(), pending_.data(), pending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) return;
    if (put < 0) {
      pending_.clear();  // the worker is gone: its exit says more than this write
      return;
    }
    pending_.erase(0, static_cast<std::size_t>(put));
  }
}

std::string Link::stderr_note() const {
  const std::string text = plain_ascii(errors_);
  return text.empty() ? text : "; stderr: " + text;
}

void Link::add_polls(std::vector<pollfd>& polls) const {
  const short out = pending_.empty() ? 0 : POLLOUT;
  if (!closed_) polls.push_back({child_->control(), static_cast<short>(POLLIN | out), 0});
  if (!errors_closed_) polls.push_back({child_->errors(), POLLIN, 0});
}

void wait_for_news(std::vector<pollfd>& polls, int timeout_ms) {
  (void)::poll(polls.data(), polls.size(), timeout_ms);
}

}  // namespace rackproof
