// SPDX-License-Identifier: Apache-2.0
// Copy: moves a seeded pattern between two regions and checks it at the far end, every word. Lines
// are written past the caches and checked when all have been written, so that the check reads
// memory: of lines that are still in a cache it would be faster, and would say nothing of memory.
// The destination is spoilt before each copy, past the caches too, so that what a copy did not
// bring is not taken for what the one before brought.
#include "backends/cpu/physical.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"

namespace rackproof::cpu {
namespace {

class PreparedCopy : public Prepared {
 public:
  PreparedCopy(std::shared_ptr<Node> node, const Copy& copy, const WordKernels& kernels)
      : node_(std::move(node)),
        kernels_(kernels),
        from_(memory_of(copy.from)),
        to_(memory_of(copy.to)),
        lines_(copy.to.words() / 8) {}

  Burst run(const RunFor& how) override {
    fill_when_needed(how.pattern);
    strikes_.begin();
    const Pace pace(how);
    Tally tally(node_->cores());
    DigestFold digest;
    Burst burst;
    while (pace.more(burst.iterations)) {
      spoil_destination();
      const auto begun = Clock::now();
      copy_once();
      burst.moving_s += std::chrono::duration<double>(Clock::now() - begun).count();
      strikes_.hit({to_, lines_ * 8, DType::fp64, true});
      digest.add(check_once(how.pattern, tally));
      ++burst.iterations;
    }
    burst.bytes = static_cast<double>(lines_ * 64) * static_cast<double>(burst.iterations);
    burst.digest = digest.value();
    tally.write_to(burst);
    locate(burst.samples, *to_);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return strikes_.arm(fault, FaultSite::transfer);
  }

 private:
  void fill_when_needed(std::uint64_t pattern) {
    if (filled_ && pattern_ == pattern && from_->generation() == generation_) return;
    generation_ = from_->changed();
    auto* words = from_->as<std::uint64_t>();
    node_->threads().run([&](unsigned core) {
      const Range mine = share_of(core);
      kernels_.fill(words, mine.first, mine.last, {Content::seeded, pattern});
    });
    pattern_ = pattern;
    filled_ = true;
  }

  // By the core that checks it, so that one whose stores are lost does not spare itself.
  void spoil_destination() {
    auto* words = to_->as<std::uint64_t>();
    node_->threads().run([&](unsigned core) {
      const Range theirs = share_of(node_->checked_by(core, turn_));
      if (!theirs.empty()) kernels_.fill(words, theirs.first, theirs.last, {Content::address, 0});
    });
  }

  void copy_once() {
    to_->changed();
    const auto* from = from_->as<const std::uint64_t>();
    auto* to = to_->as<std::uint64_t>();
    node_->threads().run([&](unsigned core) {
      const Range mine = share_of(core);
      kernels_.copy(from, to, mine.first, mine.last);
    });
  }

  // Another core checks what a core copied, and the finding is the copying core's.
  std::uint64_t check_once(std::uint64_t pattern, Tally& tally) {
    std::atomic<std::uint64_t> digest{0};
    node_->threads().run([&](unsigned core) {
      const unsigned copier = node_->checked_by(core, turn_);
      const Range theirs = share_of(copier);
      if (theirs.empty()) return;
      digest += kernels_.check(to_->as<const std::uint64_t>(), theirs.first, theirs.last,
                               {Content::seeded, pattern}, tally.of(copier));
      tally.checked(copier);
    });
    ++turn_;
    tally.collect();
    return digest;
  }

  [[nodiscard]] Range share_of(unsigned core) const {
    const Range lines = share(lines_, core, node_->cores());
    return {lines.first * 8, lines.last * 8};
  }

  std::shared_ptr<Node> node_;
  WordKernels kernels_;
  std::shared_ptr<NodeMemory> from_, to_;
  std::uint64_t lines_;
  bool filled_ = false;
  std::uint64_t pattern_ = 0, generation_ = 0, turn_ = 0;
  Strikes strikes_;
};

}  // namespace

Preparation prepare_copy(std::shared_ptr<Node> node, const Copy& copy, const WordKernels& kernels) {
  if (copy.from.memory == copy.to.memory) return Unsupported{"a copy needs two regions"};
  if (copy.from.size_bytes != copy.to.size_bytes) {
    return Unsupported{"a copy needs two regions of the same size"};
  }
  return std::make_unique<PreparedCopy>(std::move(node), copy, kernels);
}

}  // namespace rackproof::cpu
