// SPDX-License-Identifier: Apache-2.0
// The terminal behind stdout: whether there is one, its size, what it can show, and writing to it
// without ever waiting long.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/progress_layout.h"

namespace rackproof {

enum class ColorMode { automatic, never, always };

/// "auto", "never", "always".
[[nodiscard]] std::optional<ColorMode> color_mode(std::string_view word);

/// Colours and letters that the environment asks for: NO_COLOR (no-color.org), TERM, LC_ALL,
/// LC_CTYPE, LANG. `always` overrules NO_COLOR alone; where there is no terminal nobody asks.
[[nodiscard]] Look look_of_environment(ColorMode mode);

/// An open terminal of our own: its flags are not those that the shell and others share.
class Terminal {
 public:
  /// None where stdout is no terminal, TERM says that it cannot move the cursor, or it cannot be
  /// opened.
  [[nodiscard]] static std::unique_ptr<Terminal> of_stdout(ColorMode mode);

  explicit Terminal(int fd, Look look) : fd_(fd), look_(look) {}
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// As it is now.
  [[nodiscard]] Screen screen() const;
  /// False while another job has the terminal: what is written now would land in its midst.
  [[nodiscard]] bool in_foreground() const;
  /// Writes as much as the terminal takes within the time; the number of bytes written. A terminal
  /// that is halted (Ctrl-S) takes nothing.
  std::size_t write(std::string_view bytes, std::chrono::milliseconds patience);
  /// The terminal has vanished: nothing will ever be written again.
  [[nodiscard]] bool gone() const { return gone_; }

 private:
  int fd_;
  Look look_;
  bool gone_ = false;
};

}  // namespace rackproof
