// SPDX-License-Identifier: Apache-2.0
// How supervisor and workers speak: one JSON object a line, at most 1 MiB, over a socketpair.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"

namespace rackproof {

inline constexpr std::size_t kMaxLineBytes = 1u << 20;  ///< with its newline
inline constexpr int kWorkerFd = 3;                     ///< the worker's end of the socketpair

/// One line with its newline; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string encode(const Json& message);

/// A line as a message: an object with a string "t". Anything else is an Error.
[[nodiscard]] Expected<Json> decode(std::string_view line);

/// `bytes` as one line of plain ASCII: newlines become " | ", all else unprintable "?".
[[nodiscard]] std::string plain_ascii(std::string_view bytes);

/// The text as a record holds it: at most 4 KiB, and it says so when more was cut off.
[[nodiscard]] std::string shortened(std::string text);

/// Cuts a stream of bytes into lines.
class LineBuffer {
 public:
  void append(std::string_view bytes) { bytes_ += bytes; }
  /// The next whole line without its newline.
  [[nodiscard]] std::optional<std::string> next();
  /// What waits for its newline is already longer than a line may be.
  [[nodiscard]] bool oversized() const { return bytes_.size() - taken_ > kMaxLineBytes; }
  [[nodiscard]] bool empty() const { return bytes_.size() == taken_; }

 private:
  std::string bytes_;
  std::size_t taken_ = 0;
};

/// Writes all of it to a socket, blocking; false when the other side is gone.
[[nodiscard]] bool send_all(int fd, std::string_view bytes);

}  // namespace rackproof
