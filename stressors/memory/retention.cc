// SPDX-License-Identifier: Apache-2.0
// stressors/memory/retention.cc: random words are written, left alone for a while with the device
// kept hot, and read back: cells that leak lose their charge with time, and faster when hot.
#include <thread>

#include "stressors/compute/square_gemm.h"
#include "stressors/memory/tested_memory.h"

namespace rackproof {
namespace {

constexpr std::int64_t kLargestHeater = 1024, kSmallestHeater = 64;  // rows and columns
constexpr std::chrono::milliseconds kNap{50};

constexpr Param kHold{
    "hold", 10, 0, 86400, "how long the words are left alone before they are read", Unit::second};
constexpr Metric kHeated{"heated", Unit::count,
                         "1: kept hot by products of matrices; 0: idle, since it cannot"};

// Three matrices of this size, and what a back end keeps besides, fit beside the tested region. 0:
// none does.
std::int64_t heater_size(const Context& ctx) {
  const auto available = static_cast<double>(ctx.device().info().allocatable_bytes);
  const double room = available * (1 - ctx[kTestedShare]) / 4;
  std::int64_t size = kLargestHeater;
  while (size >= kSmallestHeater && 3.0 * 4 * static_cast<double>(size * size) > room) size /= 2;
  return size >= kSmallestHeater ? size : 0;
}

// Products of matrices that keep the device hot; null where it cannot, or where nothing is held.
std::unique_ptr<Prepared> heater(Context& ctx) {
  const std::int64_t size = heater_size(ctx);
  if (ctx[kHold] == 0 || size == 0) return nullptr;
  try {
    return ctx.prepare(square_gemm(DType::fp32, size, Operands::random));
  } catch (const StepUnsupported&) {
    return nullptr;
  }
}

void heat(Context& ctx, Prepared& heater) {
  const Burst burst = heater.run(ctx.burst());
  ctx.record(kWrongWords, static_cast<double>(burst.miscompares));
  ctx.record(kHeated, 1);
}

// A second of idleness at most, told when it is over: the supervisor takes long silence for a hang.
void idle(Context& ctx, Clock::time_point until) {
  const auto end = std::min(until, Clock::now() + std::chrono::seconds(1));
  while (Clock::now() < end && ctx.running())
    std::this_thread::sleep_for(std::min<Clock::duration>(kNap, end - Clock::now()));
  ctx.record(kHeated, 0);
  ctx.flush();
}

// False when the step ended before the time was over.
bool hold(Context& ctx, Prepared* heater) {
  const auto until = Clock::now() + std::chrono::seconds(ctx[kHold]);
  while (Clock::now() < until) {
    if (!ctx.running()) return false;
    if (heater != nullptr) {
      heat(ctx, *heater);
    } else {
      idle(ctx, until);
    }
  }
  return true;
}

void retention(Context& ctx) {
  const auto hot = heater(ctx);
  const Region region = tested_region(ctx);
  const auto fill = ctx.prepare(Fill{.to = region});
  const auto check = ctx.prepare(Check{.on = region});
  while (ctx.running()) {
    const RunFor how = ctx.sweep();
    if (swept(ctx, *fill, how) && hold(ctx, hot.get()) && swept(ctx, *check, how))
      ctx.pass_completed(static_cast<double>(region.size_bytes));
  }
}

RACKPROOF_STRESSOR(retention, {.name = "memory.retention",
                               .summary = "random words held for a while, hot, and read back",
                               .subsystem = Subsystem::memory,
                               .metrics = {kSweepBandwidth, kWrongWords, kHeated},
                               .params = {kTestedShare, kHold},
                               .run = retention,
                               .by_passes = true,
                               .drill_sites = {FaultSite::memory},
                               .drill_params = {{"memory", "0.1 %"}, {"hold", "0 s"}}});

}  // namespace
}  // namespace rackproof
