// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/selection.h"

#include <fmt/format.h>

#include <algorithm>

namespace rackproof::kernels {
namespace {

std::uint64_t half_count(std::uint64_t words, std::uint64_t bit, std::uint64_t half) {
  const std::uint64_t block = 1ULL << bit, periods = words / 2 / block;
  const std::uint64_t rest = words - periods * 2 * block, before = half * block;
  return periods * block + std::min(block, rest - std::min(rest, before));
}

std::uint64_t stripe_count(std::uint64_t words, std::uint64_t phase) {
  return words > phase ? (words - phase - 1) / kStripe + 1 : 0;
}

}  // namespace

Selection Selection::of_half(std::uint64_t words, int bit, int half) {
  if (bit > 62) throw DeviceError(fmt::format("no address bit {}", bit));
  if (bit < 0) return Selection(words);
  return {words, Kind::half, static_cast<std::uint64_t>(bit), half != 0 ? 1U : 0U};
}

Selection Selection::of_stripe(std::uint64_t words, std::uint64_t phase, bool others) {
  return {words, others ? Kind::others : Kind::stripe, phase, 0};
}

std::uint64_t Selection::count() const {
  switch (kind_) {
    case Kind::half:
      return half_count(words_, p_, q_);
    case Kind::stripe:
      return stripe_count(words_, p_);
    case Kind::others:
      return words_ - stripe_count(words_, p_);
    default:
      return words_;
  }
}

bool Selection::holds(std::uint64_t index) const {
  if (kind_ == Kind::half) return (index >> p_ & 1) == q_;
  if (kind_ == Kind::all) return true;
  return (index % kStripe == p_) == (kind_ == Kind::stripe);
}

std::uint64_t Selection::word(std::uint64_t number) const {
  if (kind_ == Kind::half) {
    const std::uint64_t low = (1ULL << p_) - 1;
    return (number & ~low) << 1 | q_ << p_ | (number & low);
  }
  if (kind_ == Kind::stripe) return number * kStripe + p_;
  if (kind_ == Kind::all) return number;
  const std::uint64_t rest = number % (kStripe - 1);
  return number / (kStripe - 1) * kStripe + rest + (rest >= p_ ? 1 : 0);
}

Selection Selection::within(const Memory& memory, const Chunk& chunk) const {
  const std::uint64_t first = chunk.first_word;
  if (first >= words_) return Selection(0);
  const std::uint64_t words = std::min(chunk.words, words_ - first);
  if (kind_ == Kind::all) return Selection(words);
  if (kind_ != Kind::half) return {words, kind_, (p_ + kStripe - first % kStripe) % kStripe, 0};
  const bool divided = memory.chunks().size() > 1 && (1ULL << p_) >= memory.chunks()[0].words;
  if (!divided) return {words, kind_, p_, q_};
  return Selection(holds(first) ? words : 0);  // the bit is the same throughout the chunk
}

Rule rule_of(Content content, std::uint64_t pattern) {
  switch (content) {
    case Content::address:
      return {Rule::Kind::address, 0};
    case Content::inverse_address:
      return {Rule::Kind::inverse_address, 0};
    default:
      return {Rule::Kind::pattern, pattern};
  }
}

}  // namespace rackproof::kernels
