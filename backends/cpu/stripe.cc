// SPDX-License-Identifier: Apache-2.0
// Stripe: one operation on every 20th word of a region, or on all the others.
#include <fmt/format.h>

#include "backends/cpu/physical.h"
#include "backends/cpu/prepared.h"
#include "backends/cpu/strikes.h"
#include "backends/cpu/stripe_kernels.h"
#include "core/oracle.h"

namespace rackproof::cpu {
namespace {

class PreparedStripe : public Prepared {
 public:
  PreparedStripe(std::shared_ptr<Node> node, const Stripe& stripe)
      : node_(std::move(node)),
        memory_(memory_of(stripe.on)),
        words_(stripe.on.words()),
        reading_(stripe.kind == MarchOp::Kind::read),
        inverted_(stripe.inverted),
        chosen_(stripe.phase, stripe.others) {}

  Burst run(const RunFor& how) override {
    const std::uint64_t word = stripe_word(how.pattern, chosen_.phase(), inverted_);
    strikes_.begin();
    const Pace pace(how);
    Burst burst = reading_ ? read(word, pace) : write(word, pace);
    burst.bytes = 8.0 * static_cast<double>(chosen_.count(words_) * burst.iterations);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  // All words are alike, so that two which change places are no fault.
  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    if (!reading_ || fault.kind == FaultKind::swap) return nullptr;
    return strikes_.arm(fault, FaultSite::memory);
  }

 private:
  Burst read(std::uint64_t word, const Pace& pace) {
    Burst burst;
    Tally tally(node_->cores());
    DigestFold digest;
    while (pace.more(burst.iterations)) {
      strikes_.hit({memory_, chosen_.count(words_), DType::fp64, true,
                    [this](std::uint64_t number) { return chosen_.word(number); }});
      digest.add(read_once(word, tally));
      ++burst.iterations;
    }
    burst.digest = digest.value();
    tally.write_to(burst);
    locate(burst.samples, *memory_);
    return burst;
  }

  std::uint64_t read_once(std::uint64_t word, Tally& tally) {
    std::atomic<std::uint64_t> digest{0};
    node_->threads().run([&](unsigned core) {
      const unsigned writer = node_->checked_by(core, turn_);
      const StripePiece theirs = share_of(writer);
      if (theirs.first >= theirs.last) return;
      digest += stripe_kernels().read(memory_->as<const std::uint64_t>(), theirs, chosen_, word,
                                      tally.of(writer));
      tally.checked(writer);
    });
    ++turn_;
    tally.collect();
    return digest;
  }

  Burst write(std::uint64_t word, const Pace& pace) {
    Burst burst;
    memory_->changed();
    while (pace.more(burst.iterations)) {
      node_->threads().run([&](unsigned core) {
        stripe_kernels().write(memory_->as<std::uint64_t>(), share_of(core), chosen_, word);
      });
      ++burst.iterations;
    }
    Tally(node_->cores()).write_to(burst);
    return burst;
  }

  [[nodiscard]] StripePiece share_of(unsigned core) const {
    const std::uint64_t periods = (words_ + kStripePeriod - 1) / kStripePeriod;
    const Range mine = share(periods, core, node_->cores());
    return {mine.first * kStripePeriod, std::min(mine.last * kStripePeriod, words_)};
  }

  std::shared_ptr<Node> node_;
  std::shared_ptr<NodeMemory> memory_;
  std::uint64_t words_;
  bool reading_, inverted_;
  StripeWords chosen_;
  std::uint64_t turn_ = 0;
  Strikes strikes_;
};

}  // namespace

Preparation prepare_stripe(std::shared_ptr<Node> node, const Stripe& stripe) {
  if (stripe.phase >= kStripe) {
    return Unsupported{
        fmt::format("stripe {} of {}: phases are 0 ... {}", stripe.phase, kStripe, kStripe - 1)};
  }
  return std::make_unique<PreparedStripe>(std::move(node), stripe);
}

}  // namespace rackproof::cpu
