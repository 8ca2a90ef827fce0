// SPDX-License-Identifier: Apache-2.0
// Time by the clock, or the time that this process really had its cores.
#pragma once

#include <ctime>

#include "core/device.h"

namespace rackproof::bench {

/// `core`: what all threads ran (waiting included where it spins), as seconds of all cores; on a
/// machine shared with others, what the clock would have shown had they not been there.
enum class Time { wall, core };

class Stopwatch {
 public:
  Stopwatch(Time time, unsigned cores) : time_(time), cores_(cores), start_(now()) {}
  [[nodiscard]] double seconds() const { return now() - start_; }

 private:
  [[nodiscard]] double now() const {
    if (time_ == Time::wall)
      return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec)) / cores_;
  }

  Time time_;
  unsigned cores_;
  double start_;
};

}  // namespace rackproof::bench
