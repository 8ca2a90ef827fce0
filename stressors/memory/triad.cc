// SPDX-License-Identifier: Apache-2.0
// stressors/memory/triad.cc: keeps device memory busy with a = b + s*c and checks every element.
#include "core/context.h"

namespace rackproof {
namespace {

constexpr Param kArrayBytes{
    "array_bytes", 64LL << 20, 1LL << 12, 1LL << 40, "bytes in each of the three arrays",
    Unit::byte};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second, "three arrays moved per pass",
                            "memory"};
constexpr Metric kMiscompares{"miscompares", Unit::count,
                              "elements that differ from the exact answer"};

void triad(Context& ctx) {
  Device& device = ctx.device();
  const auto size = static_cast<std::uint64_t>(ctx[kArrayBytes]);
  const Region a = device.allocate(size), b = device.allocate(size), c = device.allocate(size);
  const auto prepared = ctx.prepare(Triad{.a = a, .b = b, .c = c, .type = DType::fp64});
  while (ctx.running()) {
    const Burst burst = prepared->run(ctx.burst());
    ctx.record(kBandwidth, burst.bytes_per_second());
    ctx.record(kMiscompares, static_cast<double>(burst.miscompares));
  }
}

RACKPROOF_STRESSOR(triad, {.name = "memory.triad",
                           .summary = "STREAM triad, every element checked",
                           .subsystem = Subsystem::memory,
                           .metrics = {kBandwidth, kMiscompares},
                           .params = {kArrayBytes},
                           .run = triad,
                           .drill_sites = {FaultSite::memory},
                           .drill_params = {{"array_bytes", "4 MiB"}}});

}  // namespace
}  // namespace rackproof
