// SPDX-License-Identifier: Apache-2.0
// Processors held below what they can do: a policy's ceiling lowered, or boost turned off.
// Source: the kernel's Documentation/admin-guide/pm/{cpufreq,intel_pstate}.rst.
#include <fmt/format.h>

#include "hardware/condition.h"
#include "hardware/conditions/cpufreq_policies.h"
#include "hardware/sensors/value_file.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr double kHertzPerKilohertz = 1e3;
constexpr const char* kWanted = "each processor's limit at its maximum, and boost on";

struct Lowered {
  std::vector<int> policies;
  std::int64_t lowest_khz = 0, of_khz = 0;  // of the one that is held lowest
};

Expected<std::int64_t> khz(const fs::path& folder, const char* file) {
  const auto text = policy_value(folder, file);
  if (!text) return tl::unexpected(text.error());
  const auto value = parse_integer(*text);
  if (value && *value > 0) return *value;
  return fail(fmt::format("{}: '{}' is no frequency", (folder / file).string(), *text));
}

Expected<Lowered> lowered_policies(const std::vector<std::pair<int, fs::path>>& policies) {
  Lowered found;
  for (const auto& [number, folder] : policies) {
    const auto now = khz(folder, "scaling_max_freq");
    if (!now) return tl::unexpected(now.error());
    const auto most = khz(folder, "cpuinfo_max_freq");
    if (!most) return tl::unexpected(most.error());
    if (*now >= *most) continue;
    found.policies.push_back(number);
    if (found.lowest_khz != 0 && found.lowest_khz <= *now) continue;
    found.lowest_khz = *now;
    found.of_khz = *most;
  }
  return found;
}

// The switches of the drivers; a driver without one cannot have turned it off.
bool boost_is_off(const fs::path& root) {
  const fs::path cpu = root / "sys/devices/system/cpu";
  const auto holds = [](const fs::path& path, std::string_view value) {
    const ValueFile file = read_value_file(path);
    return file.state == Reading::State::value && trimmed(file.text) == value;
  };
  return holds(cpu / "intel_pstate/no_turbo", "1") || holds(cpu / "cpufreq/boost", "0");
}

std::string hertz(std::int64_t khz) {
  return format(static_cast<double>(khz) * kHertzPerKilohertz, Unit::hertz);
}

ConditionRecord look(const ConditionPlace& place) {
  const auto policies = cpufreq_policies(place.root);
  if (policies.empty()) return not_supported(kNoPolicy);
  const auto lowered = lowered_policies(policies);
  if (!lowered) return not_known(lowered.error().message);
  if (!lowered->policies.empty()) {
    return decided(false,
                   fmt::format("{} of {} at {}", hertz(lowered->lowest_khz), hertz(lowered->of_khz),
                               policies_text(lowered->policies)),
                   kWanted, "cpupower frequency-set -u " + fmt::format("{}kHz", lowered->of_khz));
  }
  if (boost_is_off(place.root)) {
    return decided(false, "boost is off", kWanted,
                   "echo 0 > /sys/devices/system/cpu/intel_pstate/no_turbo, or echo 1 > "
                   "/sys/devices/system/cpu/cpufreq/boost");
  }
  return decided(true, fmt::format("{} policies at their maximum", policies.size()), kWanted, "");
}

[[maybe_unused]] const bool kRegistered =
    register_condition({.name = "host.cpu_clocks",
                        .summary = "no processor's clock is limited below its maximum, boost is on",
                        .look = look});

}  // namespace
}  // namespace rackproof
