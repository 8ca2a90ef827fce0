// SPDX-License-Identifier: Apache-2.0
// Saved logs: what dmesg (util-linux) prints with its options, `cat /dev/kmsg`, kern.log and
// `journalctl -k`. Sources of the formats: dmesg(1), rsyslog's templates, journalctl(1).
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "hardware/kernel_log.h"
#include "hardware/kernel_log_text.h"
#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kLargestFileBytes = 64U << 20;
constexpr std::size_t kMostLines = 2'000'000;
constexpr std::array<std::string_view, 8> kLevels{"emerg", "alert",  "crit", "err",
                                                  "warn",  "notice", "info", "debug"};
using re2::RE2;
using re2::StringPiece;

struct Patterns {
  // "<3>", "kern  :err   : "
  RE2 priority{"<(\\d{1,4})>"};
  RE2 decoded{"([a-z0-9]{2,8}) *:([a-z]{3,6}) *: "};
  // "[   12.345678] ", "[   12.345678 <    0.000012>] ", "[   12.345678][    T1] "
  RE2 seconds{"\\[ *(\\d+\\.\\d+)(?: <[^>\\n]{0,20}>)?\\](?:\\[ *[TC]\\d+\\])? ?"};
  // "[Sat Nov 21 11:41:02 2026] ", "[Nov21 11:41] ", "[  +0.001026] ",
  // "2026-11-21T11:41:02,484002+00:00 "
  RE2 clock{
      "(?:\\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}\\]|"
      "\\[[A-Z][a-z]{2}[ \\d]\\d \\d\\d:\\d\\d\\]|\\[ *\\+\\d+\\.\\d+\\]|"
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d,\\d+[-+]\\d\\d:\\d\\d) ?"};
  // "Nov 21 11:41:02 host ", "2026-11-21T11:41:02.484002+00:00 host "
  RE2 syslog{
      "(?:[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?|"
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[-+]\\d\\d:?\\d\\d)) \\S+ "};
  RE2 kernel_tag{"kernel: "};
  RE2 host_and_tag{"\\S+ kernel: "};
  RE2 kmsg{"\\d+,\\d+,\\d+,[^;\\n]*;"};
  RE2 json{"\\s*\\{\\s*\"dmesg\""};
};

const Patterns& patterns() {
  static const Patterns compiled;
  return compiled;
}

int level_named(std::string_view name) {
  const auto* const found = std::find(kLevels.begin(), kLevels.end(), name);
  return found == kLevels.end() ? KernelRecord{}.level : static_cast<int>(found - kLevels.begin());
}

// Any program's facility will do: what counts is that it is not the kernel's.
int facility_named(std::string_view name) { return name == "kern" ? 0 : 1; }

// Takes what stands before the text off the line. False: nothing did.
bool take_head(StringPiece& line, KernelRecord& record) {
  const Patterns& known = patterns();
  int priority = 0;
  std::string facility, level;
  bool head = false, decoded = false;
  if (RE2::Consume(&line, known.priority, &priority)) {
    head = true;
    record.level = priority & 7;
    record.facility = priority >> 3;
  } else if (RE2::Consume(&line, known.decoded, &facility, &level)) {
    head = decoded = true;
    record.level = level_named(level);
    record.facility = facility_named(facility);
  }
  if (RE2::Consume(&line, known.syslog)) {
    if (!RE2::Consume(&line, known.kernel_tag)) record.facility = 1;
    (void)RE2::Consume(&line, known.seconds, &record.boot_s);
    return true;
  }
  if (RE2::Consume(&line, known.seconds, &record.boot_s)) {
    if (!decoded) (void)RE2::Consume(&line, known.host_and_tag);  // journalctl -o short-monotonic
    return true;
  }
  return RE2::Consume(&line, known.clock) || head;
}

class Lines {
 public:
  void add(std::string_view line) {
    ++number_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return;
    if (!add_captured(line)) add_printed(line);
  }
  [[nodiscard]] bool full() const { return number_ >= kMostLines; }
  std::vector<KernelRecord> take() { return std::move(records_); }

