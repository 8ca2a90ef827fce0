// SPDX-License-Identifier: Apache-2.0
// Fill: writes its content into every word. Reads nothing, so it has no digest and suffers no
// fault.
#include "backends/cpu/prepared.h"
#include "backends/cpu/word_kernels.h"

namespace rackproof::cpu {
namespace {

class PreparedFill : public Prepared {
 public:
  PreparedFill(std::shared_ptr<Node> node, const Fill& fill)
      : node_(std::move(node)),
        memory_(memory_of(fill.to)),
        lines_(fill.to.words() / 8),
        what_(fill.what) {}

  Burst run(const RunFor& how) override {
    const Pace pace(how);
    Tally tally(node_->cores());
    Burst burst;
    memory_->changed();
    while (pace.more(burst.iterations)) {
      node_->threads().run([&](unsigned core) { write(core, {what_, how.pattern}); });
      ++burst.iterations;
    }
    burst.bytes = static_cast<double>(lines_ * 64) * static_cast<double>(burst.iterations);
    tally.write_to(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault&) override { return nullptr; }

 private:
  // Nothing is checked, so nothing is tallied.
  void write(unsigned core, const Contents& contents) const {
    const Range mine = share(lines_, core, node_->cores());
    word_kernels().fill(memory_->as<std::uint64_t>(), mine.first * 8, mine.last * 8, contents);
  }

  std::shared_ptr<Node> node_;
  std::shared_ptr<NodeMemory> memory_;
  std::uint64_t lines_;
  Content what_;
};

}  // namespace

Preparation prepare_fill(std::shared_ptr<Node> node, const Fill& fill) {
  return std::make_unique<PreparedFill>(std::move(node), fill);
}

}  // namespace rackproof::cpu
