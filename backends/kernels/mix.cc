// SPDX-License-Identifier: Apache-2.0
// Mix: copies of the same result words, as many as there are compute units, each made with one kind
// of instruction and checked, every word, against the host's reference.
#include "core/mix.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "backends/kernels/batches.h"
#include "backends/kernels/ledger.h"
#include "backends/kernels/memory.h"
#include "backends/kernels/prepared.h"
#include "backends/kernels/sources.h"
#include "backends/kernels/strikes.h"
#include "core/pace.h"

namespace rackproof::kernels {
namespace {

constexpr std::uint64_t kRow = 64;              // items that compute a block, as in mix.cl
constexpr std::uint32_t kAnyCore = 0xffffffff;  // as in mix.cl
constexpr std::uint64_t kGroupsPerCore = 32;
constexpr int kMostTries = 100;
constexpr double kMatrixOperationsOfAWord = 262144;  // 64 rounds of 64 products, 4 tiles, 512 words
constexpr double kOperationsOfAWord = 64;  // fma_fp32: 2 chains, 32 fused operations each a word

std::shared_ptr<Memory> words_on(const std::shared_ptr<Card>& card, std::uint64_t words) {
  return std::make_shared<Memory>(card, (words + 7) / 8 * 64, Place::device, true);
}

// Copies [first, first + count) are one lane's.
struct Part {
  std::uint32_t lane, first, count;
};

class PreparedMix : public Prepared {
 public:
  PreparedMix(const std::shared_ptr<Card>& card, const Mix& mix)
      : card_(card),
        mix_(mix),
        directed_(card->traits().directs_cores),
        copies_(directed_ ? card->cores() : card->traits().compute_units),
        blocks_((mix.words + kMixBlock - 1) / kMixBlock),
        lanes_(card),
        results_(words_on(card, copies_ * mix.words)),
        right_(words_on(card, mix.words)),
        source_(words_on(card, mix.words)),
        owners_(card->buffer(copies_ * blocks_ * sizeof(std::uint32_t))),
        taken_(card->buffer(copies_ * sizeof(std::uint32_t))),
        make_(kernel(mix.kernel == MixKernel::copy ? "mix_copy" : "mix_compute")),
        check_(kernel("mix_check")),
        ledger_(lanes_, copies_ * blocks_),
        batches_(lanes_) {}

