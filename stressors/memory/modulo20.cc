// SPDX-License-Identifier: Apache-2.0
// stressors/memory/modulo20.cc: every 20th word is written, its neighbours are written twice with
// the complement, and then it is read. No cache and no order of accesses can bring what is read
// close to what was written, which is where tests that write and read in turn go blind.
// Source of the method: memtest86's "modulo 20, random pattern".
#include <map>
#include <tuple>

#include "stressors/memory/tested_memory.h"

namespace rackproof {
namespace {

using Kind = MarchOp::Kind;

class Modulo20 {
 public:
  Modulo20(Context& ctx, const Region& region) : ctx_(ctx) {
    for (std::uint64_t phase = 0; phase < kStripe; ++phase) {
      for (const bool inverted : {false, true}) {
        prepare({region, Kind::write, phase, false, inverted});
        prepare({region, Kind::write, phase, true, inverted});
        prepare({region, Kind::read, phase, false, inverted});
      }
    }
  }

  // False when the step ended before the pass did.
  bool pass() {
    for (std::uint64_t phase = 0; phase < kStripe; ++phase) {
      if (!one_stripe(phase, false) || !one_stripe(phase, true)) return false;
    }
    return true;
  }

 private:
  using Key = std::tuple<Kind, std::uint64_t, bool, bool>;

  void prepare(const Stripe& stripe) {
    stripes_[Key{stripe.kind, stripe.phase, stripe.others, stripe.inverted}] = ctx_.prepare(stripe);
  }

  bool run(Kind kind, std::uint64_t phase, bool others, bool inverted) {
    Prepared& stripe = *stripes_.at(Key{kind, phase, others, inverted});
    return others ? swept(ctx_, stripe, ctx_.sweep()) : swept_sparsely(ctx_, stripe, ctx_.sweep());
  }

  bool one_stripe(std::uint64_t phase, bool inverted) {
    return run(Kind::write, phase, false, inverted) && run(Kind::write, phase, true, !inverted) &&
           run(Kind::write, phase, true, !inverted) && run(Kind::read, phase, false, inverted);
  }

  Context& ctx_;
  std::map<Key, std::unique_ptr<Prepared>> stripes_;
};

void modulo20(Context& ctx) {
  const Region region = tested_region(ctx);
  Modulo20 stripes(ctx, region);
  while (ctx.running()) {
    if (stripes.pass()) ctx.pass_completed(static_cast<double>(region.size_bytes));
  }
}

RACKPROOF_STRESSOR(modulo20, {.name = "memory.modulo20",
                              .summary = "every 20th word read after its neighbours were written",
                              .subsystem = Subsystem::memory,
                              .metrics = {kSweepBandwidth, kWrongWords},
                              .params = {kTestedShare},
                              .run = modulo20,
                              .by_passes = true,
                              .drill_sites = {FaultSite::memory},
                              .drill_params = {{"memory", "0.1 %"}}});

}  // namespace
}  // namespace rackproof
