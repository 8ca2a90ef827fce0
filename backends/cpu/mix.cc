// SPDX-License-Identifier: Apache-2.0
// Mix: every core makes the same words with one kind of instruction, each into memory of its own.
// In the first iteration of a burst another core checks what a core made; from then on each core
// makes and checks its words at its own pace, and the digests say what it found there.
#include "core/mix.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/mix_check.h"
#include "backends/cpu/mix_kernels.h"
#include "backends/cpu/mix_oracle.h"
#include "backends/cpu/mix_scratch.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"
#include "core/oracle.h"

namespace rackproof::cpu {
namespace {

// One core's part of a burst.
struct alignas(64) Side {
  std::unique_ptr<MixWorker> worker;
  DigestFold digests;
  std::uint64_t iterations = 0;
};

class PreparedMix : public Prepared {
 public:
  PreparedMix(std::shared_ptr<Node> node, const Mix& mix, MakeMixWorker make_worker)
      : node_(std::move(node)),
        mix_(mix),
        make_worker_(make_worker),
        memory_(node_->allocate(8 * mix.words * node_->cores(), Place::device)),
        right_(scratch<std::uint64_t>(mix.words)),
        oracle_(node_->cores(),
                [this](const auto& which, auto pattern) { return answers(which, pattern); }) {}

  Burst run(const RunFor& how) override {
    require_core(how.core);
    const MixAnswer& right = oracle_.right(how.pattern);
    Run run{how, lined_up(right.words), right.packed, Tally(node_->cores()),
            std::vector<Side>(node_->cores())};
    note_outvoted(run);
    strikes_.begin();
    const Pace pace(how);
    std::uint64_t done = 0;
    while (pace.more(done)) {
      if (done == 0 || strikes_.any()) {
        together(run);
        ++done;
      } else {
        done = apart(run, pace);
      }
    }
    Burst burst = burst_of(run);
    burst.iterations = done;
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return strikes_.arm(fault, FaultSite::result);
  }

 private:
  struct Run {
    const RunFor& how;
    std::span<const std::uint64_t> right, packed;
    Tally tally;
    std::vector<Side> sides;
    [[nodiscard]] bool takes_part(unsigned core) const {
      return how.core < 0 || how.core == static_cast<int>(core);
    }
  };

  void require_core(int core) const {
    if (core < static_cast<int>(node_->cores())) return;
    throw DeviceError(fmt::format("core {} of a device with {} cores", core, node_->cores()));
  }
  [[nodiscard]] std::uint64_t first_element(unsigned core) const { return core * mix_.words; }
  [[nodiscard]] std::uint64_t* words_of(unsigned core) const {
    return memory_->as<std::uint64_t>() + first_element(core);
  }

  // Vectors that cross cache lines would make the check twice as slow.
  [[nodiscard]] std::span<const std::uint64_t> lined_up(std::span<const std::uint64_t> words) {
    std::copy(words.begin(), words.end(), right_.get());
    return {right_.get(), words.size()};
  }

  [[nodiscard]] std::vector<MixAnswer> answers(const std::vector<unsigned>& which,
                                               std::uint64_t pattern) const {
    std::vector<MixAnswer> all(which.size());
    node_->threads().run([&](unsigned core) {
      const auto mine = std::find(which.begin(), which.end(), core);
      if (mine != which.end())
        all[static_cast<std::size_t>(mine - which.begin())] = mix_answer(mix_, pattern);
    });
    return all;
  }

  void note_outvoted(Run& run) {
    for (const auto& [core, answer] : oracle_.take_outvoted()) {
      Findings& findings = run.tally.of(core);
      for (std::uint64_t i = 0; i < mix_.words; ++i) {
        if (answer.words[i] != run.right[i])
          findings.add(first_element(core) + i, run.right[i], answer.words[i]);
      }
      (void)check_packed(run, answer.packed, findings);
    }
    run.tally.collect();
  }

  void make(Run& run, unsigned core) const {
    Side& side = run.sides[core];
    if (!side.worker) side.worker = make_worker_(mix_.kernel, mix_.words);
    side.worker->make({run.how.pattern, run.right, words_of(core)});
  }

