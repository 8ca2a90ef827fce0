// SPDX-License-Identifier: Apache-2.0
// stressors/interconnect/host_copy.cc: copies patterns between host and device, in one direction or
// in both at once, alone or beside arithmetic, and checks every word at the far end. Copies beside
// arithmetic are a class of defects of their own.
#include <algorithm>
#include <array>

#include "core/context.h"
#include "stressors/compute/square_gemm.h"
#include "stressors/interconnect/companion.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 3> kDirections{"h2d", "d2h", "both"};
constexpr std::array<std::string_view, 2> kHostMemories{"pinned", "pageable"};
constexpr std::array<std::string_view, 2> kBesides{"nothing", "compute"};

constexpr Param kSize{"size", 64LL << 20, 1LL << 12, 1LL << 40, "bytes in one copy", Unit::byte};
constexpr Choice kDirection{"direction", kDirections,
                            "host to device, device to host, or one of each at the same time"};
constexpr Choice kHostMemory{"host_memory", kHostMemories, "what the host's side lies in"};
constexpr Choice kBeside{"beside", kBesides, "what the device does at the same time"};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second,
                            "bytes that crossed the link, of both directions together",
                            "host_link.{direction}"};
constexpr Metric kMiscompares{"miscompares", Unit::count,
                              "words that arrived changed, and elements computed wrong beside"};

std::unique_ptr<Prepared> prepare_copy(Context& ctx, bool down) {
  const auto size = static_cast<std::uint64_t>(ctx[kSize]);
  const Place place = ctx[kHostMemory] == "pinned" ? Place::host : Place::pageable;
  const Region host = ctx.device().allocate(size, place), device = ctx.device().allocate(size);
  return ctx.prepare(down ? Copy{.from = host, .to = device} : Copy{.from = device, .to = host});
}

// The largest size, up to 1024, for which matrices and their copies fit beside the regions.
std::int64_t size_that_fits(Context& ctx) {
  constexpr std::int64_t kMost = 1024, kLeast = 16, kMatrices = 8, kBytes = 4;
  const auto whole = static_cast<std::int64_t>(ctx.device().info().allocatable_bytes);
  const std::int64_t taken = ctx[kSize] * (ctx[kDirection] == "both" ? 2 : 1);
  std::int64_t size = kMost;
  while (size > kLeast && kMatrices * kBytes * size * size > whole - taken) size /= 2;
  return size;
}

// Of two bursts, from the first one's start to the last one's end; the second may be empty.
double rate_together(const Burst& one, const Burst& other) {
  if (other.iterations == 0) return one.transfer_rate();
  Burst all;
  all.bytes = one.bytes + other.bytes;
  all.start = std::min(one.start, other.start);
  all.end = std::max(one.end, other.end);
  return all.bytes_per_second();
}

void host_copy(Context& ctx) {
  const std::string_view direction = ctx[kDirection];
  const auto copy = prepare_copy(ctx, direction != "d2h");
  const auto back = direction == "both" ? prepare_copy(ctx, false) : nullptr;
  const auto gemm =
      ctx[kBeside] == "compute"
          ? ctx.prepare(square_gemm(DType::fp32, size_that_fits(ctx), Operands::exact))
          : nullptr;
  while (ctx.running()) {
    const RunFor how = ctx.burst();
    Companion other(back.get(), how), arithmetic(gemm.get(), how);
    const Burst burst = copy->run(how);
    const Burst returned = other.burst(), computed = arithmetic.burst();
    ctx.record(kBandwidth, rate_together(burst, returned));
    ctx.record(kMiscompares, static_cast<double>(burst.miscompares + returned.miscompares +
                                                 computed.miscompares));
  }
}

RACKPROOF_STRESSOR(host_copy, {.name = "interconnect.host_copy",
                               .summary = "copies between host and device, every word checked",
                               .subsystem = Subsystem::interconnect,
                               .metrics = {kBandwidth, kMiscompares},
                               .params = {kSize, kDirection, kHostMemory, kBeside},
                               .run = host_copy,
                               .drill_sites = {FaultSite::transfer},
                               .drill_params = {{"size", "4 MiB"}}});

}  // namespace
}  // namespace rackproof
