// SPDX-License-Identifier: Apache-2.0
// How busy the processors are, from two looks at the kernel's count of their time.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.h"

namespace rackproof {

/// The first line of proc/stat: ticks of all CPUs since boot.
struct CpuTicks {
  std::uint64_t busy = 0, all = 0;
};
/// Source: the kernel's Documentation/filesystems/proc.rst, stat: user, nice, system, idle, iowait,
/// irq, softirq, steal; guests are in user and nice already.
[[nodiscard]] Expected<CpuTicks> parse_cpu_ticks(std::string_view stat);
/// A ratio; an Error when the clock stood still or ran backwards between the two.
[[nodiscard]] Expected<double> busy_share(const CpuTicks& before, const CpuTicks& after);

}  // namespace rackproof
