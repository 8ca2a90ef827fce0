// SPDX-License-Identifier: Apache-2.0
// stressors/memory/march.cc: bit-phased March SS over nearly all of a device's memory. Thousands of
// threads have no address order, so the order is imposed by phases: for each address bit the whole
// March runs, one half of the words before the other. Then it runs unphased with more backgrounds.
// Source of March SS: Hamdioui, van de Goor & Rodgers, MTDT 2002.
#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <span>
#include <utility>

#include "core/context.h"

namespace rackproof {
namespace {

constexpr Fraction kMemory{"memory", 0.95, 1e-6, 1, "share of the memory that can be allocated"};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second, "words read or written per sweep",
                            "memory"};
constexpr Metric kMiscompares{"miscompares", Unit::count,
                              "words that do not hold what was written"};

using Kind = MarchOp::Kind;

// One operation on every word, with the background or its complement.
struct Step {
  Kind kind;
  bool inverted;
};
constexpr Step kR0{Kind::read, false}, kR1{Kind::read, true}, kW0{Kind::write, false},
    kW1{Kind::write, true};

// A March element: its operations, and whether the half with address bit 1 goes first.
struct Element {
  bool down;
  std::span<const Step> steps;
};
constexpr std::array kClear{kW0}, kVerify{kR0};
constexpr std::array kRise{kR0, kR0, kW0, kR0, kW1}, kFall{kR1, kR1, kW1, kR1, kW0};
constexpr std::array<Element, 6> kMarchSs{{{false, kClear},
                                           {false, kRise},
                                           {false, kFall},
                                           {true, kRise},
                                           {true, kFall},
                                           {false, kVerify}}};

// log2(word bits) + 1 backgrounds tell any two bits of a word apart.
constexpr std::array<std::uint64_t, 7> kBackgrounds{0,
                                                    0x5555555555555555,
                                                    0x3333333333333333,
                                                    0x0f0f0f0f0f0f0f0f,
                                                    0x00ff00ff00ff00ff,
                                                    0x0000ffff0000ffff,
                                                    0x00000000ffffffff};

// The sweeps of one region, each prepared once, before the load begins.
class March {
 public:
  March(Context& ctx, const Region& region)
      : ctx_(ctx), address_bits_(static_cast<int>(std::bit_width(region.words() - 1))) {
    for (const std::uint64_t background : kBackgrounds) {
      for (const Step step : {kR0, kR1, kW0, kW1}) {
        const MarchOp op = op_of(step, background);
        sweeps_[{op.kind, op.word}] = ctx.prepare(Sweep{.on = region, .op = op});
      }
    }
  }

  // False when the step ended before the pass did.
  bool pass() {
    for (int bit = 0; bit < address_bits_; ++bit) {
      for (const Element& element : kMarchSs) {
        const int first = element.down ? 1 : 0;
        if (!run(element, 0, bit, first) || !run(element, 0, bit, 1 - first)) return false;
      }
    }
    return std::all_of(kBackgrounds.begin(), kBackgrounds.end(), [this](std::uint64_t background) {
      return std::all_of(kMarchSs.begin(), kMarchSs.end(),
                         [&](const Element& e) { return run(e, background, -1, 0); });
    });
  }

 private:
  static MarchOp op_of(Step step, std::uint64_t background) {
    return {step.kind, step.inverted ? ~background : background};
  }

  bool run(const Element& element, std::uint64_t background, int bit, int half) {
    for (const Step step : element.steps) {
      if (!ctx_.running()) return false;
      const MarchOp op = op_of(step, background);
      const Burst burst = sweeps_.at({op.kind, op.word})->run(ctx_.sweep(bit, half));
      ctx_.record(kBandwidth, burst.bytes_per_second());
      ctx_.record(kMiscompares, static_cast<double>(burst.miscompares));
    }
    return true;
  }

  Context& ctx_;
  int address_bits_;
  std::map<std::pair<Kind, std::uint64_t>, std::unique_ptr<Prepared>> sweeps_;
};

void march(Context& ctx) {
  const auto available = static_cast<double>(ctx.device().info().allocatable_bytes);
  const auto size = static_cast<std::uint64_t>(ctx[kMemory] * available);
  const Region region = ctx.device().allocate(std::max<std::uint64_t>(size / 64, 1) * 64);
  March march(ctx, region);
  while (ctx.running()) {
    if (march.pass()) ctx.pass_completed(static_cast<double>(region.size_bytes));
  }
}

RACKPROOF_STRESSOR(march, {.name = "memory.march",
                           .summary = "bit-phased March SS, every word of nearly all memory",
                           .subsystem = Subsystem::memory,
                           .metrics = {kBandwidth, kMiscompares},
                           .params = {kMemory},
                           .run = march,
                           .by_passes = true,
                           .drill_sites = {FaultSite::memory},
                           .drill_params = {{"memory", "0.1 %"}}});

}  // namespace
}  // namespace rackproof
