// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/word_kernels.h"

#include <algorithm>
#include <numeric>

#define HWY_WANT_AVX3_DL 1
// SVE's vectors have no size at compile time, which the kernels' structs of vectors need; such CPUs
// take the NEON kernels.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/word_kernels.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

std::uint64_t read_words(const std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                         std::uint64_t word, Findings& findings) {
  const Words d;
  const WordVec expected = hn::Set(d, word);
  DigestStream digest;
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    const WordVec got = hn::Load(d, words + i);
    digest.add(got);
    if (HWY_UNLIKELY(!same(got, expected))) note_differences(findings, i, expected, got);
  }
  return digest.finish(first);
}

// One line of 8 words, of which `half` chooses all or, below bit 3, four: the others take no part.
// Adds the digest terms to `sum`.
HWY_INLINE void read_line(const std::uint64_t* words, const Half& half, std::uint64_t line,
                          std::uint64_t word, WordVec& sum, Findings& findings) {
  const Words d;
  const WordVec expected = hn::Set(d, word), salt = hn::Set(d, kDigestSalt);
  for (std::uint64_t i = line; i < line + 8; i += hn::Lanes(d)) {
    const WordVec index = hn::Iota(d, i);
    const auto chosen = half.within_line() ? hn::Eq(hn::And(index, hn::Set(d, half.mask())),
                                                    hn::Set(d, half.wanted()))
                                           : hn::Eq(index, index);
    const WordVec got = hn::Load(d, words + i);
    const WordVec weight = hn::Add(hn::Add(index, index), hn::Set(d, 1));
    sum = hn::Add(sum, hn::IfThenElseZero(chosen, hn::Mul(hn::Xor(got, salt), weight)));
    const WordVec judged = hn::IfThenElse(chosen, got, expected);
    if (HWY_UNLIKELY(!same(judged, expected))) note_differences(findings, i, expected, judged);
  }
}

// Hardware prefetchers do not follow the gaps.
constexpr std::uint64_t kAheadWords = 512;

std::uint64_t read_scattered(const std::uint64_t* words, const Half& half, std::uint64_t first,
                             std::uint64_t last, std::uint64_t word, Findings& findings) {
  const std::uint64_t each = half.within_line() ? 4 : 8;
  WordVec sum = hn::Zero(Words());
  for (std::uint64_t number = first; number < last; number += each) {
    hwy::Prefetch(words + half.line(std::min(number + kAheadWords, last - each)));
    read_line(words, half, half.line(number), word, sum, findings);
  }
  HWY_ALIGN std::uint64_t lanes[hn::MaxLanes(Words())];
  hn::Store(sum, Words(), lanes);  // the instruction set's own sum is one of signed numbers
  return std::accumulate(lanes, lanes + hn::Lanes(Words()), std::uint64_t{0});
}

void write_words(std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                 std::uint64_t word) {
  const Words d;
  const WordVec value = hn::Set(d, word);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) hn::Stream(value, d, words + i);
}

void fill_words(std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                std::uint64_t pattern) {
  const Words d;
  PatternStream stream(pattern, first);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d))
    hn::Stream(stream.next(), d, words + i);
  hwy::FlushStream();
}

std::uint64_t check_words(const std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                          std::uint64_t pattern, Findings& findings) {
  const Words d;
  PatternStream stream(pattern, first);
  DigestStream digest;
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    const WordVec got = hn::Load(d, words + i), expected = stream.next();
    digest.add(got);
    if (HWY_UNLIKELY(!same(got, expected))) note_differences(findings, i, expected, got);
  }
  return digest.finish(first);
}

void copy_words(const std::uint64_t* from, std::uint64_t* to, std::uint64_t first,
                std::uint64_t last) {
  const Words d;
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    hn::Stream(hn::Load(d, from + i), d, to + i);
  }
  hwy::FlushStream();
}

void flush() { hwy::FlushStream(); }

const WordKernels& kernels_here() {
  static constexpr WordKernels kKernels{read_words,  read_scattered, write_words, fill_words,
                                        check_words, copy_words,     flush};
  return kKernels;
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(kernels_here);
const WordKernels& word_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::cpu
#endif
