// SPDX-License-Identifier: Apache-2.0
#include "runner/message.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <nlohmann/json.hpp>

namespace rackproof {
namespace {

constexpr std::size_t kMostText = 4096;

}  // namespace

std::string encode(const Json& message) {
  return message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<Json> decode(std::string_view line) {
  auto message = parse_json(line);
  if (!message) {
    return fail(fmt::format("a line that is no message ({}): {:.60}", message.error().message,
                            plain_ascii(line)));
  }
  if (!message->is_object() || !message->contains("t") || !(*message)["t"].is_string()) {
    return fail(fmt::format("a message without a kind: {:.60}", plain_ascii(line)));
  }
  return message;
}

std::string plain_ascii(std::string_view bytes) {
  while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) bytes.remove_suffix(1);
  std::string text;
  for (const char c : bytes) {
    if (c == '\n') {
      text += " | ";
    } else if (c >= 0x20 && c < 0x7f) {
      text += c;
    } else {
      text += '?';
    }
  }
  return text;
}

std::string shortened(std::string text) {
  if (text.size() <= kMostText) return text;
  text.resize(kMostText);
  return text + " ... (cut off)";
}

std::optional<std::string> LineBuffer::next() {
  const auto end = bytes_.find('\n', taken_);
  if (end == std::string::npos) {
    bytes_.erase(0, taken_);
    taken_ = 0;
    return std::nullopt;
  }
  std::string line = bytes_.substr(taken_, end - taken_);
  taken_ = end + 1;
  return line;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace rackproof
