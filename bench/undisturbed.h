// SPDX-License-Identifier: Apache-2.0
// Tells rounds in which other processes took this one's cores away.
#pragma once

#include <algorithm>
#include <ctime>
#include <functional>
#include <utility>
#include <vector>

#include "backends/cpu/node.h"
#include "core/device.h"

namespace rackproof::bench {

/// Repeats `rate` while any core of `node` ran for less than 90 % of the time that a run took, at
/// most `tries` times: the last one counts then.
inline std::function<double()> undisturbed(const std::shared_ptr<cpu::Node>& node,
                                           std::function<double()> rate, int tries = 12) {
  const auto cpu_times = [node] {
    std::vector<double> seconds(node->cores());
    node->threads().run([&](unsigned core) {
      timespec t{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
      seconds[core] = static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
    });
    return seconds;
  };
  return [cpu_times, rate = std::move(rate), tries] {
    for (int i = 1;; ++i) {
      const std::vector<double> before = cpu_times();
      const Clock::time_point start = Clock::now();
      const double got = rate();
      const double needed = 0.9 * std::chrono::duration<double>(Clock::now() - start).count();
      const std::vector<double> after = cpu_times();
      const bool whole = std::equal(after.begin(), after.end(), before.begin(),
                                    [&](double a, double b) { return a - b >= needed; });
      if (whole || i == tries) return got;
    }
  };
}

}  // namespace rackproof::bench
