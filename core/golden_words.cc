// SPDX-License-Identifier: Apache-2.0
#include "core/golden_words.h"

#include "core/vector_targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/golden_words.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "core/words-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::HWY_NAMESPACE {
namespace {

static_assert(kTriadScalar == 3);

// Sums of operands below 2^22: exact as integers, and as numbers in the significand of 2^52 + sum.
struct TriadStream {
  PatternStream operands;

  HWY_INLINE WordVec next() {
    const Words d;
    const hn::Rebind<double, Words> numbers;
    const WordVec word = operands.next(), low = hn::Set(d, 0xfffff);
    const WordVec b = hn::And(word, low), c = hn::And(hn::ShiftRight<20>(word), low);
    const WordVec sum = hn::Add(hn::Add(b, c), hn::Add(c, c));
    const WordVec offset = hn::Set(d, 0x4330000000000000ULL);
    return hn::BitCast(
        d, hn::Sub(hn::BitCast(numbers, hn::Or(sum, offset)), hn::BitCast(numbers, offset)));
  }
};

// The words up to `last` that fill no vector are the caller's: `first` becomes the first of them.
template <class Stream>
HWY_INLINE std::uint64_t digest_of(Stream stream, std::uint64_t& first, std::uint64_t last) {
  const std::uint64_t lanes = hn::Lanes(Words()), steps = (last - first) / lanes;
  DigestStream digest;
  for (std::uint64_t i = 0; i < steps; ++i) digest.add(stream.next());
  const std::uint64_t sum = digest.finish(first);
  first += steps * lanes;
  return sum;
}

std::uint64_t content_vectors(Content content, std::uint64_t pattern, std::uint64_t& first,
                              std::uint64_t last) {
  switch (content) {
    case Content::address:
      return digest_of(AddressStream<false>(first), first, last);
    case Content::inverse_address:
      return digest_of(AddressStream<true>(first), first, last);
    case Content::seeded:
      break;
  }
  return digest_of(PatternStream(pattern, first), first, last);
}

std::uint64_t triad_vectors(std::uint64_t pattern, std::uint64_t& first, std::uint64_t last) {
  return digest_of(TriadStream{PatternStream(pattern, first)}, first, last);
}

}  // namespace
}  // namespace rackproof::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof {
namespace {

std::uint64_t triad_word(std::uint64_t pattern, std::uint64_t index) {
  const std::uint64_t word = pattern_word(pattern, index);
  return std::bit_cast<std::uint64_t>(triad_b(word) + kTriadScalar * triad_c(word));
}

}  // namespace

HWY_EXPORT(content_vectors);
HWY_EXPORT(triad_vectors);

std::uint64_t content_digest(Content content, std::uint64_t pattern, std::uint64_t first,
                             std::uint64_t last) {
  std::uint64_t sum = HWY_DYNAMIC_DISPATCH(content_vectors)(content, pattern, first, last);
  for (; first < last; ++first) sum += digest_term(content_word(content, pattern, first), first);
  return sum;
}

std::uint64_t triad_digest(std::uint64_t pattern, std::uint64_t first, std::uint64_t last) {
  std::uint64_t sum = HWY_DYNAMIC_DISPATCH(triad_vectors)(pattern, first, last);
  for (; first < last; ++first) sum += digest_term(triad_word(pattern, first), first);
  return sum;
}

}  // namespace rackproof
#endif
