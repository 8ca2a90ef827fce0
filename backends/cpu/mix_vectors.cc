// SPDX-License-Identifier: Apache-2.0
// Mix with vector instructions, in every lane of the widest vectors: FMA, products of integers,
// moves within vectors. Each lane is a chain; four vectors of chains go together, since one chain
// alone would wait for its own results.
#include "backends/cpu/mix_kernels.h"
#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/mix_vectors.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"
#include "core/mix_chains.h"

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

// The baseline of x86 has no vectors that Highway knows.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
MixVectorKernels kernels_here() { return {}; }
#else
HWY_INLINE WordVec give_out(WordVec w, WordVec x, WordVec y) {
  return hn::Xor(hn::Xor(w, hn::RotateRight<17>(x)), hn::RotateRight<34>(y));
}

// Chains of kernel K from row `first_row` on: K::Chain is `K::kVectors` vectors of each state.
template <class K>
void make_rows(std::uint64_t seed, std::uint64_t* block, std::uint64_t first_row) {
  const std::uint64_t width = K::kVectors * hn::Lanes(Words());
  for (std::uint64_t lane = 0; lane < mix::kRow; lane += 4 * width) {
    K a(seed, lane), b(seed, lane + width), c(seed, lane + 2 * width), d(seed, lane + 3 * width);
    for (std::uint64_t row = first_row; row < mix::kRows; ++row) {
      for (int turn = 0; turn < K::kTurns; ++turn) {
        a.turn();
        b.turn();
        c.turn();
        d.turn();
      }
      std::uint64_t* out = block + row * mix::kRow + lane;
      a.store(out);
      b.store(out + width);
      c.store(out + 2 * width);
      d.store(out + 3 * width);
    }
  }
}

HWY_INLINE WordVec first_states(std::uint64_t seed, std::uint64_t k, std::uint64_t lane) {
  return PatternStream(seed, k * mix::kRow + lane).next();
}

#if HWY_NATIVE_FMA
// The bits of both halves of a word go into the two fp32 chains, so one start serves both types.
template <class T, class Bits>
struct FmaChain {
  static constexpr std::uint64_t kVectors = 1;
  static constexpr int kTurns = mix::kFmaTurns;
  using F = mix::Fma<Bits>;
  using DF = hn::Repartition<T, Words>;
  using DU = hn::Repartition<Bits, Words>;
  using V = hn::Vec<DU>;
  V w, x, y, z;

  HWY_INLINE FmaChain(std::uint64_t seed, std::uint64_t lane)
      : w(number(first_states(seed, 0, lane))),
        x(number(first_states(seed, 1, lane))),
        y(number(first_states(seed, 2, lane))),
        z(number(first_states(seed, 3, lane))) {}

  static HWY_INLINE V number(WordVec words) { return based(hn::BitCast(DU(), words)); }
  static HWY_INLINE V based(V bits) {
    return hn::Or(hn::And(bits, hn::Set(DU(), F::kFree)), hn::Set(DU(), F::kBase));
  }
  static HWY_INLINE void change(V& w, V x, V y, V z) {
    const DF df;
    const V f =
        hn::BitCast(DU(), hn::MulSub(hn::BitCast(df, x), hn::BitCast(df, y), hn::BitCast(df, z)));
    w = based(hn::Xor(hn::Xor(w, f), hn::ShiftRight<F::kFold>(f)));
  }
  HWY_INLINE void turn() {
    change(w, x, y, z);
    change(x, y, z, w);
    change(y, z, w, x);
    change(z, w, x, y);
  }
  HWY_INLINE void store(std::uint64_t* out) const {
    const Words d;
    const WordVec three = give_out(hn::BitCast(d, w), hn::BitCast(d, x), hn::BitCast(d, y));
    hn::Store(hn::Xor(three, hn::RotateRight<51>(hn::BitCast(d, z))), d, out);
  }
};

void fma_fp32(std::uint64_t seed, std::uint64_t* block) {
  make_rows<FmaChain<float, std::uint32_t>>(seed, block, 0);
}
void fma_fp64(std::uint64_t seed, std::uint64_t* block) {
  make_rows<FmaChain<double, std::uint64_t>>(seed, block, 0);
}
#endif

struct MultiplyChain {
  static constexpr std::uint64_t kVectors = 1;
  static constexpr int kTurns = mix::kMultiplyTurns;
  WordVec w, x, y;

  HWY_INLINE MultiplyChain(std::uint64_t seed, std::uint64_t lane)
      : w(first_states(seed, 0, lane)),
        x(first_states(seed, 1, lane)),
        y(first_states(seed, 2, lane)) {}

  template <class T>
  static HWY_INLINE hn::Vec<hn::Repartition<T, Words>> as(WordVec v) {
    return hn::BitCast(hn::Repartition<T, Words>(), v);
  }
  template <class V>
  static HWY_INLINE WordVec words(V v) {
    return hn::BitCast(Words(), v);
  }
  static HWY_INLINE WordVec next(WordVec state, WordVec added, WordVec xored) {
    return hn::Xor(hn::Add(hn::RotateRight<17>(state), added), xored);
  }
  HWY_INLINE void turn() {
    using U32 = std::uint32_t;
    using U16 = std::uint16_t;
    using I32 = std::int32_t;
    w = next(w, hn::MulEven(as<U32>(x), as<U32>(y)), words(hn::Mul(as<U32>(x), as<U32>(y))));
    x = next(x, hn::Mul(y, w), words(hn::MulHigh(as<U16>(y), as<U16>(w))));
    y = next(y, words(hn::MulEven(as<I32>(w), as<I32>(x))), words(hn::Mul(as<U16>(w), as<U16>(x))));
  }
  HWY_INLINE void store(std::uint64_t* out) const { hn::Store(give_out(w, x, y), Words(), out); }
};

