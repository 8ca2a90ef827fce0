// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_kind.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "hardware/lspci_heading.h"

namespace rackproof {
namespace {

constexpr std::size_t kLinesLookedAt = 200;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kLinesLookedAt) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

bool is_row(std::string_view line) {
  static const re2::RE2 row("[0-9a-f]{2,3}:( [0-9a-f]{2}){1,16}\\s*");
  return re2::RE2::FullMatch({line.data(), line.size()}, row);
}

// dmesg with and without -x, -r, -T; /dev/kmsg; syslog and journal lines of the kernel.
bool is_log_line(std::string_view line) {
  static const re2::RE2 log(
      "(<\\d{1,4}>|[a-z0-9]{2,8} *:[a-z]{3,6} *: )?\\[ *[\\d+][^\\]]*\\].*|"
      "<\\d{1,4}>.*|\\[[A-Z][a-z]{2} ?[A-Z\\d].*\\d\\d:\\d\\d.*\\].*|"
      "[a-z0-9]{2,8} *:[a-z]{3,6} *: .*|"
      "\\d+,\\d+,\\d+,[^;]*;.*|"
      "([A-Z][a-z]{2} [ \\d]\\d \\d\\d:|\\d{4}-\\d\\d-\\d\\dT\\d\\d:).* kernel: .*|"
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d,\\d+\\S* .*");
  return re2::RE2::FullMatch({line.data(), line.size()}, log);
}

bool is_json_log(std::string_view text) {
  static const re2::RE2 log("\\s*\\{\\s*\"dmesg\"");
  return log.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::ANCHOR_START, nullptr, 0);
}

// A log may begin within a record, so most of its lines decide.
bool is_log(const std::vector<std::string_view>& lines) {
  const auto logged = std::ranges::count_if(lines, is_log_line);
  return logged > 0 && static_cast<std::size_t>(logged) * 2 >= lines.size();
}

}  // namespace

CaptureKind kind_of(std::string_view beginning) {
  if (beginning.starts_with(kByteOrderMark)) beginning.remove_prefix(kByteOrderMark.size());
  if (beginning.find('\0') != std::string_view::npos) return CaptureKind::unknown;
  const auto lines = lines_of(beginning);
  if (lines.empty()) return CaptureKind::unknown;
  if (lines.front().starts_with('<') && beginning.find("<topology") != std::string_view::npos) {
    return CaptureKind::hwloc_xml;
  }
  if (lspci_address(lines.front())) {
    return std::ranges::any_of(lines, is_row) ? CaptureKind::pci_dump : CaptureKind::lspci_text;
  }
  if (is_json_log(beginning)) return CaptureKind::kernel_log;
  if (lines.front().starts_with('{') &&
      beginning.find("rackproof/capture/") != std::string_view::npos) {
    return CaptureKind::manifest;
  }
  return is_log(lines) ? CaptureKind::kernel_log : CaptureKind::unknown;
}

std::string describe(CaptureKind kind) {
  switch (kind) {
    case CaptureKind::manifest:
      return "a capture's manifest";
    case CaptureKind::hwloc_xml:
      return "an hwloc XML";
    case CaptureKind::pci_dump:
      return "`lspci -xxxx` output";
    case CaptureKind::lspci_text:
      return "`lspci -vvv` output";
    case CaptureKind::kernel_log:
      return "a kernel log";
    case CaptureKind::unknown:
      break;
  }
  return "unknown";
}

}  // namespace rackproof
