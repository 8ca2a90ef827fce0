// SPDX-License-Identifier: Apache-2.0
// stressors/memory/march.cc: bit-phased March SS over nearly all of a device's memory. Thousands of
// threads have no address order, so the order is imposed by phases: for each address bit the whole
// March runs, one half of the words before the other. Then it runs unphased with more backgrounds.
#include "stressors/memory/march_engine.h"

namespace rackproof {
namespace {

void march(Context& ctx) {
  const Region region = tested_region(ctx);
  MarchEngine engine(ctx, region, march_order(region.words()));
  while (ctx.running()) {
    if (engine.pass()) ctx.pass_completed(static_cast<double>(region.size_bytes));
  }
}

RACKPROOF_STRESSOR(march, {.name = "memory.march",
                           .summary = "bit-phased March SS, every word of nearly all memory",
                           .subsystem = Subsystem::memory,
                           .metrics = {kSweepBandwidth, kWrongWords},
                           .params = {kTestedShare},
                           .run = march,
                           .by_passes = true,
                           .drill_sites = {FaultSite::memory},
                           .drill_params = {{"memory", "0.1 %"}}});

}  // namespace
}  // namespace rackproof
