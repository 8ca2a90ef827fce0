// SPDX-License-Identifier: Apache-2.0
// One record of /dev/kmsg as text. Format: the kernel's Documentation/ABI/testing/dev-kmsg.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "hardware/kernel_log.h"
#include "hardware/kernel_log_text.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

constexpr double kMicrosecond = 1e-6;
constexpr std::string_view kExpected =
    "a record of /dev/kmsg begins 'priority,sequence,microseconds,flags;', as 6,339,5140900,-;text";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The kernel writes every byte that is no printable ASCII, and the backslash, as \xNN.
std::string unescape(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = i + 3 < text.size() && text[i] == '\\' && text[i + 1] == 'x' &&
                        hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0;
    if (escape) {
      bytes += static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
      i += 3;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

// Takes "339," off the front.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end == text.data() + text.size() || *end != ',') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

void take_dictionary(std::string_view lines, KernelRecord& record) {
  constexpr std::string_view kDevice = " DEVICE=";
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    if (lines.starts_with(kDevice)) {
      record.device = kernel_text(unescape(lines.substr(kDevice.size(), end - kDevice.size())));
    }
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

}  // namespace

std::string kernel_text(std::string_view bytes) {
  bytes = bytes.substr(0, kLongestKernelLine);
  const bool plain =
      std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  if (plain) return std::string(bytes);
  std::string text = utf8_line(bytes);
  if (text.size() <= kLongestKernelLine) return text;
  std::size_t end = kLongestKernelLine;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
  text.resize(end);
  return text;
}

Expected<KernelRecord> parse_kernel_record(std::string_view record) {
  std::uint64_t priority = 0, microseconds = 0;
  KernelRecord parsed;
  std::string_view rest = record;
  const bool numbers = take_number(rest, priority) && take_number(rest, parsed.sequence) &&
                       take_number(rest, microseconds);
  const auto semicolon = rest.find(';');
  // Flags and fields to come stand before the semicolon, on the first line.
  if (!numbers || semicolon == std::string_view::npos || rest.find('\n') < semicolon) {
    return fail(fmt::format("'{}': {}", kernel_text(record.substr(0, 60)), kExpected));
  }
  if (priority > 0x7ff) return fail(fmt::format("priority {} of a record is over 2047", priority));
  rest.remove_prefix(semicolon + 1);
  const auto end = std::min(rest.find('\n'), rest.size());
  parsed.level = static_cast<int>(priority & 7U);
  parsed.facility = static_cast<int>(priority >> 3U);
  parsed.boot_s = static_cast<double>(microseconds) * kMicrosecond;
  parsed.text = kernel_text(unescape(rest.substr(0, end)));
  take_dictionary(rest.substr(std::min(end + 1, rest.size())), parsed);
  return parsed;
}

}  // namespace rackproof
