// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_kernels.h"

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/gemm_kernels.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/cache_control.h>
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

// What a step does with a lane. One product:
template <class Element>
struct Single {
  using T = Element;
  static constexpr std::uint64_t kProducts = 1;
  static constexpr bool kBiased = false;
  template <class D, class V>
  static HWY_INLINE V add(D, V a, V b, V sum, V&) {
    return hn::MulAdd(a, b, sum);
  }
  template <class D, class V>
  static HWY_INLINE V together(D, V sum, V) {
    return sum;
  }
};

#if HWY_TARGET == HWY_AVX3_DL
// Four of bytes, unsigned times signed (VNNI). Highway 1.0 has no name for it, and its compiler
// flags leave avx512vnni out although its CPU check asks for it: hence no intrinsic.
struct Bytes {
  using T = std::int32_t;
  static constexpr std::uint64_t kProducts = 4;
  static constexpr bool kBiased = true;
  template <class D, class V>
  static HWY_INLINE V add(D, V a, V b, V sum, V&) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
    return sum;
  }
  template <class D, class V>
  static HWY_INLINE V together(D, V sum, V) {
    return sum;
  }
};
#else
// A pair of int16. Where its products come apart, the second half gathers in `odd`.
struct Bytes {
  using T = std::int32_t;
  static constexpr std::uint64_t kProducts = 2;
  static constexpr bool kBiased = false;
#if HWY_TARGET == HWY_SCALAR  // one lane holds one int32 and cannot become two int16
  template <class D, class V>
  static HWY_INLINE V add(D d, V a, V b, V sum, V&) {
    const std::int32_t x = hn::GetLane(a), y = hn::GetLane(b);
    return hn::Add(sum, hn::Set(d, static_cast<std::int16_t>(x) * static_cast<std::int16_t>(y) +
                                       (x >> 16) * (y >> 16)));
  }
  template <class D, class V>
  static HWY_INLINE V together(D, V sum, V) {
    return sum;
  }
#else
  template <class D, class V>
  static HWY_INLINE V add(D d, V a, V b, V sum, V& odd) {
    const hn::Repartition<std::int16_t, D> d16;
    return hn::ReorderWidenMulAccumulate(d, hn::BitCast(d16, a), hn::BitCast(d16, b), sum, odd);
  }
  template <class D, class V>
  static HWY_INLINE V together(D, V sum, V odd) {
    return hn::RearrangeToOddPlusEven(sum, odd);
  }
#endif
};
#endif

template <class D, class V, class T>
HWY_INLINE void put(D d, V value, T* c, bool first, bool negated) {
  const V sum = first ? value : hn::Add(hn::LoadU(d, c), value);
  hn::StoreU(negated ? hn::Neg(sum) : sum, d, c);
}

template <class Step, class T = typename Step::T>
void multiply(const T* HWY_RESTRICT a, const T* HWY_RESTRICT b, std::uint64_t depth,
              T* HWY_RESTRICT c, std::uint64_t stride, bool first,
              [[maybe_unused]] const T* HWY_RESTRICT offset, bool negated) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  V left[kRows], right[kRows], left_odd[kRows], right_odd[kRows];
  V left_start = hn::Zero(d), right_start = hn::Zero(d);
  if constexpr (Step::kBiased) {
    if (first) left_start = hn::Load(d, offset), right_start = hn::Load(d, offset + lanes);
  }
  HWY_UNROLL(12)
  for (int r = 0; r < kRows; ++r) {
    left[r] = left_start, right[r] = right_start;
    left_odd[r] = right_odd[r] = hn::Zero(d);
    // By the time the sums are there, so is the tile that they join.
    hwy::Prefetch(c + static_cast<std::uint64_t>(r) * stride);
    hwy::Prefetch(c + static_cast<std::uint64_t>(r) * stride + lanes);
  }
  for (std::uint64_t step = 0; step < depth; ++step, a += kRows, b += columns<T>()) {
    const V b0 = hn::Load(d, b), b1 = hn::Load(d, b + lanes);
    HWY_UNROLL(12)
    for (int r = 0; r < kRows; ++r) {
      const V ar = hn::Set(d, a[r]);
      left[r] = Step::add(d, ar, b0, left[r], left_odd[r]);
      right[r] = Step::add(d, ar, b1, right[r], right_odd[r]);
    }
  }
  HWY_UNROLL(12)
  for (int r = 0; r < kRows; ++r) {
    T* row = c + static_cast<std::uint64_t>(r) * stride;
    put(d, Step::together(d, left[r], left_odd[r]), row, first, negated);
    put(d, Step::together(d, right[r], right_odd[r]), row + lanes, first, negated);
  }
}

template <class Step, class T = typename Step::T>
constexpr TileKernel<T> tile() {
  return {kRows, columns<T>(), Step::kProducts, Step::kBiased, multiply<Step>};
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
using DigestOf = std::conditional_t<sizeof(T) == 4, DigestOf32, DigestOf64>;

template <class D, class V = hn::Vec<D>>
HWY_INLINE V turned(D d, V words, const Sign& sign) {
  using T = hn::TFromD<D>;
  return hn::Add(hn::Xor(words, hn::Set(d, static_cast<T>(sign.flip))),
                 hn::Set(d, static_cast<T>(sign.add)));
}

template <class T>
std::uint64_t digest(const T* elements, std::uint64_t count, std::uint64_t first_element,
                     const Sign& sign) {
  const hn::ScalableTag<T> d;
  DigestOf<T> digest;
  std::uint64_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d))
    digest.add(turned(d, hn::LoadU(d, elements + i), sign));
  std::uint64_t total = digest.finish(first_element);
  for (; i < count; ++i) total += digest_term(sign.turned(elements[i]), first_element + i);
  return total;
}

template <class T>
std::uint64_t compare(const T* got, const T* expected, std::uint64_t count,
                      std::uint64_t first_element, const Sign& sign, Findings& findings) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN T g[hn::MaxLanes(d)], e[hn::MaxLanes(d)];
  DigestOf<T> digest;
  std::uint64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto vg = hn::LoadU(d, got + i), ve = hn::LoadU(d, expected + i);
    const auto plain = turned(d, vg, sign);
    digest.add(plain);
    if (HWY_LIKELY(hn::AllTrue(d, hn::Eq(plain, ve)))) continue;
    hn::Store(vg, d, g);  // as they are in the registers: memory might heal
    hn::Store(turned(d, ve, sign), d, e);
    for (std::size_t l = 0; l < lanes; ++l) {
      if (g[l] != e[l]) findings.add(first_element + i + l, e[l], g[l]);
    }
  }
  std::uint64_t total = digest.finish(first_element);
  for (; i < count; ++i) {
    const T one = got[i], right = sign.turned(expected[i]);
    total += digest_term(sign.turned(one), first_element + i);
    if (one != right) findings.add(first_element + i, right, one);
  }
  return total;
}

const GemmKernels& kernels_here() {
  static constexpr GemmKernels kKernels{
      tile<Bytes>(),          tile<Single<float>>(), tile<Single<double>>(), compare<std::uint32_t>,
      compare<std::uint64_t>, digest<std::uint32_t>, digest<std::uint64_t>};
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
