// SPDX-License-Identifier: Apache-2.0
// What one record means: the table's rule with the line's own part and code put in.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "hardware/kernel_log.h"
#include "hardware/kernel_log_table.h"

namespace rackproof {
namespace {

using Groups = std::map<std::string, std::string>;

// Source of the names: syslog.h, RFC 5424 table 1.
constexpr std::array<std::string_view, 24> kFacilities{
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};

std::string facility_name(int facility) {
  if (facility < 0 || facility >= static_cast<int>(kFacilities.size())) {
    return fmt::format("number {}", facility);
  }
  return std::string(kFacilities[static_cast<std::size_t>(facility)]);
}

Groups groups_of(const KernelLogRule& rule, std::string_view text) {
  Groups groups;
  const auto count = static_cast<std::size_t>(rule.pattern->NumberOfCapturingGroups()) + 1;
  std::vector<re2::StringPiece> found(count);
  const re2::StringPiece line(text.data(), text.size());
  if (!rule.pattern->Match(line, 0, line.size(), re2::RE2::ANCHOR_START, found.data(),
                           static_cast<int>(count))) {
    return groups;
  }
  for (const auto& named : rule.pattern->NamedCapturingGroups()) {
    const re2::StringPiece& piece = found[static_cast<std::size_t>(named.second)];
    if (!piece.empty()) groups[named.first] = std::string(piece.data(), piece.size());
  }
  return groups;
}

// Empty: a group that it names did not match.
std::string fill(std::string word, const Groups& groups) {
  for (auto open = word.find('{'); open != std::string::npos; open = word.find('{')) {
    const auto close = word.find('}', open);
    const auto group = groups.find(word.substr(open + 1, close - open - 1));
    if (group == groups.end()) return "";
    word.replace(open, close - open + 1, group->second);
  }
  return word;
}

// A template's words are kept or left out one by one; "_" in it stands for a space inside a word.
std::string fill_words(std::string_view words, const Groups& groups) {
  std::string filled;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    std::string pattern(words.substr(0, end));
    std::replace(pattern.begin(), pattern.end(), '_', ' ');
    const std::string word = fill(std::move(pattern), groups);
    if (!word.empty()) filled += (filled.empty() ? "" : " ") + word;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return filled;
}

void apply_code(const KernelLogRule& rule, const std::string& code, KernelEvent& event) {
  const auto known = rule.codes.find(code);
  if (known == rule.codes.end()) return;
  event.severity = known->second.severity;
  event.next_step = fmt::format("{}: {}", known->second.means, known->second.next);
}

void mark_as_a_programs(const KernelRecord& record, KernelEvent& event) {
  if (event.severity == "fatal") event.severity = "warning";
  event.next_step = fmt::format(
      "A program wrote this line (facility {}), not the kernel: find out which one, and look for "
      "the same event in the counters before acting on it.",
      facility_name(record.facility));
}

std::string part_of(const KernelRecord& record) {
  const auto pci = record.device.find("pci:");
  return pci == std::string::npos ? "" : normal_part(record.device.substr(pci + 4));
}

}  // namespace

std::string normal_part(std::string_view part) {
  static const re2::RE2 address(
      "(?i)(?:pci:)?(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})(?:\\.([0-7]))?");
  std::string domain, bus, device, function;
  if (!re2::RE2::FullMatch(re2::StringPiece(part.data(), part.size()), address, &domain, &bus,
                           &device, &function)) {
    return std::string(part);
  }
  if (domain.size() == 8 && domain.starts_with("0000")) domain.erase(0, 4);
  std::string normal = fmt::format("{}:{}:{}.{}", domain.empty() ? "0000" : domain, bus, device,
                                   function.empty() ? "0" : function);
  std::transform(normal.begin(), normal.end(), normal.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return normal;
}

KernelEvent event_of(const KernelLogRule& rule, std::string_view text) {
  const Groups groups = groups_of(rule, text);
  KernelEvent event{fill(rule.cause, groups), rule.severity, "", std::string(text), rule.next};
  event.part = normal_part(fill_words(rule.part.empty() ? "{part}" : rule.part, groups));
  const auto code = groups.find("code");
  if (code != groups.end()) apply_code(rule, code->second, event);
  return event;
}

std::optional<KernelEvent> classify(const KernelRecord& record) {
  const KernelLogRule* rule = KernelLogTable::built_in().find(record.text);
  if (rule == nullptr) return {};
  KernelEvent event = event_of(*rule, record.text);
  if (event.part.empty()) event.part = part_of(record);
  if (!record.from_kernel()) mark_as_a_programs(record, event);
  return event;
}

}  // namespace rackproof
