// SPDX-License-Identifier: Apache-2.0
// The seeded pattern and the digest of core/oracle.h, one vector of 64-bit words at a time.
// Included once per Highway target, inside foreach_target's passes.
#if defined(RACKPROOF_CORE_WORDS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RACKPROOF_CORE_WORDS_INL_H_
#undef RACKPROOF_CORE_WORDS_INL_H_
#else
#define RACKPROOF_CORE_WORDS_INL_H_
#endif

#include <hwy/highway.h>

#include "core/oracle.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::ScalableTag<std::uint64_t>;
using WordVec = hn::Vec<Words>;

/// The pattern's words at `first`, `first` + 1, ...
struct PatternStream {
  WordVec position;  // pattern + (index + 1) * golden ratio
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;

  HWY_INLINE PatternStream(std::uint64_t pattern, std::uint64_t first) {
    const Words d;
    position = hn::Add(hn::Set(d, pattern + (first + 1) * kStep),
                       hn::Mul(hn::Iota(d, 0), hn::Set(d, kStep)));
  }
  HWY_INLINE WordVec next() {
    const Words d;
    WordVec x = position;
    position = hn::Add(position, hn::Set(d, kStep * hn::Lanes(d)));
    x = hn::Mul(hn::Xor(x, hn::ShiftRight<30>(x)), hn::Set(d, 0xbf58476d1ce4e5b9ULL));
    x = hn::Mul(hn::Xor(x, hn::ShiftRight<27>(x)), hn::Set(d, 0x94d049bb133111ebULL));
    return hn::Xor(x, hn::ShiftRight<31>(x));
  }
};

/// Words that hold their own byte offset, or its complement.
template <bool kInverse>
struct AddressStream {
  WordVec offset;

  HWY_INLINE explicit AddressStream(std::uint64_t first)
      : offset(hn::ShiftLeft<3>(hn::Iota(Words(), first))) {}
  HWY_INLINE WordVec next() {
    const WordVec now = offset;
    offset = hn::Add(offset, hn::Set(Words(), 8 * hn::Lanes(Words())));
    return kInverse ? hn::Not(now) : now;
  }
};

/// Sum of digest_term over consecutive words, by additions alone: with x_t the digest_word of step
/// t, the running sums S = sum x_t and P = sum of all S so far give sum t x_t = T S - P.
struct DigestStream {
  WordVec sum, sums;
  std::uint64_t steps = 0;

  HWY_INLINE DigestStream() : sum(hn::Zero(Words())), sums(hn::Zero(Words())) {}
  HWY_INLINE void add(WordVec words) {
    const WordVec salt = hn::Set(Words(), kDigestSalt);
    sum = hn::Add(sum, hn::Xor3(words, hn::ShiftRight<kDigestShift>(words), salt));
    sums = hn::Add(sums, sum);
    ++steps;
  }
  /// The digest when the first word added was word `first` and every `apart`-th word followed.
  HWY_INLINE std::uint64_t finish(std::uint64_t first, std::uint64_t apart = 1) const {
    const Words d;
    const std::uint64_t lanes = hn::Lanes(d);
    HWY_ALIGN std::uint64_t s[hn::MaxLanes(d)], p[hn::MaxLanes(d)];
    hn::Store(sum, d, s);
    hn::Store(sums, d, p);
    std::uint64_t total = 0;
    for (std::uint64_t i = 0; i < lanes; ++i) {
      total += (2 * (first + apart * i) + 1) * s[i] + 2 * apart * lanes * (steps * s[i] - p[i]);
    }
    return total;
  }
};

}  // namespace rackproof::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
