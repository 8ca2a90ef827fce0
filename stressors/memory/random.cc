// SPDX-License-Identifier: Apache-2.0
// stressors/memory/random.cc: random words written and read back, with new ones in every round:
// data that no background of a March holds.
#include "core/oracle.h"
#include "stressors/memory/tested_memory.h"

namespace rackproof {
namespace {

constexpr Param kRounds{"rounds", 8, 1, 1000, "patterns that are written and read in one pass"};

// False when the step ended before the pass did.
bool pass(Context& ctx, Prepared& fill, Prepared& check, std::int64_t rounds) {
  RunFor how = ctx.sweep();
  const std::uint64_t first = how.pattern;
  for (std::int64_t round = 0; round < rounds; ++round) {
    how.pattern = pattern_word(first, static_cast<std::uint64_t>(round));
    if (!swept(ctx, fill, how) || !swept(ctx, check, how)) return false;
  }
  return true;
}

void random_words(Context& ctx) {
  const Region region = tested_region(ctx);
  const auto fill = ctx.prepare(Fill{.to = region});
  const auto check = ctx.prepare(Check{.on = region});
  while (ctx.running()) {
    if (pass(ctx, *fill, *check, ctx[kRounds]))
      ctx.pass_completed(static_cast<double>(region.size_bytes));
  }
}

RACKPROOF_STRESSOR(random_words,
                   {.name = "memory.random",
                    .summary = "random words written and read back, new ones every round",
                    .subsystem = Subsystem::memory,
                    .metrics = {kSweepBandwidth, kWrongWords},
                    .params = {kTestedShare, kRounds},
                    .run = random_words,
                    .by_passes = true,
                    .drill_sites = {FaultSite::memory},
                    .drill_params = {{"memory", "0.1 %"}}});

}  // namespace
}  // namespace rackproof
