// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/mix_check.h"

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/mix_check.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

std::uint64_t check_here(std::span<const std::uint64_t> right, std::uint64_t* words,
                         std::uint64_t first, Findings& findings) {
  const Words d;
  DigestStream digest;
  for (std::uint64_t i = 0; i < right.size(); i += hn::Lanes(d)) {
    const WordVec got = hn::Load(d, words + i), expected = hn::LoadU(d, right.data() + i);
    digest.add(got);
    hn::Store(hn::Not(expected), d, words + i);
    if (HWY_UNLIKELY(!same(got, expected))) note_differences(findings, first + i, expected, got);
  }
  return digest.finish(0);
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(check_here);
std::uint64_t check_mix(std::span<const std::uint64_t> right, std::uint64_t* words,
                        std::uint64_t first, Findings& findings) {
  return HWY_DYNAMIC_DISPATCH(check_here)(right, words, first, findings);
}

}  // namespace rackproof::cpu
#endif
