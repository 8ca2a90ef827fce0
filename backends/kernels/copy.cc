// SPDX-License-Identifier: Apache-2.0
// Copy: moves a seeded pattern within the device, or between it and the host, and checks it at the
// far end, every word.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "backends/kernels/host_words.h"
#include "backends/kernels/prepared.h"
#include "backends/kernels/strikes.h"
#include "backends/kernels/words.h"
#include "core/copy_times.h"
#include "core/pace.h"

namespace rackproof::kernels {
namespace {

class PreparedCopy : public Prepared {
 public:
  PreparedCopy(const std::shared_ptr<Card>& card, const Copy& copy)
      : from_(memory_behind(copy.from, *card)),
        to_(memory_of(copy.to, *card)),
        words_(copy.to.words()),
        lanes_(card),
        source_lanes_(from_->card()),
        writer_(source_lanes_),
        checker_(lanes_),
        ledger_(lanes_, checker_.groups()) {}

  Burst run(const RunFor& how) override {
    fill_when_needed(how.pattern);
    strikes_.begin();
    ledger_.clear();
    const Pace pace(how);
    DigestFold digest;
    CopyTimes times;
    Burst burst;
    while (pace.more(burst.iterations)) {
      spoil_destination();
      const auto begun = Clock::now();
      copy_once();
      times.add(Clock::now() - begun);
      strike();
      digest.add(check_once(how.pattern));
      ++burst.iterations;
    }
    burst.digest = digest.value();
    burst.moving_s = times.sum();
    burst.copy_s = times.median();
    burst.bytes = 8.0 * static_cast<double>(words_) * static_cast<double>(burst.iterations);
    ledger_.write_to(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return strikes_.arm(fault, FaultSite::transfer);
  }

 private:
  void fill_when_needed(std::uint64_t pattern) {
    if (filled_ == pattern && from_->generation() == generation_) return;
    generation_ = from_->changed();
    if (from_->on_host()) {
      fill_on_host(from_->host(), words_, pattern);
    } else {
      writer_.write(*from_, Selection(words_), {Rule::Kind::pattern, pattern});
      source_lanes_.finish();
    }
    filled_ = pattern;
  }

  // Else what a copy did not bring would pass for what the one before brought. On the host a word
  // of each page: all of them would take longer than the copy.
  void spoil_destination() {
    constexpr std::uint64_t kPageWords = 512;
    to_->changed();
    if (to_->on_host()) {
      for (std::uint64_t i = 0; i < words_; i += kPageWords) to_->host()[i] = ~to_->host()[i];
      return;
    }
    for (const Chunk& chunk : to_->chunks())
      lanes_.card().driver().zero(lanes_.queue(), chunk.buffer.get(), chunk.words * 8);
    lanes_.finish();
  }

  void copy_once() {
    lanes_.join();
    const Memory& cut = from_->on_host() ? *to_ : *from_;  // regions of one size are cut alike
    for (std::size_t i = 0; i < cut.chunks().size(); ++i) {
      const std::uint64_t first = cut.chunks()[i].first_word;
      if (first < words_) copy_chunk(i, first, std::min(cut.chunks()[i].words, words_ - first));
    }
    lanes_.finish();
  }

  void copy_chunk(std::size_t i, std::uint64_t first, std::uint64_t words) {
    Driver& driver = lanes_.card().driver();
    const Queue queue = lanes_.queue();
    if (from_->on_host()) {
      driver.write(queue, to_->chunks()[i].buffer.get(), 0, words * 8, from_->host() + first);
    } else if (to_->on_host()) {
      driver.read(queue, from_->chunks()[i].buffer.get(), 0, words * 8, to_->host() + first);
    } else if (from_->card() != to_->card()) {
      driver.copy_from(queue, from_->card()->driver(), from_->chunks()[i].buffer.get(),
                       to_->chunks()[i].buffer.get(), words * 8);
    } else {
      driver.copy(queue, from_->chunks()[i].buffer.get(), to_->chunks()[i].buffer.get(), words * 8);
    }
  }

  void strike() {
    if (!strikes_.any()) return;
    Target target{to_, words_};
    target.words = true;
    strikes_.hit(target);
  }

  std::uint64_t check_once(std::uint64_t pattern) {
    if (!to_->on_host()) {
      checker_.check(*to_, Selection(words_), {Rule::Kind::pattern, pattern}, ledger_);
      return ledger_.take_digest();
    }
    const HostCheck found = check_on_host(to_->host(), words_, pattern);
    ledger_.add(found.wrong, found.samples);
    return found.digest;
  }

  std::shared_ptr<Memory> from_, to_;
  std::uint64_t words_;
  Lanes lanes_, source_lanes_;  // of the card where data arrives, and of the one it comes from
  WordWriter writer_;
  WordChecker checker_;
  Ledger ledger_;
  Strikes strikes_;
  std::optional<std::uint64_t> filled_;  // the pattern that is there
  std::uint64_t generation_ = 0;
};

}  // namespace

Preparation prepare_copy(std::shared_ptr<Card> card, const Copy& copy) {
  if (copy.from.size_bytes != copy.to.size_bytes)
    return Unsupported{"a copy needs two regions of the same size"};
  if (copy.from.memory == copy.to.memory) return Unsupported{"a copy needs two regions"};
  const auto from = memory_behind(copy.from, *card), to = memory_of(copy.to, *card);
  if (from->on_host() && to->on_host())
    return Unsupported{"a copy within the host's memory has no part of this device in it"};
  if (from->card() != card && (from->on_host() || to->on_host()))
    return Unsupported{"a copy between devices is of their own memories"};
  if (from->card() != card && !card->driver().reaches(from->card()->driver()))
    return Unsupported{fmt::format("{} takes no data from {}", card->id(), from->card()->id())};
  return std::make_unique<PreparedCopy>(card, copy);
}

}  // namespace rackproof::kernels
