// SPDX-License-Identifier: Apache-2.0
#include "bench/ceiling.h"

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "backends/cpu/peaks.h"
#include "bench/fma.h"
#include "core/device.h"

namespace rackproof::bench {
namespace {

constexpr std::uint64_t kAdds = 200'000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// One chain: the empty asm makes each sum known only to the next.
double additions_per_second() {
  std::uint64_t sum = 1;
  const Clock::time_point start = Clock::now();
  for (std::uint64_t i = 0; i < kAdds / 8; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < 8; ++j) {
      sum += i;
      asm volatile("" : "+r"(sum));
    }
  }
  return static_cast<double>(kAdds) / seconds_since(start);
}

}  // namespace

void ClockProbe::probe() {
  std::vector<double> fastest(threads_.count());
  threads_.run([&](unsigned core) {
    for (int i = 0; i < 40; ++i) fastest[core] = std::max(fastest[core], additions_per_second());
  });
  hz_ = std::max(hz_, *std::ranges::max_element(fastest));
}

double operations_per_cycle(DType in) {
  const cpu::Speed speed = cpu::speed_of(1, 1);
  const double lanes = speed.dispatched_bytes / (in == DType::fp64 ? 8.0 : 4.0);
  const double products = in == DType::i8 ? 4 : 1;  // a lane
  return lanes * products * speed.fma_units * 2;
}

double multiply_adds(cpu::Threads& threads, DType type, double seconds) {
  const auto work = type == DType::fp64 ? fma_kernels().fp64 : fma_kernels().fp32;
  const Clock::time_point start = Clock::now();
  std::vector<double> operations(threads.count());
  threads.run([&](unsigned core) {
    double done = 0;
    while (seconds_since(start) < seconds) done += work(20'000);
    operations[core] = done;
  });
  double total = 0;
  for (const double of_core : operations) total += of_core;
  return total;
}

bool below_ceiling(const std::string& what, double best, double ceiling) {
  const bool possible = best <= 1.02 * ceiling;
  fmt::print("  {:<44} {:6.3f}   best {:.1f}, ceiling {:.1f}{}\n", what, best / ceiling, best / 1e9,
             ceiling / 1e9, possible ? "" : "  IMPOSSIBLE: work was elided or a timer is wrong");
  return possible;
}

}  // namespace rackproof::bench
