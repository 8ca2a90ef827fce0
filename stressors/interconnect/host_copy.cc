// SPDX-License-Identifier: Apache-2.0
// stressors/interconnect/host_copy.cc: copies patterns between host and device, in one direction or
// in both at once, alone or beside arithmetic, and checks every word at the far end. Copies beside
// arithmetic are a class of defects of their own.
#include <algorithm>
#include <array>

#include "core/context.h"
#include "stressors/compute/square_gemm.h"
#include "stressors/interconnect/companion.h"
#include "stressors/interconnect/latency.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 3> kDirections{"h2d", "d2h", "both"};
constexpr std::array<std::string_view, 2> kHostMemories{"pinned", "pageable"};
constexpr std::array<std::string_view, 2> kBesides{"nothing", "compute"};

constexpr std::array<std::string_view, 3> kNumas{"any", "near", "far"};

constexpr Param kSize{"size", 64LL << 20, 1LL << 12, 1LL << 40, "bytes in one copy", Unit::byte};
constexpr Choice kDirection{"direction", kDirections,
                            "host to device, device to host, or one of each at the same time"};
constexpr Choice kHostMemory{"host_memory", kHostMemories, "what the host's side lies in"};
constexpr Choice kBeside{"beside", kBesides, "what the device does at the same time"};
constexpr Choice kNuma{"numa", kNumas,
                       "whose memory the host's side is: any NUMA node's, that of the device's own "
                       "node, or that of the farthest other one"};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second,
                            "bytes that crossed the link, of both directions together",
                            "host_link.{direction}"};
constexpr Metric kLatency{"latency", Unit::second,
                          "one copy of 64 bytes by itself; with one direction and nothing beside"};
constexpr Metric kMiscompares{"miscompares", Unit::count,
                              "words that arrived changed, and elements computed wrong beside"};

Region host_side(Context& ctx, std::uint64_t size) {
  const Place place = ctx[kHostMemory] == "pinned" ? Place::host : Place::pageable;
  const std::string_view where = ctx[kNuma];
  const Numa numa = where == "near" ? Numa::near : where == "far" ? Numa::far : Numa::any;
  auto made = ctx.device().allocate_host(size, place, numa);
  if (const auto* none = std::get_if<Unsupported>(&made)) throw StepUnsupported{none->reason};
  return std::get<Region>(std::move(made));
}

std::unique_ptr<Prepared> prepare_copy(Context& ctx, bool down, std::uint64_t size) {
  const Region host = host_side(ctx, size), device = ctx.device().allocate(size);
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
  const auto size = static_cast<std::uint64_t>(ctx[kSize]);
  const bool alone = direction != "both" && ctx[kBeside] == "nothing";
  const auto copy = prepare_copy(ctx, direction != "d2h", size);
  const auto back = direction == "both" ? prepare_copy(ctx, false, size) : nullptr;
  const auto small = alone ? prepare_copy(ctx, direction != "d2h", kSmallCopy) : nullptr;
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
    if (small) measure_latency(ctx, *small, kLatency, kMiscompares);
  }
}

RACKPROOF_STRESSOR(host_copy, {.name = "interconnect.host_copy",
                               .summary = "copies between host and device, every word checked",
                               .subsystem = Subsystem::interconnect,
                               .metrics = {kBandwidth, kLatency, kMiscompares},
                               .params = {kSize, kDirection, kHostMemory, kBeside, kNuma},
                               .run = host_copy,
                               .drill_sites = {FaultSite::transfer},
                               .drill_params = {{"size", "4 MiB"}}});

}  // namespace
}  // namespace rackproof
