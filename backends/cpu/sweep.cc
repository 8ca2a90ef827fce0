// SPDX-License-Identifier: Apache-2.0
// Sweep: one March operation over a region, or over the half that one address bit selects.
#include <fmt/format.h>

#include <array>

#include "backends/cpu/half.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"
#include "backends/cpu/word_kernels.h"
#include "core/oracle.h"

namespace rackproof::cpu {
namespace {

constexpr int kLongRunBits = 13;  // runs of 64 KiB are as good as one

class PreparedSweep : public Prepared {
 public:
  PreparedSweep(std::shared_ptr<Node> node, const Sweep& sweep)
      : node_(std::move(node)),
        memory_(memory_of(sweep.on)),
        words_(sweep.on.words()),
        reading_(sweep.op.kind == MarchOp::Kind::read),
        word_(sweep.op.word) {}

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
    return reading_ ? strikes_.arm(fault, FaultSite::memory) : nullptr;
  }

 private:
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
    return burst;
  }

  std::uint64_t read_once(const Half& half, int bit, Tally& tally) {
    std::atomic<std::uint64_t> digest{0};
    node_->threads().run([&](unsigned core) {
      const Range mine = share_of(half, core);
      if (mine.empty()) return;
      digest += read_range(half, bit, mine, tally.of(core));
      tally.checked(core);
    });
    tally.collect();
    return digest;
  }

  std::uint64_t read_range(const Half& half, int bit, const Range& mine, Findings& findings) const {
    const auto* words = memory_->as<const std::uint64_t>();
    const WordKernels& kernels = word_kernels();
    if (bit >= 0 && bit < kLongRunBits)
      return kernels.read_scattered(words, half, mine.first, mine.last, word_, findings);
    std::uint64_t digest = 0;
    half.for_runs(mine.first, mine.last, [&](std::uint64_t first, std::uint64_t last) {
      digest += kernels.read(words, first, last, word_, findings);
    });
    return digest;
  }

  Burst write(const Half& half, const Pace& pace) {
    Burst burst;
    memory_->changed();
    while (pace.more(burst.iterations)) {
      node_->threads().run([&](unsigned core) { write_range(half, share_of(half, core)); });
      ++burst.iterations;
    }
    Tally(node_->cores()).write_to(burst);
    return burst;
  }

  void write_range(const Half& half, const Range& mine) const {
    if (half.within_line()) return write_within_lines(half, mine);
    const WordKernels& kernels = word_kernels();
    half.for_runs(mine.first, mine.last, [&](std::uint64_t first, std::uint64_t last) {
      kernels.write(memory_->as<std::uint64_t>(), first, last, word_);
    });
    kernels.flush();
  }

  // Only the chosen words are stored: rewriting their neighbours would be another March operation.
  void write_within_lines(const Half& half, const Range& mine) const {
    const LineOffsets offsets = offsets_of(half);
    auto* words = memory_->as<volatile std::uint64_t>();
    for (std::uint64_t line = mine.first / 4; line < mine.last / 4; ++line) {
      for (const std::uint64_t offset : offsets) words[line * 8 + offset] = word_;
    }
  }

  // The four chosen words of every line.
  using LineOffsets = std::array<std::uint64_t, 4>;
  static LineOffsets offsets_of(const Half& half) {
    return {half.word(0), half.word(1), half.word(2), half.word(3)};
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
  std::uint64_t word_;
  Strikes strikes_;
};

}  // namespace

Preparation prepare_sweep(std::shared_ptr<Node> node, const Sweep& sweep) {
  return std::make_unique<PreparedSweep>(std::move(node), sweep);
}

}  // namespace rackproof::cpu
