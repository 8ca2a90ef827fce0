// SPDX-License-Identifier: Apache-2.0
// Stripe: one operation on every 20th word, or on all the others.
#include "backends/synthetic/cells.h"
#include "core/oracle.h"

namespace rackproof {
namespace {

class StripeWork : public Work {
 public:
  StripeWork(const Stripe& stripe, SyntheticMemory& memory, const Speeds& speeds)
      : stripe_(stripe),
        chosen_{.stripe = static_cast<int>(stripe.phase), .others = stripe.others},
        memory_(memory),
        rate_(speeds.bandwidth) {}
  std::string_view kind() const override { return "stripe"; }
  std::optional<FaultSite> site() const override {
    return reads() ? std::optional(FaultSite::memory) : std::nullopt;
  }
  bool alike() const override { return true; }
  std::uint64_t elements(const RunFor&) const override { return reads() ? words() : 0; }
  std::uint64_t element(const RunFor&, std::uint64_t n) const override { return chosen_.word(n); }
  std::uint64_t expected(std::uint64_t pattern, std::uint64_t) const override {
    return stripe_word(pattern, stripe_.phase, stripe_.inverted);
  }
  Effort effort(const RunFor&) const override {
    const double bytes = 8.0 * static_cast<double>(words());
    return {bytes, 0, bytes / rate_};
  }
  std::vector<Damage> touch(const RunFor& how, const Upset& upset) override {
    const auto right = [this, &how](std::uint64_t index) { return expected(how.pattern, index); };
    if (!reads()) {
      write_cells(memory_, stripe_.on, chosen_, right);
      return {};
    }
    if (upset) upset_cell(memory_, stripe_.on, chosen_, *upset);
    return read_cells(memory_, stripe_.on, chosen_, right);
  }

 private:
  [[nodiscard]] bool reads() const { return stripe_.kind == MarchOp::Kind::read; }
  [[nodiscard]] std::uint64_t words() const { return chosen_.count(stripe_.on.words()); }
  Stripe stripe_;
  Selection chosen_;
  SyntheticMemory& memory_;
  double rate_;
};

}  // namespace

std::unique_ptr<Work> make_stripe(const Stripe& stripe, SyntheticMemory& memory,
                                  const Speeds& speeds) {
  return std::make_unique<StripeWork>(stripe, memory, speeds);
}

}  // namespace rackproof
