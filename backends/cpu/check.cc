// SPDX-License-Identifier: Apache-2.0
// Check: reads every word of a region and compares it with what Fill wrote.
#include "backends/cpu/physical.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"
#include "backends/cpu/word_kernels.h"

namespace rackproof::cpu {
namespace {

class PreparedCheck : public Prepared {
 public:
  PreparedCheck(std::shared_ptr<Node> node, const Check& check)
      : node_(std::move(node)),
        memory_(memory_of(check.on)),
        lines_(check.on.words() / 8),
        what_(check.what) {}

  Burst run(const RunFor& how) override {
    strikes_.begin();
    const Pace pace(how);
    Tally tally(node_->cores());
    DigestFold digest;
    Burst burst;
    while (pace.more(burst.iterations)) {
      strikes_.hit({memory_, lines_ * 8, DType::fp64, true});
      digest.add(check_once({what_, how.pattern}, tally));
      ++burst.iterations;
    }
    burst.digest = digest.value();
    burst.bytes = static_cast<double>(lines_ * 64) * static_cast<double>(burst.iterations);
    tally.write_to(burst);
    locate(burst.samples, *memory_);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return strikes_.arm(fault, FaultSite::memory);
  }

 private:
  std::uint64_t check_once(const Contents& contents, Tally& tally) {
    std::atomic<std::uint64_t> digest{0};
    node_->threads().run([&](unsigned core) {
      const unsigned writer = node_->checked_by(core, turn_);
      const Range theirs = share(lines_, writer, node_->cores());
      if (theirs.empty()) return;
      digest += word_kernels().check(memory_->as<const std::uint64_t>(), theirs.first * 8,
                                     theirs.last * 8, contents, tally.of(writer));
      tally.checked(writer);
    });
    ++turn_;
    tally.collect();
    return digest;
  }

  std::shared_ptr<Node> node_;
  std::shared_ptr<NodeMemory> memory_;
  std::uint64_t lines_;
  Content what_;
  std::uint64_t turn_ = 0;
  Strikes strikes_;
};

}  // namespace

Preparation prepare_check(std::shared_ptr<Node> node, const Check& check) {
  return std::make_unique<PreparedCheck>(std::move(node), check);
}

}  // namespace rackproof::cpu