 private:
  // A line of `cat /dev/kmsg`, or of a record's dictionary there.
  bool add_captured(std::string_view line) {
    const StringPiece piece(line.data(), line.size());
    if (captured_ && line.front() == ' ') {
      if (line.starts_with(" DEVICE=")) records_.back().device = kernel_text(line.substr(8));
      return true;
    }
    captured_ = false;
    if (!patterns().kmsg.Match(piece, 0, piece.size(), RE2::ANCHOR_START, nullptr, 0)) return false;
    auto record = parse_kernel_record(line);
    if (!record) return false;
    captured_ = true;
    records_.push_back(std::move(*record));
    return true;
  }
  // A line without a head goes on with the record before it, whoever wrote that.
  void add_printed(std::string_view line) {
    line = line.substr(0, kLongestKernelLine + kLongestHead);
    KernelRecord record;
    StringPiece rest(line.data(), line.size());
    if (!take_head(rest, record) && !records_.empty()) {
      record = records_.back();
      record.device.clear();
    }
    record.sequence = number_;
    record.text = kernel_text({rest.data(), rest.size()});
    records_.push_back(std::move(record));
  }

  static constexpr std::size_t kLongestHead = 200;
  std::vector<KernelRecord> records_;
  std::uint64_t number_ = 0;
  bool captured_ = false;
};

KernelRecord record_of(const Json& entry, std::uint64_t number) {
  KernelRecord record;
  record.sequence = number;
  record.text = kernel_text(entry.value("msg", std::string()));
  if (const auto time = entry.find("time"); time != entry.end() && time->is_number()) {
    record.boot_s = time->get<double>();
  }
  if (const auto level = entry.find("pri"); level != entry.end()) {
    record.level = level->is_string() ? level_named(level->get_ref<const std::string&>())
                                      : static_cast<int>(level->get<unsigned>() & 7U);
  }
  if (const auto facility = entry.find("fac"); facility != entry.end() && facility->is_string()) {
    record.facility = facility_named(facility->get_ref<const std::string&>());
  }
  return record;
}

Expected<std::vector<KernelRecord>> from_json(const std::string& text, const std::string& file) {
  // dmesg writes bytes that are no UTF-8 as they are.
  auto document = parse_json(text, file);
  if (!document) document = parse_json(utf8_line(text), file);
  if (!document) return tl::unexpected(document.error());
  std::vector<KernelRecord> records;
  try {
    for (const Json& entry : document->at("dmesg")) {
      records.push_back(record_of(entry, records.size() + 1));
    }
  } catch (const Json::exception& problem) {
    return tl::unexpected(Error{
        fmt::format("entry {} is none of `dmesg --json`: {}", records.size() + 1, problem.what()),
        file});
  }
  return records;
}

Expected<std::string> bytes_of(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_character_file(file, ignored)) {
    return tl::unexpected(Error{"is a device: `dmesg > FILE` makes a file of it", file.string()});
  }
  auto bytes = read_file(file, kLargestFileBytes);
  if (bytes || std::filesystem::file_size(file, ignored) <= kLargestFileBytes || ignored) {
    return bytes;
  }
  return tl::unexpected(
      Error{fmt::format("larger than {} MiB: cut it to the time in question, as with `tail -c {}M`",
                        kLargestFileBytes >> 20U, kLargestFileBytes >> 20U),
            file.string()});
}

}  // namespace

Expected<std::vector<KernelRecord>> read_dmesg(const std::filesystem::path& file) {
  const auto bytes = bytes_of(file);
  if (!bytes) return tl::unexpected(bytes.error());
  if (patterns().json.Match(*bytes, 0, std::min<std::size_t>(bytes->size(), 100), RE2::ANCHOR_START,
                            nullptr, 0)) {
    return from_json(*bytes, file.string());
  }
  Lines lines;
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    if (lines.full()) {
      return tl::unexpected(
          Error{fmt::format("more than {} lines: cut it to the time in question", kMostLines),
                file.string()});
    }
    const auto end = std::min(rest.find('\n'), rest.size());
    lines.add(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines.take();
}

}  // namespace rackproof
