// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/word_kernels.h"

#include "backends/cpu/targets.h"
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

// Hardware prefetchers alone leave a fifth of a read stream's bandwidth unused.
constexpr std::uint64_t kAhead = 1024;

template <class Stream>
HWY_INLINE void fill_from(Stream stream, std::uint64_t* words, std::uint64_t first,
                          std::uint64_t last) {
  const Words d;
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d))
    hn::Stream(stream.next(), d, words + i);
  hwy::FlushStream();
}

void fill_words(std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                const Contents& contents) {
  switch (contents.what) {
    case Content::seeded:
      return fill_from(PatternStream(contents.pattern, first), words, first, last);
    case Content::address:
      return fill_from(AddressStream<false>(first), words, first, last);
    case Content::inverse_address:
      return fill_from(AddressStream<true>(first), words, first, last);
  }
}

template <class Stream>
HWY_INLINE std::uint64_t check_against(Stream stream, const std::uint64_t* words,
                                       std::uint64_t first, std::uint64_t last,
                                       Findings& findings) {
  const Words d;
  DigestStream digest;
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    hwy::Prefetch(words + i + kAhead);
    const WordVec got = hn::Load(d, words + i), expected = stream.next();
    digest.add(got);
    if (HWY_UNLIKELY(!same(got, expected))) note_differences(findings, i, expected, got);
  }
  return digest.finish(first);
}

std::uint64_t check_words(const std::uint64_t* words, std::uint64_t first, std::uint64_t last,
                          const Contents& contents, Findings& findings) {
  switch (contents.what) {
    case Content::address:
      return check_against(AddressStream<false>(first), words, first, last, findings);
    case Content::inverse_address:
      return check_against(AddressStream<true>(first), words, first, last, findings);
    case Content::seeded:
      break;
  }
  return check_against(PatternStream(contents.pattern, first), words, first, last, findings);
}

void copy_words(const std::uint64_t* from, std::uint64_t* to, std::uint64_t first,
                std::uint64_t last) {
  const Words d;
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    hwy::Prefetch(from + i + kAhead);
    hn::Stream(hn::Load(d, from + i), d, to + i);
  }
  hwy::FlushStream();
}

const WordKernels& kernels_here() {
  static constexpr WordKernels kKernels{fill_words, check_words, copy_words};
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
