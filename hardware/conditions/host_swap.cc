// SPDX-License-Identifier: Apache-2.0
// Swap in use: memory that is tested may be on a disk, and what is paged in and out slows all
// rates. Source: the kernel's Documentation/filesystems/proc.rst, meminfo.
#include <fmt/format.h>

#include <optional>

#include "hardware/condition.h"
#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

constexpr double kBytesPerKib = 1024;

// "SwapTotal:  8388604 kB" gives bytes.
std::optional<double> field_bytes(std::string_view text, std::string_view key) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(key) || !line.ends_with(" kB")) continue;
    const auto kib = parse_integer(line.substr(key.size(), line.size() - key.size() - 3));
    if (!kib || *kib < 0) return {};
    return static_cast<double>(*kib) * kBytesPerKib;
  }
  return {};
}

ConditionRecord look(const ConditionPlace& place) {
  const auto path = place.root / "proc/meminfo";
  const ValueFile file = read_value_file(path);
  if (file.state != Reading::State::value) return not_known(file.detail);
  const auto total = field_bytes(file.text, "SwapTotal:");
  const auto free = field_bytes(file.text, "SwapFree:");
  if (!total || !free || *free > *total)
    return not_known(path.string() + ": no sound SwapTotal and SwapFree");
  const double used = *total - *free;
  const double most = parse_as(place.wanted, Unit::byte).value_or(0);
  auto record = decided(
      used <= most,
      fmt::format("{} of {} swap in use", format(used, Unit::byte), format(*total, Unit::byte)),
      fmt::format("at most {}", format(most, Unit::byte)), "swapoff -a");
  if (*total == 0) record.found = "no swap";
  return record;
}

[[maybe_unused]] const bool kRegistered =
    register_condition({.name = "host.swap",
                        .summary = "no more swap in use than at_most, without it none",
                        .bound = ConditionInfo::Bound::at_most,
                        .unit = Unit::byte,
                        .steady = false,
                        .look = look});

}  // namespace
}  // namespace rackproof
