// SPDX-License-Identifier: Apache-2.0
// Triad: passes alternate a = b + 3 c and b = a - 3 c, in exact arithmetic; each pass checks every
// element that it reads, and a closing check what the last pass wrote.
#include <array>

#include "backends/cpu/physical.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"
#include "backends/cpu/triad_kernels.h"

namespace rackproof::cpu {
namespace {

class PreparedTriad : public Prepared {
 public:
  PreparedTriad(std::shared_ptr<Node> node, const Triad& triad)
      : node_(std::move(node)),
        memory_{memory_of(triad.a), memory_of(triad.b), memory_of(triad.c)},
        arrays_{memory_[0]->as<double>(), memory_[1]->as<double>(), memory_[2]->as<double>()},
        count_(triad.a.words()) {}

  Burst run(const RunFor& how) override {
    init_when_needed(how.pattern);
    strikes_.begin();
    const Pace pace(how);
    Tally tally(node_->cores());
    Burst burst;
    while (pace.more(burst.iterations)) {
      strikes_.hit({memory_[forward_ ? 1 : 0], count_, DType::fp64});
      pass(how.pattern, tally);
      ++burst.iterations;
    }
    burst.digest = close(how.pattern, tally);
    burst.bytes = 24.0 * static_cast<double>(count_) * static_cast<double>(burst.iterations);
    burst.flops = 2.0 * static_cast<double>(count_) * static_cast<double>(burst.iterations);
    tally.write_to(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return strikes_.arm(fault, FaultSite::memory);
  }

 private:
  [[nodiscard]] bool intact() const {
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      if (memory_[i]->generation() != generations_[i]) return false;
    }
    return true;
  }

  void init_when_needed(std::uint64_t pattern) {
    if (filled_ && pattern_ == pattern && intact()) return;
    for (std::size_t i = 0; i < memory_.size(); ++i) generations_[i] = memory_[i]->changed();
    turn_ += node_->cores() - 1;  // so that the first pass, too, reads what another core wrote
    each_share(
        [&](unsigned, const Range& r) { triad_kernels().init(arrays_, r.first, r.last, pattern); });
    ++turn_;
    pattern_ = pattern;
    filled_ = forward_ = true;
  }

  // Shares move on by one core every pass, so that another core checks what a core wrote; a wrong
  // result is the writer's, a wrong element of an array that only lies there the reader's.
  void pass(std::uint64_t pattern, Tally& tally) {
    const auto kernel = forward_ ? triad_kernels().forward : triad_kernels().backward;
    each_share([&](unsigned core, const Range& r) {
      const TriadFindings found{tally.left_by(writer(core)), tally.of(core)};
      kernel(arrays_, r.first, r.last, pattern, found);
      locate(found.written.samples, *memory_[forward_ ? 1 : 0]);
      locate(found.kept.samples, *memory_[2]);
      tally.checked(core);
    });
    tally.collect();
    forward_ = !forward_;
    ++turn_;
  }

  std::uint64_t close(std::uint64_t pattern, Tally& tally) {
    std::atomic<std::uint64_t> digest{0};
    each_share([&](unsigned core, const Range& r) {
      Findings& fresh = tally.left_by(writer(core));  // of the array that the last pass wrote
      Findings& of_a = forward_ ? tally.of(core) : fresh;
      digest += triad_kernels().check_a(arrays_, r.first, r.last, pattern, of_a);
      locate(of_a.samples, *memory_[0]);
      if (!forward_) return;
      triad_kernels().check_b(arrays_, r.first, r.last, pattern, fresh);
      locate(fresh.samples, *memory_[1]);
    });
    tally.collect();
    return digest;
  }

  // Who worked in the turn before on the share that is `core`'s now.
  [[nodiscard]] unsigned writer(unsigned core) const { return (core + 1) % node_->cores(); }

  template <class Work>
  void each_share(const Work& work) {
    node_->threads().run([&](unsigned core) {
      const Range lines = share(count_ / 8, (core + turn_) % node_->cores(), node_->cores());
      if (!lines.empty()) work(core, Range{lines.first * 8, lines.last * 8});
    });
  }

  std::shared_ptr<Node> node_;
  std::array<std::shared_ptr<NodeMemory>, 3> memory_;
  TriadArrays arrays_;
  std::uint64_t count_, turn_ = 0;
  bool filled_ = false, forward_ = true;  // the next pass computes a
  std::uint64_t pattern_ = 0;
  std::array<std::uint64_t, 3> generations_{};
  Strikes strikes_;
};

}  // namespace

Preparation prepare_triad(std::shared_ptr<Node> node, const Triad& triad) {
  if (triad.type != DType::fp64) return Unsupported{"triad runs in fp64 only"};
  if (triad.a.size_bytes != triad.b.size_bytes || triad.a.size_bytes != triad.c.size_bytes) {
    return Unsupported{"triad needs three regions of the same size"};
  }
  if (triad.a.memory == triad.b.memory || triad.a.memory == triad.c.memory ||
      triad.b.memory == triad.c.memory) {
    return Unsupported{"triad needs three different regions"};
  }
  return std::make_unique<PreparedTriad>(std::move(node), triad);
}

}  // namespace rackproof::cpu
