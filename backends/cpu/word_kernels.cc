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
    hwy::Prefetch(words + i + kAhead);
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
