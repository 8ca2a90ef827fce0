// SPDX-License-Identifier: Apache-2.0
// Mix's CRC-32C with the CPU's instructions: SSE4.2, or Arm's CRC extension.
#include "backends/cpu/mix_kernels.h"
#include "core/mix_chains.h"
#include "core/mix_crc32c.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#define RACKPROOF_CRC_TARGET __attribute__((target("sse4.2")))
#elif defined(__aarch64__) && (!defined(__clang__) || defined(__ARM_FEATURE_CRC32))
#include <arm_acle.h>
#include <sys/auxv.h>
#define RACKPROOF_CRC_TARGET __attribute__((target("+crc")))
#endif

namespace rackproof::cpu {
namespace {

#ifdef RACKPROOF_CRC_TARGET
struct Native {
#if defined(__x86_64__)
  RACKPROOF_CRC_TARGET static std::uint32_t take(std::uint32_t crc, std::uint64_t v) {
    return static_cast<std::uint32_t>(_mm_crc32_u64(crc, v));
  }
  RACKPROOF_CRC_TARGET static std::uint32_t take(std::uint32_t crc, std::uint32_t v) {
    return _mm_crc32_u32(crc, v);
  }
  RACKPROOF_CRC_TARGET static std::uint32_t take(std::uint32_t crc, std::uint16_t v) {
    return _mm_crc32_u16(crc, v);
  }
  RACKPROOF_CRC_TARGET static std::uint32_t take(std::uint32_t crc, std::uint8_t v) {
    return _mm_crc32_u8(crc, v);
  }
  static bool there() { return __builtin_cpu_supports("sse4.2") != 0; }
#else
  RACKPROOF_CRC_TARGET static std::uint32_t take(std::uint32_t crc, std::uint64_t v) {
    return __crc32cd(crc, v);
  }
  RACKPROOF_CRC_TARGET static std::uint32_t take(std::uint32_t crc, std::uint32_t v) {
    return __crc32cw(crc, v);
  }
  RACKPROOF_CRC_TARGET static std::uint32_t take(std::uint32_t crc, std::uint16_t v) {
    return __crc32ch(crc, v);
  }
  RACKPROOF_CRC_TARGET static std::uint32_t take(std::uint32_t crc, std::uint8_t v) {
    return __crc32cb(crc, v);
  }
  static bool there() { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
#endif
};

// Four chains in step: a CRC waits three cycles for the one before it.
RACKPROOF_CRC_TARGET void crc32c(std::uint64_t seed, std::uint64_t* block) {
  static_assert(mix::kCrcChains == 4);
  mix::CrcChain a = mix::first_crc_chain(seed, 0), b = mix::first_crc_chain(seed, 1),
                c = mix::first_crc_chain(seed, 2), d = mix::first_crc_chain(seed, 3);
  for (std::uint64_t at = 0; at < kMixBlock; at += mix::kCrcChains) {
    block[at] = mix::next_crc_word<Native>(a);
    block[at + 1] = mix::next_crc_word<Native>(b);
    block[at + 2] = mix::next_crc_word<Native>(c);
    block[at + 3] = mix::next_crc_word<Native>(d);
  }
}
#endif

}  // namespace

MixBlock mix_crc32c_kernel() {
#ifdef RACKPROOF_CRC_TARGET
  return Native::there() ? crc32c : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace rackproof::cpu
