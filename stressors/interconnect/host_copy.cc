// SPDX-License-Identifier: Apache-2.0
// stressors/interconnect/host_copy.cc: copies patterns between host and device and checks every
// word at the far end.
#include <array>

#include "core/context.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 2> kDirections{"h2d", "d2h"};

constexpr Param kSize{"size", 64LL << 20, 1LL << 12, 1LL << 40, "bytes in one copy", Unit::byte};
constexpr Choice kDirection{"direction", kDirections, "host to device, or device to host"};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second, "bytes that crossed the link",
                            "host_link"};
constexpr Metric kMiscompares{"miscompares", Unit::count, "words that arrived changed"};

void host_copy(Context& ctx) {
  const auto size = static_cast<std::uint64_t>(ctx[kSize]);
  const Region host = ctx.device().allocate(size, Place::host);
  const Region device = ctx.device().allocate(size);
  const bool down = ctx[kDirection] == "h2d";
  const auto prepared =
      ctx.prepare(down ? Copy{.from = host, .to = device} : Copy{.from = device, .to = host});
  while (ctx.running()) {
    const Burst burst = prepared->run(ctx.burst());
    ctx.record(kBandwidth, burst.bytes_per_second());
    ctx.record(kMiscompares, static_cast<double>(burst.miscompares));
  }
}

RACKPROOF_STRESSOR(host_copy, {.name = "interconnect.host_copy",
                               .summary = "copies between host and device, every word checked",
                               .subsystem = Subsystem::interconnect,
                               .metrics = {kBandwidth, kMiscompares},
                               .params = {kSize, kDirection},
                               .run = host_copy,
                               .drill_sites = {FaultSite::transfer},
                               .drill_params = {{"size", "4 MiB"}}});

}  // namespace
}  // namespace rackproof