  // The first iteration makes sure that work reaches every core.
  Burst run(const RunFor& how) override {
    place(how.pattern);
    strikes_.begin();
    ledger_.clear();
    const std::vector<Part> parts = parts_of(how.core);
    const Pace pace(how);
    Burst burst;
    bool first = true;
    const auto start = [&] {
      make(parts, how.pattern, std::exchange(first, false) || strikes_.any());
      strike(parts);
      check(parts);
    };
    burst.iterations = batches_.run(pace, how, {.start = start, .singly = strikes_.any()});
    const std::uint64_t copies = burst.iterations * copies_in(parts) - ledger_.undone();
    burst.digest = ledger_.folded(copies);
    count_work(copies, burst);
    ledger_.write_to(burst);
    burst.start = pace.start();
    burst.end = Clock::now();
    return burst;
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override {
    return strikes_.arm(fault, FaultSite::result);
  }

 private:
  Kernel kernel(const char* name) const {
    const bool moves = mix_.kernel == MixKernel::copy;
    const int number =
        moves ? static_cast<int>(MixKernel::multiply) : static_cast<int>(mix_.kernel);
    return {*card_,
            source_of(*card_, fmt::format("mix_{}", number), {embedded::kernels_mix},
                      group_items(*card_), fmt::format("-DKERNEL_NUMBER={}", number)),
            name};
  }

  void place(std::uint64_t pattern) {
    if (placed_ == pattern) return;
    placed_.reset();
    const std::vector<std::uint64_t> right = mix_words(mix_.kernel, mix_.words, pattern);
    for (const auto& memory : {right_, source_})
      card_->write(memory->buffer(), 0, right.size() * 8, right.data());
    placed_ = pattern;
  }

  // One copy a lane where lanes are compute units, or one for each core where work can be put on
  // it; else the device spreads the copies out itself, and one core alone cannot be had.
  [[nodiscard]] std::vector<Part> parts_of(int core) const {
    if (core >= static_cast<int>(copies_))
      throw DeviceError(fmt::format("{} has no core {}", card_->id(), core));
    if (directed_ && core >= 0) return {{0, static_cast<std::uint32_t>(core), 1}};
    if (lanes_.count() == 1) return {{0, 0, copies_}};
    std::vector<Part> parts;
    for (std::uint32_t lane = 0; lane < lanes_.count(); ++lane) {
      if (core < 0 || lane == static_cast<std::uint32_t>(core)) parts.push_back({lane, lane, 1});
    }
    return parts;
  }

  // `surely`: every core makes its copy now; else what a launch did not bring to its core is left
  // out this time, since only the host can tell, and the device would wait for it.
  void make(const std::vector<Part>& parts, std::uint64_t pattern, bool surely) {
    results_->changed();
    // Else words that nobody wrote this time would pass for those of the time before.
    card_->driver().zero(lanes_.queue(), results_->buffer(), results_->size_bytes());
    lanes_.join();
    make_.set(0, results_->buffer(), mix_.words);
    if (mix_.kernel == MixKernel::copy)
      make_.set(2, source_->buffer());
    else
      make_.set(2, pattern);
    if (directed_) return make_on_cores(parts.front(), surely);
    for (const Part& part : parts) {
      constexpr Handle kNone = 0;
      make_.set(3, part.first, owners_.get(), part.lane, kNone, kAnyCore);
      lanes_.start(part.lane, make_, part.count * blocks_, kRow);
    }
    lanes_.join();
  }

  // Groups find out where they run. A core that none came to is given another chance.
  void make_on_cores(const Part& part, bool surely) {
    const std::uint32_t only = part.count == 1 ? part.first : kAnyCore;
    make_.set(3, part.first, owners_.get(), part.lane, taken_.get(), only);
    card_->driver().zero(lanes_.queue(), taken_.get(), copies_ * sizeof(std::uint32_t));
    std::optional<std::uint32_t> idle = part.first;
    for (int tries = 0; idle && tries < kMostTries; ++tries) {
      lanes_.start(part.lane, make_, std::uint64_t{copies_} * kGroupsPerCore, kRow);
      idle = surely ? idle_core(part) : std::nullopt;
    }
    if (idle) {
      throw DeviceError(fmt::format("{}: no work reached core {} in {} launches", card_->id(),
                                    *idle, kMostTries));
    }
  }

  [[nodiscard]] std::optional<std::uint32_t> idle_core(const Part& part) const {
    std::vector<std::uint32_t> taken(copies_);
    card_->driver().read(lanes_.queue(), taken_.get(), 0, copies_ * sizeof(std::uint32_t),
                         taken.data());
    lanes_.finish();
    for (std::uint32_t core = part.first; core < part.first + part.count; ++core) {
      if (taken[core] < blocks_) return core;
    }
    return std::nullopt;
  }

  // Another lane checks what a lane made.
  void check(const std::vector<Part>& parts) {
    for (const Part& part : parts) {
      check_.set(0, results_->buffer(), mix_.words, right_->buffer(), part.first, owners_.get(),
                 directed_ ? taken_.get() : Handle{0});
      const std::uint32_t checker = (part.lane + 1) % lanes_.count();
      ledger_.set(check_, 6, static_cast<std::uint32_t>(part.first * blocks_), checker);
      lanes_.start(checker, check_, part.count * blocks_, group_items(*card_));
    }
    for (const Part& part : parts) ledger_.fold(blocks_, part.first, part.count, directed_);
  }

  void strike(const std::vector<Part>& parts) {
    if (!strikes_.any() || parts.empty()) return;
    lanes_.finish();
    Target target{results_, mix_.words};
    target.words = true;
    target.start = parts.front().first * mix_.words;
    strikes_.hit(target);
  }

  [[nodiscard]] static std::uint64_t copies_in(const std::vector<Part>& parts) {
    std::uint64_t copies = 0;
    for (const Part& part : parts) copies += part.count;
    return copies;
  }

  void count_work(std::uint64_t copies, Burst& burst) const {
    burst.bytes = 8.0 * static_cast<double>(mix_.words * copies);
    burst.flops =
        burst.bytes / 8 *
        (mix_.kernel == MixKernel::matrix ? kMatrixOperationsOfAWord : kOperationsOfAWord);
  }

  std::shared_ptr<Card> card_;
  Mix mix_;
  bool directed_;
  std::uint32_t copies_;
  std::uint64_t blocks_;
  Lanes lanes_;
  std::shared_ptr<Memory> results_, right_, source_;
  Buffer owners_, taken_;
  Kernel make_, check_;
  Ledger ledger_;
  Batches batches_;
  Strikes strikes_;
  std::optional<std::uint64_t> placed_;  // the pattern whose right words are there
};

std::string why_not(const Card& card, const Mix& mix) {
  switch (mix.kernel) {
    case MixKernel::fma_fp32:
    case MixKernel::multiply:
    case MixKernel::copy:
      break;
    case MixKernel::matrix:
      if (!card.traits().matrix_units)
        return fmt::format("mix matrix: OpenCL C has no words for the matrix units of {}",
                           card.id());
      break;
    case MixKernel::fma_fp64:
      if (!card.traits().fp64)
        return fmt::format("{} has no fp64 ({})", card.id(), card.traits().no_fp64);
      break;
    default:
      return fmt::format(
          "mix {}: kernels in OpenCL C have no words for these instructions; they have "
          "fma_fp32, fma_fp64, multiply and copy",
          name(mix.kernel));
  }
  if (mix.words < 1 || mix.words > kMostMixWords)
    return fmt::format("mix of {} words: 1 ... {}", mix.words, kMostMixWords);
  return "";
}

}  // namespace

Preparation prepare_mix(std::shared_ptr<Card> card, const Mix& mix) {
  if (auto reason = why_not(*card, mix); !reason.empty()) return Unsupported{std::move(reason)};
  return std::make_unique<PreparedMix>(card, mix);
}

}  // namespace rackproof::kernels
