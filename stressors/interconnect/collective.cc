// SPDX-License-Identifier: Apache-2.0
// stressors/interconnect/collective.cc: all devices of a node sum, gather, scatter or exchange
// exact small integers, and every element is checked on every device.
#include "core/collective.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <string>

#include "core/context.h"
#include "stressors/interconnect/in_step.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, kCollectives> kKinds{"all_reduce", "all_gather",
                                                            "reduce_scatter", "all_to_all"};
constexpr std::array<std::string_view, 5> kTypes{"fp32", "fp16", "bf16", "int32", "fp64"};
constexpr std::uint64_t kMostIterations = 1U << 20;
constexpr std::uint64_t kBurstsPerPattern = 64;  // the answers of all ranks' data are dear

constexpr Param kSize{"size",
                      256LL << 20,
                      1LL << 12,
                      1LL << 40,
                      "bytes of a rank's larger buffer, cut to a multiple of the ranks",
                      Unit::byte};
constexpr Choice kKind{"kind", kKinds, "what the devices do with their data"};
constexpr Choice kDType{"dtype", kTypes, "data type"};
constexpr Metric kBandwidth{"busbw", Unit::bytes_per_second,
                            "what each device's link carries: bytes over time, times 2 (n - 1) / n "
                            "for all_reduce and (n - 1) / n for the others",
                            "peer_link"};
constexpr Metric kMiscompares{"miscompares", Unit::count, "elements that arrived wrong"};

Reduce shape_of(Context& ctx) {
  Reduce reduce;
  reduce.type = dtype_from_name(ctx[kDType]).value();
  reduce.kind = collective_from_name(ctx[kKind]).value();
  reduce.rank = ctx.rank();
  reduce.ranks = static_cast<std::uint32_t>(ctx.peers().size());
  const std::uint64_t unit = std::uint64_t{reduce.ranks} * size_of(reduce.type);
  reduce.size_bytes = static_cast<std::uint64_t>(ctx[kSize]) / unit * unit;
  return reduce;
}

// Rank 0's id, or its reason to have none: then all skip for that reason.
std::string shared_id(Context& ctx) {
  constexpr char kId = '=', kReason = '!';
  std::string told;
  if (ctx.rank() == 0) {
    const auto made = ctx.device().collective_id();
    const auto* refused = std::get_if<Unsupported>(&made);
    told = refused ? kReason + refused->reason.substr(0, kMaxExchanged - 1)
                   : kId + std::get<std::string>(made);
  }
  const std::string first = ctx.exchange(told).front();
  if (first.empty() || first[0] != kId)
    throw StepUnsupported{first.empty() ? "rank 0 made no collective" : first.substr(1)};
  return first.substr(1);
}

// A burst that all ranks run alike, as rank 0 says.
struct Agreed {
  std::uint64_t iterations = 1, pattern = 0;
};

std::string text_of(const Agreed& agreed) {
  return fmt::format("{} {}", agreed.iterations, agreed.pattern);
}

Agreed agreed_from(const std::string& text) {
  Agreed agreed;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, agreed.iterations);
  const bool more = first.ec == std::errc{} && first.ptr != end;
  const auto second = more ? std::from_chars(first.ptr + 1, end, agreed.pattern) : first;
  const bool sound = more && second.ec == std::errc{} && second.ptr == end;
  if (!sound || agreed.iterations == 0 || agreed.iterations > kMostIterations)
    throw DeviceError("rank 0 says '" + text + "' instead of iterations and a pattern");
  return agreed;
}

// How many iterations fill the time of a burst, as the last one went.
std::uint64_t iterations_for(const RunFor& how, const Burst& last) {
  if (last.iterations == 0 || last.seconds() <= 0) return 1;
  const double each_s = last.seconds() / static_cast<double>(last.iterations);
  const double time_s = std::chrono::duration<double>(how.until - Clock::now()).count();
  const double fit = std::clamp(time_s / each_s, 1.0, static_cast<double>(kMostIterations));
  return static_cast<std::uint64_t>(fit);
}

class Bursts {
 public:
  explicit Bursts(Context& ctx) : ctx_(ctx) {}

  // The same for every rank, and a meeting of all.
  RunFor next(const Burst& last) {
    RunFor how = ctx_.burst();
    if (number_++ % kBurstsPerPattern == 0) pattern_ = how.pattern;
    const Agreed mine{iterations_for(how, last), pattern_};
    const Agreed agreed = agreed_from(ctx_.exchange(text_of(mine)).front());
    how.iterations = agreed.iterations;
    how.pattern = agreed.pattern;
    return how;
  }

 private:
  Context& ctx_;
  std::uint64_t number_ = 0, pattern_ = 0;
};

void collective(Context& ctx) {
  Reduce reduce = shape_of(ctx);
  reduce.id = shared_id(ctx);
  const auto prepared = ctx.prepare(reduce);
  const double factor = bus_factor(reduce.kind, reduce.ranks);
  ctx.barrier();
  Bursts bursts(ctx);
  Burst burst = prepared->run(bursts.next({}));  // the first one connects: it is no measurement
  ctx.record(kMiscompares, static_cast<double>(burst.miscompares));
  do {
    burst = prepared->run(bursts.next(burst));
    ctx.record(kBandwidth, burst.transfer_rate() * factor);
    ctx.record(kMiscompares, static_cast<double>(burst.miscompares));
  } while (anyone_running(ctx));
}

RACKPROOF_STRESSOR(collective, {.name = "interconnect.collective",
                                .summary = "collectives of all devices of a node, every element "
                                           "checked on each",
                                .subsystem = Subsystem::interconnect,
                                .metrics = {kBandwidth, kMiscompares},
                                .params = {kSize, kKind, kDType},
                                .run = collective,
                                .drill_sites = {FaultSite::transfer},
                                .drill_params = {{"size", "1 MiB"}},
                                .peers = Peers::collectives});

}  // namespace
}  // namespace rackproof
