// SPDX-License-Identifier: Apache-2.0
// The frequency policies of the processors: each stands for the CPUs that share a clock.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"

namespace rackproof {

/// sys/devices/system/cpu/cpufreq/policyN below `root`, by N, with their folders. Empty: no CPU has
/// a frequency driver. Source: the kernel's Documentation/admin-guide/pm/cpufreq.rst.
[[nodiscard]] std::vector<std::pair<int, std::filesystem::path>> cpufreq_policies(
    const std::filesystem::path& root);

/// One value of a policy without white space; an Error with the reason when it cannot be read.
[[nodiscard]] Expected<std::string> policy_value(const std::filesystem::path& folder,
                                                 const char* file);

/// Why there is nothing to look at where there is no policy.
inline constexpr const char* kNoPolicy =
    "no CPU has a frequency policy (a virtual machine, or no frequency driver)";

/// "policy 3", "policies 3, 5, 7 and 61 more".
[[nodiscard]] std::string policies_text(const std::vector<int>& numbers);

}  // namespace rackproof