struct ScalarChain {
  std::uint64_t w, x, y;

  ScalarChain(std::uint64_t seed, std::uint64_t chain)
      : w(mix::first_state(seed, 0, chain, mix::kScalarChains)),
        x(mix::first_state(seed, 1, chain, mix::kScalarChains)),
        y(mix::first_state(seed, 2, chain, mix::kScalarChains)) {}

  static HWY_INLINE void change(std::uint64_t& w, std::uint64_t x, std::uint64_t y) {
    const Wide p = static_cast<Wide>(x) * y;
    w = (std::rotr(w, 17) + static_cast<std::uint64_t>(p)) ^ static_cast<std::uint64_t>(p >> 64);
  }
  HWY_INLINE std::uint64_t next() {
    for (int turn = 0; turn < mix::kScalarTurns; ++turn) {
      change(w, x, y);
      change(x, y, w);
      change(y, w, x);
    }
    return mix::give_out(w, x, y);
  }
};

void multiply(std::uint64_t seed, std::uint64_t* block) {
  static_assert(mix::kScalarChains == 4);
  ScalarChain a(~seed, 0), b(~seed, 1), c(~seed, 2), d(~seed, 3);
  for (std::uint64_t at = 0; at < mix::kScalarRows * mix::kRow; at += mix::kScalarChains) {
    block[at] = a.next();
    block[at + 1] = b.next();
    block[at + 2] = c.next();
    block[at + 3] = d.next();
  }
  make_rows<MultiplyChain>(seed, block, mix::kScalarRows);
}

// A group of 64 bytes in as many vectors as it takes.
constexpr std::uint64_t kParts = mix::kGroup / hn::MaxLanes(Words());
struct Group {
  WordVec part[kParts];
};

HWY_INLINE WordVec shuffled(WordVec x, WordVec y) {
  const hn::Repartition<std::uint8_t, Words> d;
  const auto from = hn::And(hn::BitCast(d, y), hn::Set(d, 15));
  return hn::BitCast(Words(), hn::TableLookupBytes(hn::BitCast(d, x), from));
}
HWY_INLINE WordVec shifted(WordVec w, WordVec x) {
  const hn::Repartition<std::uint8_t, Words> d;
  return hn::BitCast(Words(),
                     hn::CombineShiftRightBytes<5>(d, hn::BitCast(d, w), hn::BitCast(d, x)));
}
// The 32-bit words of a whole group at the indices in `w`.
HWY_INLINE WordVec looked_up(const Group& table, WordVec w) {
  const hn::Repartition<std::uint32_t, Words> d;
  constexpr std::uint32_t kLanes = 16 / kParts;
  const auto index = hn::And(hn::BitCast(d, w), hn::Set(d, 15U));
  const auto part = hn::And(index, hn::Set(d, 15U ^ (kLanes - 1)));
  const auto within = hn::IndicesFromVec(d, hn::And(index, hn::Set(d, kLanes - 1)));
  auto all = hn::TableLookupLanes(hn::BitCast(d, table.part[0]), within);
  for (std::uint32_t p = 1; p < kParts; ++p) {
    const auto here = hn::TableLookupLanes(hn::BitCast(d, table.part[p]), within);
    all = hn::IfThenElse(hn::Eq(part, hn::Set(d, p * kLanes)), here, all);
  }
  return hn::BitCast(Words(), all);
}

struct PermuteChain {
  static constexpr std::uint64_t kVectors = kParts;
  static constexpr int kTurns = mix::kPermuteTurns;
  Group w, x, y;

  HWY_INLINE PermuteChain(std::uint64_t seed, std::uint64_t lane) {
    for (std::uint64_t p = 0; p < kParts; ++p) {
      const std::uint64_t at = lane + p * hn::Lanes(Words());
      w.part[p] = first_states(seed, 0, at);
      x.part[p] = first_states(seed, 1, at);
      y.part[p] = first_states(seed, 2, at);
    }
  }
  static HWY_INLINE WordVec next(WordVec state, WordVec moved) {
    return hn::Add(hn::RotateRight<13>(state), moved);
  }
  HWY_INLINE void turn() {
    for (std::uint64_t p = 0; p < kParts; ++p)
      w.part[p] = next(w.part[p], shuffled(x.part[p], y.part[p]));
    for (std::uint64_t p = 0; p < kParts; ++p) x.part[p] = next(x.part[p], looked_up(y, w.part[p]));
    for (std::uint64_t p = 0; p < kParts; ++p)
      y.part[p] = next(y.part[p], shifted(w.part[p], x.part[p]));
  }
  HWY_INLINE void store(std::uint64_t* out) const {
    for (std::uint64_t p = 0; p < kParts; ++p)
      hn::Store(give_out(w.part[p], x.part[p], y.part[p]), Words(), out + p * hn::Lanes(Words()));
  }
};

void permute(std::uint64_t seed, std::uint64_t* block) { make_rows<PermuteChain>(seed, block, 0); }

MixVectorKernels kernels_here() {
  MixVectorKernels here;
#if HWY_NATIVE_FMA
  here.fma_fp32 = fma_fp32;
  here.fma_fp64 = fma_fp64;
#endif
  here.multiply = multiply;
  here.permute = permute;
  return here;
}
#endif

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(kernels_here);
MixVectorKernels mix_vector_kernels() { return HWY_DYNAMIC_DISPATCH(kernels_here)(); }

}  // namespace rackproof::cpu
#endif
