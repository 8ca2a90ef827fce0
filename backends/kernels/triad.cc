// SPDX-License-Identifier: Apache-2.0
// Triad: passes alternate a = b + 3 c and b = a - 3 c, in exact arithmetic; each pass checks every
// element that it reads, and a closing check what the last pass wrote.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "backends/kernels/batches.h"
#include "backends/kernels/ledger.h"
#include "backends/kernels/prepared.h"
#include "backends/kernels/sources.h"
#include "backends/kernels/strikes.h"
#include "core/pace.h"

namespace rackproof::kernels {
namespace {

class PreparedTriad : public Prepared {
 public:
  PreparedTriad(const std::shared_ptr<Card>& card, const Triad& triad)
      : memory_{memory_of(triad.a, *card), memory_of(triad.b, *card), memory_of(triad.c, *card)},
        count_(triad.a.words()),
        lanes_(card),
        source_(source_of(*card, "triad", {embedded::kernels_triad}, group_items(*card))),
        place_(*card, source_, "triad_place"),
        pass_(*card, source_, "triad_pass"),
        check_(*card, source_, "triad_check"),
        ledger_(lanes_, std::uint64_t{lanes_.count()} * lane_groups(*card)),
        batches_(lanes_) {}

  Burst run(const RunFor& how) override {
    place_when_needed(how.pattern);
    strikes_.begin();
    ledger_.clear();
    const Pace pace(how);
    Burst burst;
    burst.iterations = batches_.run(pace, how,
                                    {[&] {
                                       strike();
                                       pass(how.pattern);
                                     },
                                     [this] { return std::uint64_t{forward_}; }, strikes_.any()});
    ledger_.require_checked(pieces_ * burst.iterations);
    close(how.pattern);
    burst.digest = ledger_.take_digest();
    burst.bytes = 24.0 * static_cast<double>(count_) * static_cast<double>(burst.iterations);
    burst.flops = 2.0 * static_cast<double>(count_) * static_cast<double>(burst.iterations);
    ledger_.write_to(burst);
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

  void place_when_needed(std::uint64_t pattern) {
    if (placed_ == pattern && intact()) return;
    for (std::size_t i = 0; i < memory_.size(); ++i) generations_[i] = memory_[i]->changed();
    each_share([&](std::uint32_t lane, std::size_t chunk, const Range& mine) {
      place_.set(0, buffer(0, chunk), buffer(1, chunk), buffer(2, chunk), base(chunk), mine.first,
                 mine.last, pattern);
      start(lane, place_);
    });
    lanes_.finish();
    placed_ = pattern;
    forward_ = true;
    ++turn_;
  }

  void strike() {
    if (strikes_.any()) strikes_.hit({memory_[forward_ ? 1 : 0], count_, DType::fp64});
  }

  // Shares move on by one lane every pass, so that another core checks what a core wrote.
  void pass(std::uint64_t pattern) {
    pieces_ = 0;
    each_share([&](std::uint32_t lane, std::size_t chunk, const Range& mine) {
      pass_.set(0, buffer(0, chunk), buffer(1, chunk), buffer(2, chunk), base(chunk), mine.first,
                mine.last, pattern, std::uint32_t{forward_});
      ledger_.set(pass_, 8, first_group(lane), lane);
      start(lane, pass_);
      pieces_ += groups_with_work(mine);
    });
    lanes_.join();
    forward_ = !forward_;
    ++turn_;
  }

  void close(std::uint64_t pattern) {
    check_array(0, pattern);
    if (forward_) check_array(1, pattern);
  }

  void check_array(std::size_t which, std::uint64_t pattern) {
    each_share([&](std::uint32_t lane, std::size_t chunk, const Range& mine) {
      check_.set(0, buffer(which, chunk), std::uint32_t{which == 0}, base(chunk), mine.first,
                 mine.last, pattern);
      ledger_.set(check_, 6, first_group(lane), lane);
      start(lane, check_);
    });
    lanes_.join();
  }

  template <class Work>
  void each_share(const Work& work) {
    lanes_.join();
    for (std::size_t chunk = 0; chunk < memory_[0]->chunks().size(); ++chunk) {
      if (base(chunk) >= count_) break;
      const std::uint64_t words = std::min(memory_[0]->chunks()[chunk].words, count_ - base(chunk));
      for (std::uint32_t lane = 0; lane < lanes_.count(); ++lane) {
        const Range mine = share(words, (lane + turn_) % lanes_.count(), lanes_.count());
        if (!mine.empty()) work(lane, chunk, mine);
      }
    }
  }

  void start(std::uint32_t lane, const Kernel& kernel) {
    lanes_.start(lane, kernel, lane_groups(lanes_.card()), group_items(lanes_.card()));
  }
  [[nodiscard]] std::uint32_t first_group(std::uint32_t lane) {
    return lane * lane_groups(lanes_.card());
  }
  // As part_first and part_last of ledger.cl share it out.
  [[nodiscard]] std::uint64_t groups_with_work(const Range& mine) const {
    const std::uint64_t groups = lane_groups(lanes_.card()), count = mine.last - mine.first;
    const std::uint64_t each = (count + groups - 1) / groups;
    return (count + each - 1) / each;
  }
  [[nodiscard]] Handle buffer(std::size_t which, std::size_t chunk) const {
    return memory_[which]->chunks()[chunk].buffer.get();
  }
  [[nodiscard]] std::uint64_t base(std::size_t chunk) const {
    return memory_[0]->chunks()[chunk].first_word;
  }

  std::array<std::shared_ptr<Memory>, 3> memory_;
  std::uint64_t count_, turn_ = 0;
  std::uint64_t pieces_ = 0;  // of work that a pass is, whatever the turn
  Lanes lanes_;
  Source source_;
  Kernel place_, pass_, check_;
  Ledger ledger_;
  Batches batches_;
  Strikes strikes_;
  bool forward_ = true;                  // the next pass computes a
  std::optional<std::uint64_t> placed_;  // the pattern that is there
  std::array<std::uint64_t, 3> generations_{};
};

bool three_regions(const Triad& triad) {
  return triad.a.memory != triad.b.memory && triad.a.memory != triad.c.memory &&
         triad.b.memory != triad.c.memory;
}

}  // namespace

Preparation prepare_triad(std::shared_ptr<Card> card, const Triad& triad) {
  if (triad.type != DType::fp64) return Unsupported{"triad runs in fp64 only"};
  if (!card->traits().fp64)
    return Unsupported{fmt::format("{} has no fp64 ({})", card->id(), card->traits().no_fp64)};
  if (triad.a.size_bytes != triad.b.size_bytes || triad.a.size_bytes != triad.c.size_bytes)
    return Unsupported{"triad needs three regions of the same size"};
  if (!three_regions(triad)) return Unsupported{"triad needs three different regions"};
  for (const Region& region : {triad.a, triad.b, triad.c}) {
    if (memory_of(region, *card)->on_host())
      return Unsupported{"triad needs regions in device memory"};
  }
  return std::make_unique<PreparedTriad>(card, triad);
}

}  // namespace rackproof::kernels
