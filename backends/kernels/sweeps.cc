// SPDX-License-Identifier: Apache-2.0
// Fill, Check, Sweep and Stripe: words written, or read and compared, by one rule.
#include <fmt/format.h>

#include <functional>

#include "backends/kernels/batches.h"
#include "backends/kernels/prepared.h"
#include "backends/kernels/strikes.h"
#include "backends/kernels/words.h"
#include "core/pace.h"

namespace rackproof::kernels {
namespace {

// What one burst does with a region.
struct Order {
  Selection selection;
  Rule rule;
};

struct Task {
  std::shared_ptr<Memory> memory;
  std::uint64_t words = 0;
  std::function<Order(std::uint64_t words, const RunFor& how)> order;
  [[nodiscard]] Order of(const RunFor& how) const { return order(words, how); }
};

double bytes_of(const Order& order, std::uint64_t iterations) {
  return 8.0 * static_cast<double>(order.selection.count()) * static_cast<double>(iterations);
}

// Reads nothing, so it has no digest and suffers no fault.
class PreparedWrite : public Prepared {
 public:
  PreparedWrite(const std::shared_ptr<Card>& card, Task task)
      : task_(std::move(task)), lanes_(card), writer_(lanes_), batches_(lanes_) {}

  Burst run(const RunFor& how) override {
    const Order order = task_.of(how);
    const Pace pace(how);
    Burst burst;
    task_.memory->changed();
    burst.iterations = batches_.run(
        pace, how, {[&] { writer_.write(*task_.memory, order.selection, order.rule); }});
    burst.bytes = bytes_of(order, burst.iterations);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault&) override { return nullptr; }

 private:
  Task task_;
  Lanes lanes_;
  WordWriter writer_;
  Batches batches_;
};

class PreparedCheck : public Prepared {
 public:
  PreparedCheck(const std::shared_ptr<Card>& card, Task task)
      : task_(std::move(task)),
        lanes_(card),
        checker_(lanes_),
        ledger_(lanes_, checker_.groups()),
        batches_(lanes_) {}

  Burst run(const RunFor& how) override {
    const Order order = task_.of(how);
    strikes_.begin();
    ledger_.clear();
    const Pace pace(how);
    Burst burst;
    burst.iterations =
        batches_.run(pace, how, {.start = [&] { check(order); }, .singly = strikes_.any()});
    burst.digest = ledger_.folded(burst.iterations);
    burst.bytes = bytes_of(order, burst.iterations);
    ledger_.write_to(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return strikes_.arm(fault, FaultSite::memory);
  }

 private:
  void check(const Order& order) {
    strike(order.selection);
    checker_.check(*task_.memory, order.selection, order.rule, ledger_);
    ledger_.fold();
  }

  void strike(const Selection& selection) {
    if (!strikes_.any()) return;
    Target target{task_.memory, selection.count() > 0 ? task_.words : 0};
    target.words = true;
    target.place = [&selection](std::uint64_t word) { return selection.near(word); };
    strikes_.hit(target);
  }

  Task task_;
  Lanes lanes_;
  WordChecker checker_;
  Ledger ledger_;
  Batches batches_;
  Strikes strikes_;
};

using MakeOrder = std::function<Order(std::uint64_t words, const RunFor& how)>;

Preparation make(const std::shared_ptr<Card>& card, const Region& region, bool reads,
                 MakeOrder order) {
  auto memory = memory_of(region, *card);
  if (memory->on_host())
    return Unsupported{"words are swept in device memory; this region is the host's"};
  Task task{std::move(memory), region.words(), std::move(order)};
  if (reads) return std::make_unique<PreparedCheck>(card, std::move(task));
  return std::make_unique<PreparedWrite>(card, std::move(task));
}

MakeOrder by_content(Content what) {
  return [what](std::uint64_t words, const RunFor& how) {
    return Order{Selection(words), rule_of(what, how.pattern)};
  };
}

}  // namespace

Preparation prepare_fill(std::shared_ptr<Card> card, const Fill& fill) {
  return make(card, fill.to, false, by_content(fill.what));
}

Preparation prepare_check(std::shared_ptr<Card> card, const Check& check) {
  return make(card, check.on, true, by_content(check.what));
}

Preparation prepare_sweep(std::shared_ptr<Card> card, const Sweep& sweep) {
  const MarchOp op = sweep.op;
  return make(card, sweep.on, op.kind == MarchOp::Kind::read,
              [op](std::uint64_t words, const RunFor& how) {
                return Order{Selection::of_half(words, how.address_bit, how.half),
                             {Rule::Kind::constant, op.word}};
              });
}

Preparation prepare_stripe(std::shared_ptr<Card> card, const Stripe& stripe) {
  if (stripe.phase >= kStripe)
    return Unsupported{
        fmt::format("a stripe's phase is 0 ... {}, not {}", kStripe - 1, stripe.phase)};
  const std::uint64_t phase = stripe.phase;
  const bool others = stripe.others, inverted = stripe.inverted;
  return make(card, stripe.on, stripe.kind == MarchOp::Kind::read,
              [=](std::uint64_t words, const RunFor& how) {
                return Order{Selection::of_stripe(words, phase, others),
                             {Rule::Kind::constant, stripe_word(how.pattern, phase, inverted)}};
              });
}

}  // namespace rackproof::kernels
