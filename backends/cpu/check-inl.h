// SPDX-License-Identifier: Apache-2.0
// Per-target pieces of every word kernel beside core/words-inl.h's: the compare, one vector of
// 64-bit words at a time. Included once per Highway target, inside foreach_target's passes.
#if defined(RACKPROOF_CPU_CHECK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RACKPROOF_CPU_CHECK_INL_H_
#undef RACKPROOF_CPU_CHECK_INL_H_
#else
#define RACKPROOF_CPU_CHECK_INL_H_
#endif

#include <hwy/highway.h>

#include "backends/cpu/findings.h"
#include "core/words-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using rackproof::HWY_NAMESPACE::AddressStream;
using rackproof::HWY_NAMESPACE::DigestStream;
using rackproof::HWY_NAMESPACE::PatternStream;
using rackproof::HWY_NAMESPACE::Words;
using rackproof::HWY_NAMESPACE::WordVec;

/// Records the lanes in which `got` differs, as they are in the registers: reading memory again
/// might find it healed.
HWY_NOINLINE HWY_MAYBE_UNUSED static void note_differences(Findings& findings, std::uint64_t index,
                                                           WordVec expected, WordVec got) {
  const Words d;
  HWY_ALIGN std::uint64_t e[hn::MaxLanes(d)], g[hn::MaxLanes(d)];
  hn::Store(expected, d, e);
  hn::Store(got, d, g);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) {
    if (e[i] != g[i]) findings.add(index + i, e[i], g[i]);
  }
}

HWY_INLINE bool same(WordVec a, WordVec b) { return hn::AllTrue(Words(), hn::Eq(a, b)); }

}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
