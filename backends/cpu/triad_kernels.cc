// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/triad_kernels.h"

#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/triad_kernels.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

using Doubles = hn::ScalableTag<double>;
using DoubleVec = hn::Vec<Doubles>;

// 20 bits become a double through the mantissa of 2^52.
HWY_INLINE DoubleVec exact_double(WordVec bits20) {
  const Doubles d;
  const WordVec exponent = hn::Set(Words(), 0x4330000000000000ULL);
  return hn::Sub(hn::BitCast(d, hn::Or(bits20, exponent)), hn::Set(d, 4503599627370496.0));
}

struct Right {
  DoubleVec a, b, c;
};

HWY_INLINE Right right_values(PatternStream& stream) {
  const WordVec word = stream.next(), mask = hn::Set(Words(), 0xfffff);
  Right right{hn::Zero(Doubles()), exact_double(hn::And(word, mask)),
              exact_double(hn::And(hn::ShiftRight<20>(word), mask))};
  right.a = hn::MulAdd(hn::Set(Doubles(), kTriadScalar), right.c, right.b);
  return right;
}

// `got` was read from `array` at i; when it is wrong, records it and puts it right there and here.
HWY_INLINE DoubleVec settled(double* array, std::uint64_t i, DoubleVec got, DoubleVec right,
                             Findings& findings) {
  const Words w;
  if (HWY_LIKELY(same(hn::BitCast(w, got), hn::BitCast(w, right)))) return got;
  note_differences(findings, i, hn::BitCast(w, right), hn::BitCast(w, got));
  hn::Store(right, Doubles(), array + i);
  return right;
}

// Hardware prefetchers alone leave a fifth of a read stream's bandwidth unused.
constexpr std::uint64_t kAhead = 512;

HWY_INLINE bool same(DoubleVec a, DoubleVec right_a, DoubleVec b, DoubleVec right_b) {
  const Words w;
  const WordVec differs = hn::Or(hn::Xor(hn::BitCast(w, a), hn::BitCast(w, right_a)),
                                 hn::Xor(hn::BitCast(w, b), hn::BitCast(w, right_b)));
  return hn::AllTrue(w, hn::Eq(differs, hn::Zero(w)));
}

HWY_INLINE DoubleVec asked(const double* array, std::uint64_t i) {
  hwy::Prefetch(array + i + kAhead);
  return hn::Load(Doubles(), array + i);
}

void init(const TriadArrays& x, std::uint64_t first, std::uint64_t last, std::uint64_t pattern) {
  const Doubles d;
  PatternStream stream(pattern, first);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    const Right right = right_values(stream);
    hn::Store(hn::Zero(d), d, x.a + i);
    hn::Store(right.b, d, x.b + i);
    hn::Store(right.c, d, x.c + i);
  }
}

void forward(const TriadArrays& x, std::uint64_t first, std::uint64_t last, std::uint64_t pattern,
             const TriadFindings& findings) {
  const Doubles d;
  PatternStream stream(pattern, first);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    const Right right = right_values(stream);
    DoubleVec b = asked(x.b, i), c = asked(x.c, i);
    if (HWY_UNLIKELY(!same(b, right.b, c, right.c))) {
      b = settled(x.b, i, b, right.b, findings.written);
      c = settled(x.c, i, c, right.c, findings.kept);
    }
    hn::Stream(hn::MulAdd(hn::Set(d, kTriadScalar), c, b), d, x.a + i);
  }
  hwy::FlushStream();
}

void backward(const TriadArrays& x, std::uint64_t first, std::uint64_t last, std::uint64_t pattern,
              const TriadFindings& findings) {
  const Doubles d;
  PatternStream stream(pattern, first);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    const Right right = right_values(stream);
    DoubleVec a = asked(x.a, i), c = asked(x.c, i);
    if (HWY_UNLIKELY(!same(a, right.a, c, right.c))) {
      a = settled(x.a, i, a, right.a, findings.written);
      c = settled(x.c, i, c, right.c, findings.kept);
    }
    hn::Stream(hn::NegMulAdd(hn::Set(d, kTriadScalar), c, a), d, x.b + i);
  }
  hwy::FlushStream();
}

std::uint64_t check_a(const TriadArrays& x, std::uint64_t first, std::uint64_t last,
                      std::uint64_t pattern, Findings& findings) {
  const Doubles d;
  const Words w;
  PatternStream stream(pattern, first);
  DigestStream digest;
  for (std::uint64_t i = first; i < last; i += hn::Lanes(d)) {
    const DoubleVec got = asked(x.a, i);
    digest.add(hn::BitCast(w, got));
    (void)settled(x.a, i, got, right_values(stream).a, findings);
  }
  return digest.finish(first);
}

void check_b(const TriadArrays& x, std::uint64_t first, std::uint64_t last, std::uint64_t pattern,
             Findings& findings) {
  PatternStream stream(pattern, first);
  for (std::uint64_t i = first; i < last; i += hn::Lanes(Doubles())) {
    (void)settled(x.b, i, asked(x.b, i), right_values(stream).b, findings);
  }
}

const TriadKernels& kernels_here() {
  static constexpr TriadKernels kKernels{init, forward, backward, check_a, check_b};
  return kKernels;
}

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(kernels_here);
const TriadKernels& triad_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::cpu
#endif
