// SPDX-License-Identifier: Apache-2.0
#include "bench/fma.h"

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/fma.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <benchmark/benchmark.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rackproof::bench::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// More than latency times units of any CPU, and fewer than its registers.
constexpr int kChains = 12;

template <class T>
double multiply_adds(std::uint64_t steps) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  V sum[kChains];
  HWY_UNROLL(12)
  for (int i = 0; i < kChains; ++i) sum[i] = hn::Set(d, static_cast<T>(i));
  const V factor = hn::Set(d, static_cast<T>(0.999)), term = hn::Set(d, static_cast<T>(0.123));
  for (std::uint64_t step = 0; step < steps; ++step) {
    HWY_UNROLL(12)
    for (int i = 0; i < kChains; ++i) sum[i] = hn::MulAdd(sum[i], factor, term);
  }
  HWY_UNROLL(12)
  for (int i = 1; i < kChains; ++i) sum[0] = hn::Add(sum[0], sum[i]);
  benchmark::DoNotOptimize(hn::GetLane(sum[0]));
  return 2.0 * static_cast<double>(steps * kChains * hn::Lanes(d));
}

const FmaKernels& kernels_here() {
  static constexpr FmaKernels kKernels{multiply_adds<float>, multiply_adds<double>};
  return kKernels;
}

}  // namespace
}  // namespace rackproof::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::bench {

HWY_EXPORT(kernels_here);
const FmaKernels& fma_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::bench
#endif
