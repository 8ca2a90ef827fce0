// SPDX-License-Identifier: Apache-2.0
// Mix's SHA-256 with the CPU's instructions: SHA-NI, or Arm's SHA2 extension. Source of their
// operands: Intel SDM volume 2, SHA256RNDS2, SHA256MSG1, SHA256MSG2; Arm C Language Extensions.
#include "backends/cpu/mix_kernels.h"
#include "core/mix_chains.h"
#include "core/mix_sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#define RACKPROOF_SHA_TARGET __attribute__((target("sha,sse4.1")))
#elif defined(__aarch64__) && (!defined(__clang__) || defined(__ARM_FEATURE_SHA2))
#include <arm_neon.h>
#include <sys/auxv.h>
#define RACKPROOF_SHA_TARGET __attribute__((target("+sha2")))
#endif

namespace rackproof::cpu {
namespace {

#if defined(__x86_64__)
using Quad = __m128i;  // four 32-bit words

// The instructions keep the eight words of the hash as f e b a and h g d c, lowest first.
struct Hash {
  Quad feba, hgdc;
};

RACKPROOF_SHA_TARGET inline Quad load(const std::uint64_t* words) {
  return _mm_loadu_si128(reinterpret_cast<const Quad*>(words));
}
RACKPROOF_SHA_TARGET inline void save(std::uint64_t* words, Quad q) {
  _mm_storeu_si128(reinterpret_cast<Quad*>(words), q);
}
RACKPROOF_SHA_TARGET inline Hash load_hash(const std::uint64_t* words) {
  const Quad badc = _mm_shuffle_epi32(load(words), 0xb1), hgfe = load(words + 2);
  const Quad efgh = _mm_shuffle_epi32(hgfe, 0x1b);
  return {_mm_alignr_epi8(badc, efgh, 8), _mm_blend_epi16(efgh, badc, 0xf0)};
}
RACKPROOF_SHA_TARGET inline void save_hash(std::uint64_t* words, const Hash& s) {
  const Quad abef = _mm_shuffle_epi32(s.feba, 0x1b), dchg = _mm_shuffle_epi32(s.hgdc, 0xb1);
  save(words, _mm_blend_epi16(abef, dchg, 0xf0));
  save(words + 2, _mm_alignr_epi8(dchg, abef, 8));
}
RACKPROOF_SHA_TARGET inline void four_rounds(Hash& s, Quad word, const std::uint32_t* constants) {
  const Quad sum = _mm_add_epi32(word, _mm_loadu_si128(reinterpret_cast<const Quad*>(constants)));
  s.hgdc = _mm_sha256rnds2_epu32(s.hgdc, s.feba, sum);
  s.feba = _mm_sha256rnds2_epu32(s.feba, s.hgdc, _mm_shuffle_epi32(sum, 0x0e));
}
// Words t + 16 ... t + 19 of the schedule from words t ... t + 15.
RACKPROOF_SHA_TARGET inline Quad next_words(Quad w0, Quad w4, Quad w8, Quad w12) {
  const Quad middle = _mm_alignr_epi8(w12, w8, 4);  // t + 9 ... t + 12
  return _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), middle), w12);
}
RACKPROOF_SHA_TARGET inline Hash sum(const Hash& a, const Hash& b) {
  return {_mm_add_epi32(a.feba, b.feba), _mm_add_epi32(a.hgdc, b.hgdc)};
}
RACKPROOF_SHA_TARGET inline Quad stepped(Quad message) {
  return _mm_add_epi64(message, _mm_set1_epi64x(static_cast<long long>(mix::kStep)));
}

bool there() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool known = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0;
  return known && (b >> 29 & 1) != 0 && __builtin_cpu_supports("sse4.1") != 0;
}
#elif defined(__aarch64__) && (!defined(__clang__) || defined(__ARM_FEATURE_SHA2))
using Quad = uint32x4_t;

struct Hash {
  Quad abcd, efgh;
};

RACKPROOF_SHA_TARGET inline Quad load(const std::uint64_t* words) {
  return vreinterpretq_u32_u64(vld1q_u64(words));
}
RACKPROOF_SHA_TARGET inline Hash load_hash(const std::uint64_t* words) {
  return {load(words), load(words + 2)};
}
RACKPROOF_SHA_TARGET inline void save_hash(std::uint64_t* words, const Hash& s) {
  vst1q_u64(words, vreinterpretq_u64_u32(s.abcd));
  vst1q_u64(words + 2, vreinterpretq_u64_u32(s.efgh));
}
RACKPROOF_SHA_TARGET inline void four_rounds(Hash& s, Quad word, const std::uint32_t* constants) {
  const Quad sum = vaddq_u32(word, vld1q_u32(constants)), before = s.abcd;
  s.abcd = vsha256hq_u32(s.abcd, s.efgh, sum);
  s.efgh = vsha256h2q_u32(s.efgh, before, sum);
}
RACKPROOF_SHA_TARGET inline Quad next_words(Quad w0, Quad w4, Quad w8, Quad w12) {
  return vsha256su1q_u32(vsha256su0q_u32(w0, w4), w8, w12);
}
RACKPROOF_SHA_TARGET inline Hash sum(const Hash& a, const Hash& b) {
  return {vaddq_u32(a.abcd, b.abcd), vaddq_u32(a.efgh, b.efgh)};
}
RACKPROOF_SHA_TARGET inline Quad stepped(Quad message) {
  return vreinterpretq_u32_u64(vaddq_u64(vreinterpretq_u64_u32(message), vdupq_n_u64(mix::kStep)));
}

bool there() { return (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0; }
#endif

#ifdef RACKPROOF_SHA_TARGET
RACKPROOF_SHA_TARGET inline Hash compress(const Hash& before, const Quad (&message)[4]) {
  Hash s = before;
  Quad w0 = message[0], w4 = message[1], w8 = message[2], w12 = message[3];
  const std::uint32_t* constants = mix::kSha256.data();
  for (int t = 0; t < 64; t += 4, constants += 4) {
    four_rounds(s, w0, constants);
    const Quad next = next_words(w0, w4, w8, w12);
    w0 = w4;
    w4 = w8;
    w8 = w12;
    w12 = next;
  }
  return sum(s, before);
}

RACKPROOF_SHA_TARGET void sha256(std::uint64_t seed, std::uint64_t* block) {
  std::uint64_t first[mix::kHashWords + mix::kMessageWords];
  std::uint64_t lane = 0;
  for (std::uint64_t& word : first) word = mix::first_state(seed, 0, lane++);
  Hash hash = load_hash(first);
  const std::uint64_t* rest = first + mix::kHashWords;
  Quad message[4] = {load(rest), load(rest + 2), load(rest + 4), load(rest + 6)};
  for (std::uint64_t at = 0; at < kMixBlock; at += mix::kHashWords) {
    hash = compress(hash, message);
    save_hash(block + at, hash);
    for (Quad& part : message) part = stepped(part);
  }
}
#endif

}  // namespace

MixBlock mix_sha256_kernel() {
#ifdef RACKPROOF_SHA_TARGET
  return there() ? sha256 : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace rackproof::cpu
