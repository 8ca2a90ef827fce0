// SPDX-License-Identifier: Apache-2.0
// stressors/memory/address.cc: every word holds its own address, then the complement, so that words
// that share a cell, or memory that is not there, show by what they hold.
#include "stressors/memory/tested_memory.h"

namespace rackproof {
namespace {

void address(Context& ctx) {
  const Region region = tested_region(ctx);
  const auto fill = ctx.prepare(Fill{region, Content::address});
  const auto check = ctx.prepare(Check{region, Content::address});
  const auto fill_inverse = ctx.prepare(Fill{region, Content::inverse_address});
  const auto check_inverse = ctx.prepare(Check{region, Content::inverse_address});
  while (ctx.running()) {
    const bool complete = swept(ctx, *fill, ctx.sweep()) && swept(ctx, *check, ctx.sweep()) &&
                          swept(ctx, *fill_inverse, ctx.sweep()) &&
                          swept(ctx, *check_inverse, ctx.sweep());
    if (complete) ctx.pass_completed(static_cast<double>(region.size_bytes));
  }
}

RACKPROOF_STRESSOR(address, {.name = "memory.address",
                             .summary = "every word holds its address, then the complement",
                             .subsystem = Subsystem::memory,
                             .metrics = {kSweepBandwidth, kWrongWords},
                             .params = {kTestedShare},
                             .run = address,
                             .by_passes = true,
                             .drill_sites = {FaultSite::memory},
                             .drill_params = {{"memory", "0.1 %"}}});

}  // namespace
}  // namespace rackproof
