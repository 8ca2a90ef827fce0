// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_kernels.h"

#define HWY_WANT_AVX3_DL 1
// SVE's vectors have no size at compile time, so they cannot stand in an array of accumulators;
// such CPUs take the NEON kernels.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/gemm_kernels.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

// Two vectors wide; as high as the registers allow: 12 x 2 accumulators of 32, or 6 x 2 of 16.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_ARCH_ARM_A64
constexpr int kRows = 12;
#else
constexpr int kRows = 6;
#endif

template <class T>
constexpr std::uint64_t columns() {
  return 2 * hn::MaxLanes(hn::ScalableTag<T>());
}

template <class D, class V>
HWY_INLINE V multiply_add(D, V a, V b, V sum, V&) {
  return hn::MulAdd(a, b, sum);
}

// A pair of int16 a lane. Where the products of a pair come apart, the second half gathers in
// `odd`.
template <class V>
HWY_INLINE V multiply_add(hn::ScalableTag<std::int32_t> d, V a, V b, V sum, V& odd) {
#if HWY_TARGET == HWY_SCALAR  // one lane holds one int32 and cannot become two int16
  (void)odd;
  const std::int32_t x = hn::GetLane(a), y = hn::GetLane(b);
  return hn::Add(sum, hn::Set(d, static_cast<std::int16_t>(x) * static_cast<std::int16_t>(y) +
                                     (x >> 16) * (y >> 16)));
#else
  const hn::Repartition<std::int16_t, decltype(d)> d16;
  return hn::ReorderWidenMulAccumulate(d, hn::BitCast(d16, a), hn::BitCast(d16, b), sum, odd);
#endif
}

template <class D, class V>
HWY_INLINE V together(D, V sum, V) {
  return sum;
}
template <class V>
HWY_INLINE V together(hn::ScalableTag<std::int32_t>, V sum, V odd) {
#if HWY_TARGET == HWY_SCALAR
  (void)odd;
  return sum;
#else
  return hn::RearrangeToOddPlusEven(sum, odd);
#endif
}

template <class D, class V, class T>
HWY_INLINE void put(D d, V value, T* c, bool first) {
  hn::StoreU(first ? value : hn::Add(hn::LoadU(d, c), value), d, c);
}

template <class T>
void multiply(const T* HWY_RESTRICT a, const T* HWY_RESTRICT b, std::uint64_t depth,
              T* HWY_RESTRICT c, std::uint64_t stride, bool first) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  V left[kRows], right[kRows], left_odd[kRows], right_odd[kRows];
  HWY_UNROLL(12)
  for (int r = 0; r < kRows; ++r) left[r] = right[r] = left_odd[r] = right_odd[r] = hn::Zero(d);
  for (std::uint64_t step = 0; step < depth; ++step, a += kRows, b += columns<T>()) {
    const V b0 = hn::Load(d, b), b1 = hn::Load(d, b + lanes);
    HWY_UNROLL(12)
    for (int r = 0; r < kRows; ++r) {
      const V ar = hn::Set(d, a[r]);
      left[r] = multiply_add(d, ar, b0, left[r], left_odd[r]);
      right[r] = multiply_add(d, ar, b1, right[r], right_odd[r]);
    }
  }
  HWY_UNROLL(12)
  for (int r = 0; r < kRows; ++r) {
    put(d, together(d, left[r], left_odd[r]), c + static_cast<std::uint64_t>(r) * stride, first);
    put(d, together(d, right[r], right_odd[r]), c + static_cast<std::uint64_t>(r) * stride + lanes,
        first);
  }
}

// Digest of elements, one word each.
struct DigestOf64 {
  DigestStream words;
  HWY_INLINE DigestOf64() {}  // an implicit one would not be compiled for this target
  HWY_INLINE void add(WordVec elements) { words.add(elements); }
  HWY_INLINE std::uint64_t finish(std::uint64_t first) const { return words.finish(first); }
};
#if HWY_TARGET == HWY_SCALAR
struct DigestOf32 : DigestOf64 {
  HWY_INLINE DigestOf32() {}
  template <class V>
  HWY_INLINE void add(V element) {
    words.add(hn::Set(Words(), hn::GetLane(element)));
  }
};
#else
// The even and the odd elements of a vector are a stream of words each.
struct DigestOf32 {
  DigestStream even, odd;
  HWY_INLINE DigestOf32() {}
  template <class V>
  HWY_INLINE void add(V elements) {
    const WordVec pairs = hn::BitCast(Words(), elements);
    even.add(hn::And(pairs, hn::Set(Words(), 0xffffffffU)));
    odd.add(hn::ShiftRight<32>(pairs));
  }
  HWY_INLINE std::uint64_t finish(std::uint64_t first) const {
    return even.finish(first, 2) + odd.finish(first + 1, 2);
  }
};
#endif

template <class T>
std::uint64_t compare(const T* got, const T* expected, std::uint64_t count,
                      std::uint64_t first_element, Findings& findings) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN T g[hn::MaxLanes(d)], e[hn::MaxLanes(d)];
  std::conditional_t<sizeof(T) == 4, DigestOf32, DigestOf64> digest;
  std::uint64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto vg = hn::LoadU(d, got + i), ve = hn::LoadU(d, expected + i);
    digest.add(vg);
    if (HWY_LIKELY(hn::AllTrue(d, hn::Eq(vg, ve)))) continue;
    hn::Store(vg, d, g);  // as they are in the registers: memory might heal
    hn::Store(ve, d, e);
    for (std::size_t l = 0; l < lanes; ++l) {
      if (g[l] != e[l]) findings.add(first_element + i + l, e[l], g[l]);
    }
  }
  std::uint64_t total = digest.finish(first_element);
  for (; i < count; ++i) {
    const T one = got[i], right = expected[i];
    total += digest_term(one, first_element + i);
    if (one != right) findings.add(first_element + i, right, one);
  }
  return total;
}

const GemmKernels& kernels_here() {
  static constexpr GemmKernels kKernels{{kRows, columns<std::int32_t>(), multiply<std::int32_t>},
                                        {kRows, columns<float>(), multiply<float>},
                                        {kRows, columns<double>(), multiply<double>},
                                        compare<std::uint32_t>,
                                        compare<std::uint64_t>};
  return kKernels;
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(kernels_here);
const GemmKernels& gemm_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::cpu
#endif
