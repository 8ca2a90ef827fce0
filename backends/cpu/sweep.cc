// SPDX-License-Identifier: Apache-2.0
// Sweep: one March operation over a region, or over the half that one address bit selects.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <vector>

#include "backends/cpu/half.h"
#include "backends/cpu/physical.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"
#include "backends/cpu/sweep_kernels.h"
#include "core/oracle.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kPieceLines = 16384;  // some 30 us: long enough to be timed

// One core's choices, by address bit; bit -1 comes first.
struct alignas(64) CoreAheads {
  std::array<AheadChoice, 64> of_bit;
};

class PreparedSweep : public Prepared {
 public:
  PreparedSweep(std::shared_ptr<Node> node, const Sweep& sweep)
      : node_(std::move(node)),
        memory_(memory_of(sweep.on)),
        words_(sweep.on.words()),
        reading_(sweep.op.kind == MarchOp::Kind::read),
        word_(sweep.op.word),
        aheads_(reading_ ? node_->cores() : 0) {}

  Burst run(const RunFor& how) override {
    if (how.address_bit > 62) throw DeviceError(fmt::format("no address bit {}", how.address_bit));
    const Half half(words_, how.address_bit, how.half);
    strikes_.begin();
    const Pace pace(how);
    Burst burst = reading_ ? read(how, half, pace) : write(half, pace);
    burst.bytes = static_cast<double>(half.count() * 8) * static_cast<double>(burst.iterations);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return reading_ && can_change(fault) ? strikes_.arm(fault, FaultSite::memory) : nullptr;
  }

 private:
  // All words are alike, so that some faults change nothing.
  [[nodiscard]] bool can_change(const Fault& fault) const {
    switch (fault.kind) {
      case FaultKind::swap:
        return false;
      case FaultKind::zero:
        return word_ != 0;
      case FaultKind::nan:
        return word_ != ~0ULL;
      case FaultKind::inf:
        return word_ != ~0ULL >> 1;
      default:
        return true;
    }
  }

  Burst read(const RunFor& how, const Half& half, const Pace& pace) {
    Burst burst;
    Tally tally(node_->cores());
    DigestFold digest;
    while (pace.more(burst.iterations)) {
      strikes_.hit({memory_, half.count() > 0 ? words_ : 0, DType::fp64, true,
                    [&half](std::uint64_t word) { return half.nearest(word); }});
      digest.add(read_once(half, how.address_bit, tally));
      ++burst.iterations;
    }
    burst.digest = digest.value();
    tally.write_to(burst);
    locate(burst.samples, *memory_);
    return burst;
  }

  std::uint64_t read_once(const Half& half, int bit, Tally& tally) {
    std::atomic<std::uint64_t> digest{0};
    node_->threads().run([&](unsigned core) {
      const unsigned writer = node_->checked_by(core, turn_);
      const Range theirs = share_of(half, writer);
      if (theirs.empty()) return;
      AheadChoice& ahead = aheads_[core].of_bit[static_cast<std::size_t>(bit + 1)];
      digest += read_share(half, theirs, ahead, tally.of(writer));
      tally.checked(writer);
    });
    ++turn_;
    tally.collect();
    return digest;
  }

  std::uint64_t read_share(const Half& half, const Range& theirs, AheadChoice& ahead,
                           Findings& findings) const {
    std::uint64_t digest = 0;
    const std::uint64_t piece = kPieceLines * half.line_share();
    for (std::uint64_t first = theirs.first; first < theirs.last; first += piece) {
      const Stretch stretch{half, first, std::min(first + piece, theirs.last), theirs.last};
      const auto start = Clock::now();
      digest += sweep_kernels().read(memory_->as<const std::uint64_t>(), stretch, word_,
                                     ahead.next(), findings);
      if (stretch.last == first + piece) ahead.took(seconds_since(start));
    }
    return digest;
  }

  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  Burst write(const Half& half, const Pace& pace) {
    Burst burst;
    memory_->changed();
    while (pace.more(burst.iterations)) {
      node_->threads().run([&](unsigned core) { write_share(half, share_of(half, core)); });
      ++burst.iterations;
    }
    Tally(node_->cores()).write_to(burst);
    return burst;
  }

  void write_share(const Half& half, const Range& mine) const {
    if (mine.empty()) return;
    sweep_kernels().write(memory_->as<std::uint64_t>(), {half, mine.first, mine.last, mine.last},
                          word_);
  }

  // Whole cache lines, or the whole chosen parts of lines.
  [[nodiscard]] Range share_of(const Half& half, unsigned core) const {
    const std::uint64_t unit = half.count() % 8 == 0 ? 8 : 4;
    const Range units = share(half.count() / unit, core, node_->cores());
    return {units.first * unit, units.last * unit};
  }

  std::shared_ptr<Node> node_;
  std::shared_ptr<NodeMemory> memory_;
  std::uint64_t words_;
  bool reading_;
  std::uint64_t word_, turn_ = 0;
  Strikes strikes_;
  std::vector<CoreAheads> aheads_;
};

}  // namespace

Preparation prepare_sweep(std::shared_ptr<Node> node, const Sweep& sweep) {
  return std::make_unique<PreparedSweep>(std::move(node), sweep);
}

}  // namespace rackproof::cpu
