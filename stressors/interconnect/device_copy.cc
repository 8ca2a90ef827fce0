// SPDX-License-Identifier: Apache-2.0
// stressors/interconnect/device_copy.cc: copies patterns from one part of a device's memory to
// another and checks every word at the far end.
#include "core/context.h"

namespace rackproof {
namespace {

constexpr Param kSize{"size", 64LL << 20, 1LL << 12, 1LL << 40, "bytes in one copy", Unit::byte};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second, "bytes copied, counted once",
                            "memory"};
constexpr Metric kMiscompares{"miscompares", Unit::count, "words that arrived changed"};

void device_copy(Context& ctx) {
  const auto size = static_cast<std::uint64_t>(ctx[kSize]);
  const Region from = ctx.device().allocate(size), to = ctx.device().allocate(size);
  const auto prepared = ctx.prepare(Copy{.from = from, .to = to});
  while (ctx.running()) {
    const Burst burst = prepared->run(ctx.burst());
    ctx.record(kBandwidth, burst.transfer_rate());
    ctx.record(kMiscompares, static_cast<double>(burst.miscompares));
  }
}

RACKPROOF_STRESSOR(device_copy, {.name = "interconnect.device_copy",
                                 .summary = "copies within the device's memory, every word checked",
                                 .subsystem = Subsystem::interconnect,
                                 .metrics = {kBandwidth, kMiscompares},
                                 .params = {kSize},
                                 .run = device_copy,
                                 .drill_sites = {FaultSite::transfer},
                                 .drill_params = {{"size", "4 MiB"}}});

}  // namespace
}  // namespace rackproof
