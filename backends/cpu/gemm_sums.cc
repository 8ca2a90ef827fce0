// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_sums.h"

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/gemm_sums.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

using Doubles = hn::ScalableTag<double>;
using Vec = hn::Vec<Doubles>;

// x % 3 of numbers below 8: 11 x / 32 is x / 3.
HWY_INLINE WordVec modulo3(WordVec x) {
  const WordVec third =
      hn::ShiftRight<5>(hn::Add(hn::Add(hn::ShiftLeft<3>(x), hn::ShiftLeft<1>(x)), x));
  return hn::Sub(x, hn::Add(third, hn::ShiftLeft<1>(third)));
}

// core/oracle.h's random_operand (kBits 23) and random_fp64 (52).
template <int kBits>
void operands(std::uint64_t pattern, std::uint64_t first, std::uint64_t count,
              std::uint64_t mantissa, double* to) {
  constexpr int kSignAt = kBits == 23 ? 63 : 59;
  const Words d;
  PatternStream words(pattern, first);
  const WordVec sign_bit = hn::Set(d, 1ULL << 63), kept = hn::Set(d, mantissa),
                least = hn::Set(d, 1023 - 2);
  for (std::uint64_t i = 0; i < padded(count); i += hn::Lanes(d)) {
    const WordVec word = words.next();
    const WordVec sign = hn::And(hn::ShiftLeft<63 - kSignAt>(word), sign_bit);
    const WordVec exponent = hn::Add(modulo3(hn::ShiftRight<61>(word)), least);
    const WordVec fraction = hn::ShiftLeft<52 - kBits>(hn::And(word, kept));
    const WordVec bits = hn::Or(sign, hn::Or(hn::ShiftLeft<52>(exponent), fraction));
    hn::StoreU(hn::BitCast(Doubles(), bits), Doubles(), to + i);
  }
}

// Keeps a product from being joined with a later sum into one operation that rounds once. GCC joins
// them wherever it sees both; the array that HWY_EMU128 is stays with clang, which never does so
// across statements.
HWY_INLINE Vec rounded(Vec v) {
#if HWY_TARGET == HWY_EMU128
#elif HWY_ARCH_X86
  asm("" : "+x"(v.raw));
#elif HWY_ARCH_ARM_A64
  asm("" : "+w"(v.raw));
#endif
  return v;
}

#if HWY_NATIVE_FMA
HWY_INLINE Vec error_of_product(Vec a, Vec b, Vec product) { return hn::MulSub(a, b, product); }
#else
// Halves of 26 bits, whose products are exact. Source: Dekker, Numerische Mathematik 18 (1971).
HWY_INLINE void split(Vec x, Vec& high, Vec& low) {
  const Vec scaled = rounded(hn::Mul(x, hn::Set(Doubles(), 134217729.0)));  // 2^27 + 1
  high = hn::Sub(scaled, hn::Sub(scaled, x));
  low = hn::Sub(x, high);
}
HWY_INLINE Vec error_of_product(Vec a, Vec b, Vec product) {
  Vec ah, al, bh, bl;
  split(a, ah, al);
  split(b, bh, bl);
  const Vec crossed = hn::Add(hn::Sub(rounded(hn::Mul(ah, bh)), product), rounded(hn::Mul(ah, bl)));
  return hn::Add(hn::Add(crossed, rounded(hn::Mul(al, bh))), rounded(hn::Mul(al, bl)));
}
#endif

// Sums in one double, for products that it holds exactly.
struct Single {
  static HWY_INLINE void add(Vec a, Vec b, Vec& high, Vec&, Vec& magnitude) {
    high = hn::MulAdd(a, b, high);
    magnitude = hn::MulAdd(hn::Abs(a), hn::Abs(b), magnitude);
  }
};

// Sums in two. Source: Ogita, Rump & Oishi, Accurate sum and dot product, 2005 (Dot2).
struct Pair {
  static HWY_INLINE void add(Vec a, Vec b, Vec& high, Vec& low, Vec& magnitude) {
    const Vec product = rounded(hn::Mul(a, b));
    const Vec sum = hn::Add(high, product), taken = hn::Sub(sum, high);
    const Vec lost = hn::Add(hn::Sub(high, hn::Sub(sum, taken)), hn::Sub(product, taken));
    low = hn::Add(low, hn::Add(lost, error_of_product(a, b, product)));
    high = sum;
    magnitude = hn::Add(magnitude, hn::Abs(product));
  }
};

template <class Step>
void add(double a, const double* b, std::uint64_t count, ColumnSums& sums) {
  const Doubles d;
  const Vec factor = hn::Set(d, a);
  for (std::uint64_t j = 0; j < padded(count); j += hn::Lanes(d)) {
    Vec high = hn::LoadU(d, &sums.high[j]), low = hn::LoadU(d, &sums.low[j]),
        magnitude = hn::LoadU(d, &sums.magnitude[j]);
    Step::add(factor, hn::LoadU(d, b + j), high, low, magnitude);
    hn::StoreU(high, d, &sums.high[j]);
    hn::StoreU(low, d, &sums.low[j]);
    hn::StoreU(magnitude, d, &sums.magnitude[j]);
  }
}

// Of the lanes, without losing what they hold.
Sum sum_of_lanes(Vec high, Vec low, Vec magnitude) {
  const Doubles d;
  HWY_ALIGN double h[hn::MaxLanes(d)], l[hn::MaxLanes(d)], m[hn::MaxLanes(d)];
  hn::Store(high, d, h);
  hn::Store(low, d, l);
  hn::Store(magnitude, d, m);
  Sum total;
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) {
    const double sum = total.high + h[i], taken = sum - total.high;
    total.low += ((total.high - (sum - taken)) + (h[i] - taken)) + l[i];
    total.high = sum;
    total.magnitude += m[i];
  }
  return total;
}

template <class Step>
Sum dot(const double* a, const double* b, std::uint64_t count) {
  const Doubles d;
  constexpr int kChains = 4;  // as many additions as are on their way at once
  const std::uint64_t lanes = hn::Lanes(d), all = padded(count);
  Vec high[kChains], low[kChains], magnitude[kChains];
  for (int c = 0; c < kChains; ++c) high[c] = low[c] = magnitude[c] = hn::Zero(d);
  std::uint64_t i = 0;
  for (; i + kChains * lanes <= all; i += kChains * lanes) {
    HWY_UNROLL(4)
    for (int c = 0; c < kChains; ++c) {
      const std::uint64_t at = i + static_cast<std::uint64_t>(c) * lanes;
      Step::add(hn::LoadU(d, a + at), hn::LoadU(d, b + at), high[c], low[c], magnitude[c]);
    }
  }
  for (; i < all; i += lanes)
    Step::add(hn::LoadU(d, a + i), hn::LoadU(d, b + i), high[0], low[0], magnitude[0]);
  Sum total;
  for (int c = 0; c < kChains; ++c) {
    const Sum one = sum_of_lanes(high[c], low[c], magnitude[c]);
    const double sum = total.high + one.high, taken = sum - total.high;
    total.low += ((total.high - (sum - taken)) + (one.high - taken)) + one.low;
    total.high = sum;
    total.magnitude += one.magnitude;
  }
  return total;
}

const SumKernels& kernels_here() {
  static constexpr SumKernels kKernels{operands<23>, operands<52>, add<Single>,
                                       add<Pair>,    dot<Single>,  dot<Pair>};
  return kKernels;
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(kernels_here);
const SumKernels& sum_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::cpu
#endif
