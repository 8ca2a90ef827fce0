// SPDX-License-Identifier: Apache-2.0
// stressors/interconnect/peer_copy.cc: every ordered pair of devices of a node copies patterns, one
// pair after the other or all at once, and checks every word where it arrives. Each device's worker
// fetches from all its peers, so that both directions of each link are gone.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "core/context.h"
#include "stressors/interconnect/companion.h"
#include "stressors/interconnect/in_step.h"
#include "stressors/interconnect/latency.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 2> kNoYes{"no", "yes"};
constexpr double kPairsInFullBursts =
    8.0 * 7.0;  // of more, each has less time: a round stays short

constexpr Param kSize{"size", 64LL << 20, 1LL << 12, 1LL << 40, "bytes in one copy", Unit::byte};
constexpr Choice kAtOnce{"at_once", kNoYes, "whether all pairs copy at the same time"};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second,
                            "bytes that arrived from one peer, of the slowest peer", "peer_link"};
constexpr Metric kLatency{"latency", Unit::second,
                          "one copy of 64 bytes by itself, from the slowest peer"};
constexpr Metric kMiscompares{"miscompares", Unit::count, "words that arrived changed"};

// What comes from one peer.
struct Fetch {
  std::string peer;
  std::unique_ptr<Prepared> large, small;
};

std::unique_ptr<Prepared> prepare_from(Context& ctx, Device& peer, std::uint64_t size) {
  const Region from = peer.allocate(size), to = ctx.device().allocate(size);
  return ctx.prepare(Copy{.from = from, .to = to}, peer.info().id);
}

// Nearest rank first, so that in a turn no two devices ask one peer at the same time.
std::vector<Fetch> prepare_all(Context& ctx) {
  const auto size = static_cast<std::uint64_t>(ctx[kSize]);
  const std::size_t ranks = ctx.peers().size();
  std::vector<Fetch> all;
  for (std::size_t step = 1; step < ranks; ++step) {
    Device& peer = *ctx.peers()[(ctx.rank() + step) % ranks];
    all.push_back(
        {peer.info().id, prepare_from(ctx, peer, size), prepare_from(ctx, peer, kSmallCopy)});
  }
  return all;
}

RunFor share_of_round(Context& ctx) {
  RunFor how = ctx.burst();
  const auto ranks = static_cast<double>(ctx.peers().size());
  const double share = std::min(1.0, kPairsInFullBursts / (ranks * (ranks - 1)));
  const auto now = Clock::now();
  how.until = now + std::chrono::duration_cast<Clock::duration>((how.until - now) * share);
  return how;
}

void note(Context& ctx, const Fetch& fetch, const Burst& burst) {
  ctx.record(kBandwidth, burst.transfer_rate(), fetch.peer);
  ctx.record(kMiscompares, static_cast<double>(burst.miscompares), fetch.peer);
}

// Each device in its turn fetches from one peer after the other, while all others wait.
void in_turns(Context& ctx, const std::vector<Fetch>& fetches) {
  for (std::uint32_t turn = 0; turn < ctx.peers().size(); ++turn) {
    for (const Fetch& fetch : fetches) {
      if (turn != ctx.rank()) break;
      note(ctx, fetch, fetch.large->run(share_of_round(ctx)));
      measure_latency(ctx, *fetch.small, kLatency, kMiscompares, fetch.peer);
    }
    meet(ctx);
  }
}

void all_at_once(Context& ctx, const std::vector<Fetch>& fetches) {
  const RunFor how = ctx.burst();
  std::vector<std::unique_ptr<Companion>> others;
  for (std::size_t i = 1; i < fetches.size(); ++i)
    others.push_back(std::make_unique<Companion>(fetches[i].large.get(), how));
  const Burst first = fetches[0].large->run(how);
  note(ctx, fetches[0], first);
  for (std::size_t i = 1; i < fetches.size(); ++i) note(ctx, fetches[i], others[i - 1]->burst());
}

void peer_copy(Context& ctx) {
  const bool at_once = ctx[kAtOnce] == "yes";
  const std::vector<Fetch> fetches = prepare_all(ctx);
  ctx.barrier();
  while (anyone_running(ctx)) {
    if (at_once) {
      all_at_once(ctx, fetches);
    } else {
      in_turns(ctx, fetches);
    }
  }
}

RACKPROOF_STRESSOR(peer_copy, {.name = "interconnect.peer_copy",
                               .summary = "copies between the devices of a node, every pair and "
                                          "direction, every word checked",
                               .subsystem = Subsystem::interconnect,
                               .metrics = {kBandwidth, kLatency, kMiscompares},
                               .params = {kSize, kAtOnce},
                               .run = peer_copy,
                               .drill_sites = {FaultSite::transfer},
                               .drill_params = {{"size", "4 MiB"}},
                               .peers = Peers::copies});

}  // namespace
}  // namespace rackproof
