// SPDX-License-Identifier: Apache-2.0
// Reduce: one rank's part in a collective by the vendor's library; every element of its result is
// checked where it lies.
#include <fmt/format.h>

#include <optional>

#include "backends/kernels/ledger.h"
#include "backends/kernels/memory.h"
#include "backends/kernels/prepared.h"
#include "backends/kernels/sources.h"
#include "backends/kernels/strikes.h"
#include "core/collective.h"
#include "core/pace.h"

namespace rackproof::kernels {
namespace {

// As reduce.cl numbers them.
std::uint32_t number_of(DType type) {
  switch (type) {
    case DType::i32:
      return 0;
    case DType::fp16:
      return 1;
    case DType::bf16:
      return 2;
    case DType::fp32:
      return 3;
    default:
      return 4;  // fp64
  }
}

std::shared_ptr<Memory> elements_on(const std::shared_ptr<Card>& card, std::uint64_t elements,
                                    DType type) {
  const std::uint64_t bytes = (elements * size_of(type) + 63) / 64 * 64;
  return std::make_shared<Memory>(card, bytes, Place::device, true);
}

class PreparedReduce : public Prepared {
 public:
  PreparedReduce(const std::shared_ptr<Card>& card, const Reduce& reduce)
      : card_(card),
        reduce_(reduce),
        collector_(card->driver().collector(reduce)),
        lanes_(card),
        input_(elements_on(card, input_elements(reduce), reduce.type)),
        result_(elements_on(card, result_elements(reduce), reduce.type)),
        place_(kernel("place_inputs")),
        check_(kernel("check_results")),
        ledger_(lanes_, lane_groups(*card)) {}
  // First, since memory that it may still work on cannot be freed.
  ~PreparedReduce() override { collector_.reset(); }
  PreparedReduce(const PreparedReduce&) = delete;
  PreparedReduce& operator=(const PreparedReduce&) = delete;

  Burst run(const RunFor& how) override {
    place(how.pattern);
    strikes_.begin();
    ledger_.clear();
    const Pace pace(how);
    Burst burst;
    while (pace.more(burst.iterations)) {
      result_->changed();  // spoilt, since what does not arrive may be there from the time before
      card_->driver().zero(lanes_.queue(), result_->buffer(), result_->size_bytes());
      lanes_.finish();
      const auto begun = Clock::now();
      collector_->start(lanes_.queue(), input_->buffer(), result_->buffer());
      collector_->finish(lanes_.queue());
      burst.moving_s += std::chrono::duration<double>(Clock::now() - begun).count();
      strikes_.hit({result_, result_elements(reduce_), reduce_.type});
      check(how.pattern);
      ledger_.fold();
      ++burst.iterations;
    }
    burst.digest = ledger_.folded(burst.iterations);
    burst.bytes = static_cast<double>(reduce_.size_bytes) * static_cast<double>(burst.iterations);
    ledger_.write_to(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return strikes_.arm(fault, FaultSite::transfer);
  }

 private:
  Kernel kernel(const char* name) const {
    return {*card_, source_of(*card_, "reduce", {embedded::kernels_reduce}, group_items(*card_)),
            name};
  }
  [[nodiscard]] std::int64_t bound() const { return collective_bound(reduce_.type, reduce_.ranks); }

  void place(std::uint64_t pattern) {
    if (placed_ == pattern) return;
    input_->changed();
    place_.set(0, input_->buffer(), number_of(reduce_.type), std::uint64_t{0},
               input_elements(reduce_), pattern, reduce_.rank, bound());
    lanes_.start(0, place_, lane_groups(*card_), group_items(*card_));
    lanes_.finish();
    placed_ = pattern;
  }

  void check(std::uint64_t pattern) {
    const std::uint64_t share = share_elements(reduce_);
    const bool mine =
        reduce_.kind == Collective::reduce_scatter || reduce_.kind == Collective::all_to_all;
    check_.set(0, result_->buffer(), number_of(reduce_.type), std::uint64_t{0},
               result_elements(reduce_), pattern, reduce_.ranks, bound(),
               sums(reduce_.kind) ? std::uint64_t{0} : share,
               mine ? reduce_.rank * share : std::uint64_t{0});
    ledger_.set(check_, 9, 0, 0);
    lanes_.start(0, check_, lane_groups(*card_), group_items(*card_));
  }

  std::shared_ptr<Card> card_;
  Reduce reduce_;
  std::unique_ptr<Collector> collector_;
  Lanes lanes_;
  std::shared_ptr<Memory> input_, result_;
  Kernel place_, check_;
  Ledger ledger_;
  Strikes strikes_;
  std::optional<std::uint64_t> placed_;  // the pattern whose input is there
};

}  // namespace

Preparation prepare_reduce(std::shared_ptr<Card> card, const Reduce& reduce) {
  if (auto reason = why_no_collective(reduce); !reason.empty())
    return Unsupported{std::move(reason)};
  return std::make_unique<PreparedReduce>(card, reduce);
}

}  // namespace rackproof::kernels
