// SPDX-License-Identifier: Apache-2.0
// Governors that keep processors slow under load. The drivers in active mode (intel_pstate,
// amd-pstate-epp) give full speed under load with either of theirs; elsewhere "powersave" stays at
// the lowest clock and "userspace" at a fixed one.
// Source: the kernel's Documentation/admin-guide/pm/{cpufreq,intel_pstate,amd-pstate}.rst.
#include <fmt/format.h>

#include "hardware/condition.h"
#include "hardware/conditions/cpufreq_policies.h"

namespace rackproof {
namespace {

constexpr const char* kWanted = "a governor that gives full speed under load";

bool chooses_its_own_clock(std::string_view driver) {
  return driver == "intel_pstate" || driver == "amd-pstate-epp";
}

Expected<bool> is_slow(const std::filesystem::path& folder, std::string& governor) {
  const auto now = policy_value(folder, "scaling_governor");
  if (!now) return tl::unexpected(now.error());
  governor = *now;
  if (*now != "powersave" && *now != "userspace") return false;
  const auto driver = policy_value(folder, "scaling_driver");
  if (!driver) return tl::unexpected(driver.error());
  return *now == "userspace" || !chooses_its_own_clock(*driver);
}

ConditionRecord look(const ConditionPlace& place) {
  const auto policies = cpufreq_policies(place.root);
  if (policies.empty()) return not_supported(kNoPolicy);
  std::vector<int> slow;
  std::string governor, slow_governor;
  for (const auto& [number, folder] : policies) {
    const auto found = is_slow(folder, governor);
    if (!found) return not_known(found.error().message);
    if (!*found) continue;
    slow.push_back(number);
    slow_governor = governor;
  }
  if (slow.empty()) return decided(true, "governor " + governor, kWanted, "");
  return decided(false, fmt::format("governor {} at {}", slow_governor, policies_text(slow)),
                 kWanted, "cpupower frequency-set -g performance");
}

[[maybe_unused]] const bool kRegistered =
    register_condition({.name = "host.cpu_governor",
                        .summary = "each processor's governor gives full speed under load",
                        .look = look});

}  // namespace
}  // namespace rackproof
