// SPDX-License-Identifier: Apache-2.0
// Mix's AES with the CPU's rounds, in both directions, as many at once as its vectors hold.
#include "backends/cpu/mix_kernels.h"
#include "backends/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backends/cpu/mix_aes_kernel.cc"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "backends/cpu/check-inl.h"
#include "core/mix_chains.h"

// Highway would compute the rounds by table look-ups where there are no such instructions.
#undef RACKPROOF_AES_HERE
#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_SSE4) || HWY_TARGET == HWY_NEON
#define RACKPROOF_AES_HERE 1
#else
#define RACKPROOF_AES_HERE 0
#endif

HWY_BEFORE_NAMESPACE();
namespace rackproof::cpu::HWY_NAMESPACE {
namespace {

#if RACKPROOF_AES_HERE
using Bytes = hn::Repartition<std::uint8_t, Words>;
using ByteVec = hn::Vec<Bytes>;

// Highway has the cipher's rounds only.
#if HWY_ARCH_X86
#if HWY_TARGET == HWY_AVX3_DL
HWY_INLINE ByteVec inverse(ByteVec s, ByteVec k) {
  return ByteVec{_mm512_aesdec_epi128(s.raw, k.raw)};
}
HWY_INLINE ByteVec last_inverse(ByteVec s, ByteVec k) {
  return ByteVec{_mm512_aesdeclast_epi128(s.raw, k.raw)};
}
#else
using Part = hn::Vec<hn::Full128<std::uint8_t>>;
HWY_INLINE Part inverse(Part s, Part k) { return Part{_mm_aesdec_si128(s.raw, k.raw)}; }
HWY_INLINE Part last_inverse(Part s, Part k) { return Part{_mm_aesdeclast_si128(s.raw, k.raw)}; }
#if HWY_TARGET != HWY_SSE4
// By halves down to 16 bytes.
template <class V>
HWY_INLINE V inverse(V s, V k) {
  const hn::Half<hn::DFromV<V>> half;
  return hn::Combine(hn::DFromV<V>(), inverse(hn::UpperHalf(half, s), hn::UpperHalf(half, k)),
                     inverse(hn::LowerHalf(half, s), hn::LowerHalf(half, k)));
}
template <class V>
HWY_INLINE V last_inverse(V s, V k) {
  const hn::Half<hn::DFromV<V>> half;
  return hn::Combine(hn::DFromV<V>(), last_inverse(hn::UpperHalf(half, s), hn::UpperHalf(half, k)),
                     last_inverse(hn::LowerHalf(half, s), hn::LowerHalf(half, k)));
}
#endif
#endif
#else
// Arm adds the key first.
HWY_INLINE ByteVec last_inverse(ByteVec s, ByteVec k) {
  return hn::Xor(ByteVec(vaesdq_u8(s.raw, vdupq_n_u8(0))), k);
}
HWY_INLINE ByteVec inverse(ByteVec s, ByteVec k) {
  return hn::Xor(ByteVec(vaesimcq_u8(vaesdq_u8(s.raw, vdupq_n_u8(0)))), k);
}
#endif

HWY_INLINE WordVec first_states(std::uint64_t seed, std::uint64_t k, std::uint64_t lane) {
  return PatternStream(seed, k * mix::kRow + lane).next();
}

struct AesChain {
  ByteVec s;
  WordVec key;

  HWY_INLINE AesChain(std::uint64_t seed, std::uint64_t lane)
      : s(hn::BitCast(Bytes(), first_states(seed, 0, lane))), key(first_states(seed, 1, lane)) {}

  HWY_INLINE ByteVec next_key() {
    const ByteVec k = hn::BitCast(Bytes(), key);
    key = hn::Add(key, hn::Set(Words(), mix::kStep));
    return k;
  }
  HWY_INLINE void turn() {
    s = hn::AESRound(s, next_key());
    s = inverse(s, next_key());
  }
  HWY_INLINE void store(std::uint64_t* out) const {
    const ByteVec k = hn::BitCast(Bytes(), key);
    hn::Store(hn::BitCast(Words(), last_inverse(hn::AESLastRound(s, k), k)), Words(), out);
  }
};

void aes(std::uint64_t seed, std::uint64_t* block) {
  const std::uint64_t lanes = hn::Lanes(Words());
  for (std::uint64_t lane = 0; lane < mix::kRow; lane += 4 * lanes) {
    AesChain a(seed, lane), b(seed, lane + lanes), c(seed, lane + 2 * lanes),
        d(seed, lane + 3 * lanes);
    for (std::uint64_t row = 0; row < mix::kRows; ++row) {
      for (int turn = 0; turn < mix::kAesTurns; ++turn) {
        a.turn();
        b.turn();
        c.turn();
        d.turn();
      }
      std::uint64_t* out = block + row * mix::kRow + lane;
      a.store(out);
      b.store(out + lanes);
      c.store(out + 2 * lanes);
      d.store(out + 3 * lanes);
    }
  }
}
MixBlock aes_here() { return aes; }
#else
MixBlock aes_here() { return nullptr; }
#endif

}  // namespace
}  // namespace rackproof::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rackproof::cpu {

HWY_EXPORT(aes_here);
MixBlock mix_aes_kernel() { return HWY_DYNAMIC_DISPATCH(aes_here)(); }

}  // namespace rackproof::cpu
#endif
