// SPDX-License-Identifier: Apache-2.0
// Other load on processors that are to be measured.
#include "hardware/conditions/host_idle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <thread>

#include "hardware/condition.h"
#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

constexpr auto kBetween = std::chrono::milliseconds(500);
constexpr double kMostBusy = 0.1;
constexpr std::size_t kIdle = 3, kIoWait = 4, kFields = 8;
constexpr std::string_view kAllCpus = "cpu ";

Expected<CpuTicks> read_ticks(const std::filesystem::path& path) {
  const ValueFile file = read_value_file(path);
  if (file.state != Reading::State::value) return fail(file.detail);
  auto ticks = parse_cpu_ticks(file.text);
  if (!ticks) ticks.error().message = path.string() + ": " + ticks.error().message;
  return ticks;
}

ConditionRecord look(const ConditionPlace& place) {
  const auto path = place.root / "proc/stat";
  const auto before = read_ticks(path);
  if (!before) return not_known(before.error().message);
  std::this_thread::sleep_for(kBetween);
  const auto after = read_ticks(path);
  if (!after) return not_known(after.error().message);
  const auto busy = busy_share(*before, *after);
  if (!busy) return not_known(path.string() + ": " + busy.error().message);
  const double most = parse_as(place.wanted, Unit::ratio).value_or(kMostBusy);
  return decided(*busy <= most, fmt::format("processors {:.3g} % busy", 100 * *busy),
                 fmt::format("at most {}", format(most, Unit::ratio)),
                 "end other jobs (`top` shows them)");
}

[[maybe_unused]] const bool kRegistered =
    register_condition({.name = "host.idle",
                        .summary = "processors no busier than at_most, without it 10 %",
                        .bound = ConditionInfo::Bound::at_most,
                        .unit = Unit::ratio,
                        .steady = false,
                        .look = look});

}  // namespace

Expected<CpuTicks> parse_cpu_ticks(std::string_view stat) {
  if (!stat.starts_with(kAllCpus)) return fail("does not begin with 'cpu '");
  std::array<std::uint64_t, kFields> ticks{};
  const char* at = stat.data() + kAllCpus.size();
  const char* end = stat.data() + std::min(stat.find('\n'), stat.size());
  for (std::uint64_t& tick : ticks) {
    while (at != end && *at == ' ') ++at;
    const auto [rest, status] = std::from_chars(at, end, tick);
    if (status != std::errc{}) return fail("fewer than eight counts of time");
    at = rest;
  }
  CpuTicks sum;
  for (const std::uint64_t tick : ticks) sum.all += tick;
  sum.busy = sum.all - ticks[kIdle] - ticks[kIoWait];
  return sum;
}

Expected<double> busy_share(const CpuTicks& before, const CpuTicks& after) {
  if (after.all <= before.all || after.busy < before.busy)
    return fail("its counts of time stood still");
  return std::min(1.0, static_cast<double>(after.busy - before.busy) /
                           static_cast<double>(after.all - before.all));
}

}  // namespace rackproof
