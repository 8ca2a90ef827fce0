// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace rackproof {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// POSIX: the first of the three that is set and not empty decides.
bool utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = variable(name);
    if (value.empty()) continue;
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

std::optional<ColorMode> color_mode(std::string_view word) {
  if (word == "auto") return ColorMode::automatic;
  if (word == "never") return ColorMode::never;
  if (word == "always") return ColorMode::always;
  return std::nullopt;
}

Look look_of_environment(ColorMode mode) {
  const bool refused = !variable("NO_COLOR").empty() && mode != ColorMode::always;
  return {.color = mode != ColorMode::never && !refused, .utf8 = utf8_locale()};
}

std::unique_ptr<Terminal> Terminal::of_stdout(ColorMode mode) {
  const std::string kind = variable("TERM");
  if (::isatty(STDOUT_FILENO) == 0 || kind.empty() || kind == "dumb") return nullptr;
  char path[256];
  if (::ttyname_r(STDOUT_FILENO, path, sizeof path) != 0) return nullptr;
  const int fd = ::open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  return std::make_unique<Terminal>(fd, look_of_environment(mode));
}

Terminal::~Terminal() { ::close(fd_); }

Screen Terminal::screen() const {
  Screen screen{.look = look_};
  winsize size{};
  if (::ioctl(fd_, TIOCGWINSZ, &size) != 0) return screen;
  if (size.ws_col > 0) screen.columns = size.ws_col;  // 0: a serial line that was never told
  if (size.ws_row > 0) screen.rows = size.ws_row;
  return screen;
}

bool Terminal::in_foreground() const {
  const pid_t group = ::tcgetpgrp(fd_);
  return group < 0 || group == ::getpgrp();
}

std::size_t Terminal::write(std::string_view bytes, std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + patience;
  std::size_t written = 0;
  while (written < bytes.size() && !gone_) {
    const ssize_t n = ::write(fd_, bytes.data() + written, bytes.size() - written);
    if (n >= 0) {
      written += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      pollfd ready{fd_, POLLOUT, 0};
      if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) == 0) break;
    } else if (errno != EINTR) {
      gone_ = true;
    }
  }
  return written;
}

}  // namespace rackproof
