// SPDX-License-Identifier: Apache-2.0
#include "hardware/xid.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "hardware/kernel_log_table.h"

namespace rackproof {
namespace {

constexpr std::string_view kFamily = "nvml.", kXid = ".xid.";

// Fatal or not by what follows in the line: NVLink 5 errors, and a change of the recovery action,
// which is a sensor of its own.
bool line_decides(unsigned long long code) { return (code >= 144 && code <= 150) || code == 154; }

std::string line_of(unsigned long long code, std::string_view slot) {
  return fmt::format("NVRM: Xid (PCI:{}): {}, ", slot, code);
}

std::optional<unsigned long long> number_of(std::string_view text) {
  unsigned long long number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

CounterClass class_of(unsigned long long code, std::string part) {
  KernelRecord record;
  record.text = line_of(code, part.substr(0, part.rfind('.')));
  CounterClass told{fmt::format("gpu.xid.{}", code), "fatal", std::move(part),
                    "Look the code up in NVIDIA's Xid catalogue and hold the GPU back."};
  if (const auto event = classify(record)) {
    told.severity = event->severity;
    told.next_step = event->next_step;
  }
  if (!line_decides(code)) return told;
  told.severity = "warning";
  told.next_step = "Read this Xid's line in the kernel log, which says whether it is fatal.";
  return told;
}

}  // namespace

std::string meaning_of_xid(unsigned long long code) {
  const KernelLogRule* rule = KernelLogTable::built_in().find(line_of(code, "0000:00:00"));
  const auto number = std::to_string(code);
  if (rule != nullptr) {
    const auto known = rule->codes.find(number);
    if (known != rule->codes.end() && !known->second.means.empty()) return known->second.means;
  }
  return "Xid " + number;
}

std::optional<CounterClass> class_of_xid_counter(std::string_view sensor) {
  const auto at = sensor.rfind(kXid);
  if (!sensor.starts_with(kFamily) || at == std::string_view::npos || at < kFamily.size())
    return std::nullopt;
  const auto code = number_of(sensor.substr(at + kXid.size()));
  if (!code) return std::nullopt;
  return class_of(*code, std::string(sensor.substr(kFamily.size(), at - kFamily.size())));
}

}  // namespace rackproof