  void check(Run& run, unsigned core, Findings& findings) const {
    Side& side = run.sides[core];
    const std::uint64_t digest =
        check_mix(run.right, words_of(core), first_element(core), findings);
    side.digests.add(digest + check_packed(run, side.worker->packed(), findings));
    ++side.iterations;
    run.tally.checked(core);
  }

  // Compressed words are the elements behind those of all cores. What they add to the digest when
  // they are not as they should be.
  [[nodiscard]] std::uint64_t check_packed(const Run& run, std::span<const std::uint64_t> got,
                                           Findings& findings) const {
    const std::span<const std::uint64_t> right = run.packed;
    if (std::equal(got.begin(), got.end(), right.begin(), right.end())) return 0;
    const auto word = [](std::span<const std::uint64_t> all, std::uint64_t i) {
      return i < all.size() ? all[i] : 0;
    };
    std::uint64_t change = 0;
    for (std::uint64_t i = 0; i < std::max(got.size(), right.size()); ++i) {
      if (word(got, i) == word(right, i)) continue;
      findings.add(first_element(node_->cores()) + i, word(right, i), word(got, i));
      change +=
          digest_term(word(got, i), mix_.words + i) - digest_term(word(right, i), mix_.words + i);
    }
    return change;
  }

  // In step, so that faults can strike between making and checking, and a neighbour checks.
  void together(Run& run) {
    node_->threads().run([&](unsigned core) {
      if (run.takes_part(core)) make(run, core);
    });
    strikes_.hit(target(run.how.core));
    node_->threads().run([&](unsigned checker) {
      const unsigned core = (checker + 1) % node_->cores();
      if (run.takes_part(core)) check(run, core, run.tally.left_by(core));
    });
    run.tally.collect();
  }

  // The least that any core did in all.
  std::uint64_t apart(Run& run, const Pace& pace) {
    node_->threads().run([&](unsigned core) {
      if (!run.takes_part(core)) return;
      while (pace.more(run.sides[core].iterations)) {
        make(run, core);
        check(run, core, run.tally.of(core));
      }
    });
    run.tally.collect();
    std::uint64_t least = ~0ULL;
    for (unsigned core = 0; core < node_->cores(); ++core) {
      if (run.takes_part(core)) least = std::min(least, run.sides[core].iterations);
    }
    return least;
  }

  [[nodiscard]] Target target(int core) const {
    const std::uint64_t words = mix_.words;
    if (core < 0) return {memory_, words * node_->cores(), DType::fp64, true};
    const std::uint64_t first = first_element(static_cast<unsigned>(core));
    return {memory_, words, DType::fp64, true, [first](std::uint64_t e) { return first + e; }};
  }

  [[nodiscard]] Burst burst_of(const Run& run) const {
    Burst burst;
    DigestFold digests;
    for (const Side& side : run.sides) {
      if (side.iterations == 0) continue;
      digests.add(side.digests.value());
      burst.bytes += 8.0 * static_cast<double>(mix_.words) * static_cast<double>(side.iterations);
    }
    burst.digest = digests.value();
    run.tally.write_to(burst);
    std::erase_if(burst.cores,
                  [](const CoreTally& c) { return c.iterations == 0 && c.miscompares == 0; });
    return burst;
  }

  std::shared_ptr<Node> node_;
  Mix mix_;
  MakeMixWorker make_worker_;
  std::shared_ptr<NodeMemory> memory_;
  Scratch<std::uint64_t> right_;
  MixOracle oracle_;
  Strikes strikes_;
};

}  // namespace

Preparation prepare_mix(std::shared_ptr<Node> node, const Mix& mix) {
  if (mix.words == 0 || mix.words % kMixBlock != 0 || mix.words > kMostMixWords) {
    return Unsupported{fmt::format("{}: the number of words must be a multiple of {}, at most {}",
                                   describe(mix), kMixBlock, kMostMixWords)};
  }
  const auto maker = mix_worker_maker(mix.kernel);
  if (!maker) return Unsupported{fmt::format("{}: {}", describe(mix), maker.error().message)};
  return std::make_unique<PreparedMix>(std::move(node), mix, *maker);
}

}  // namespace rackproof::cpu
