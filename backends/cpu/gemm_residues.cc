// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_residues.h"

#include <bit>
#include <cmath>

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/gemm_residues.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Parts = std::array<const std::int32_t*, 3>;
using Sums = std::array<std::int64_t, 3>;
constexpr std::int32_t kLargest = 1 << 24;

// Of elements [first, count), one by one.
template <class T>
bool add_rest(const T* row, const Parts& weights, std::uint64_t first, std::uint64_t count,
              Sums& sums) {
  for (std::uint64_t i = first; i < count; ++i) {
    if constexpr (std::is_same_v<T, float>) {
      if (!(std::fabs(row[i]) <= static_cast<float>(kLargest))) return false;
    }
    const auto number = static_cast<std::int32_t>(row[i]);
    if (std::bit_cast<std::uint32_t>(static_cast<T>(number)) !=
        std::bit_cast<std::uint32_t>(row[i]))
      return false;
    for (int part = 0; part < 3; ++part)
      sums[part] += std::int64_t{number} * std::int64_t{weights[part][i]};
  }
  return true;
}

#if HWY_TARGET == HWY_SCALAR
template <class T>
bool add_all(const T* row, const Parts& weights, std::uint64_t count, Sums& sums) {
  return add_rest(row, weights, 0, count, sums);
}
#else
using Ints = hn::ScalableTag<std::int32_t>;
using Longs = hn::ScalableTag<std::int64_t>;
using IntVec = hn::Vec<Ints>;

HWY_INLINE bool whole(const std::int32_t* at, IntVec& numbers) {
  numbers = hn::LoadU(Ints(), at);
  return true;
}
HWY_INLINE bool whole(const float* at, IntVec& numbers) {
  const hn::ScalableTag<float> d;
  const auto values = hn::LoadU(d, at);
  // Before the conversion, which is undefined for NaN where Highway emulates it.
  if (!hn::AllTrue(d, hn::Le(hn::Abs(values), hn::Set(d, static_cast<float>(kLargest)))))
    return false;
  numbers = hn::ConvertTo(Ints(), values);
  const IntVec back = hn::BitCast(Ints(), hn::ConvertTo(d, numbers));
  return hn::AllTrue(Ints(), hn::Eq(back, hn::BitCast(Ints(), values)));
}

HWY_INLINE IntVec odd_ones(IntVec v) {
  const hn::ScalableTag<std::uint64_t> d;
  return hn::BitCast(Ints(), hn::ShiftRight<32>(hn::BitCast(d, v)));
}

template <class T>
bool add_all(const T* row, const Parts& weights, std::uint64_t count, Sums& sums) {
  const Longs d;
  const std::uint64_t lanes = hn::Lanes(Ints());
  hn::Vec<Longs> sum[3] = {hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  std::uint64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    IntVec numbers;
    if (HWY_UNLIKELY(!whole(row + i, numbers))) return false;
    const IntVec odd = odd_ones(numbers);
    HWY_UNROLL(3)
    for (int part = 0; part < 3; ++part) {
      const IntVec weight = hn::LoadU(Ints(), weights[part] + i);
      sum[part] = hn::Add(sum[part], hn::MulEven(numbers, weight));
      sum[part] = hn::Add(sum[part], hn::MulEven(odd, odd_ones(weight)));
    }
  }
  for (int part = 0; part < 3; ++part) sums[part] = hn::GetLane(hn::SumOfLanes(d, sum[part]));
  return add_rest(row, weights, i, count, sums);
}
#endif

Sums sums_i32(const std::int32_t* row, const Parts& weights, std::uint64_t count) {
  Sums sums{};
  (void)add_all(row, weights, count, sums);  // every int32 is an integer
  return sums;
}

bool sums_fp32(const float* row, const Parts& weights, std::uint64_t count, Sums& sums) {
  sums = {};
  return add_all(row, weights, count, sums);
}

const ResidueKernels& kernels_here() {
  static constexpr ResidueKernels kKernels{sums_i32, sums_fp32};
  return kKernels;
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

Weights::Weights(const std::vector<std::uint64_t>& words) {
  constexpr std::uint64_t kMask = (1U << kBits) - 1;
  for (unsigned part = 0; part < parts_.size(); ++part) {
    for (const std::uint64_t word : words)
      parts_[part].push_back(static_cast<std::int32_t>(word >> (kBits * part) & kMask));
  }
}

HWY_EXPORT(kernels_here);
const ResidueKernels& residue_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::cpu
#endif
