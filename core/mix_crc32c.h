// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli) byte by byte through a table. Source: RFC 3720, B.4.
#pragma once

#include <cstdint>

#include "core/mix_chains.h"

namespace rackproof::mix {

/// Takes the low `bytes` bytes of `data` in, lowest first; without the inversions before and after.
[[nodiscard]] std::uint32_t crc32c(std::uint32_t crc, std::uint64_t data, int bytes);

/// Two checksums, and what they take in next.
struct CrcChain {
  std::uint32_t a = 0, b = 0;
  std::uint64_t data = 0;
};
[[nodiscard]] constexpr CrcChain first_crc_chain(std::uint64_t seed, std::uint64_t chain) {
  const std::uint64_t both = first_state(seed, 0, chain, kCrcChains);
  return {static_cast<std::uint32_t>(both), static_cast<std::uint32_t>(both >> 32),
          first_state(seed, 1, chain, kCrcChains)};
}

/// The chain's next word, by `Crc::take(crc, data)` for data of 64, 32, 16 and 8 bits.
template <class Crc>
constexpr std::uint64_t next_crc_word(CrcChain& c) {
  for (int t = 0; t < kCrcTurns; ++t, c.data += kStep) {
    c.a = Crc::take(c.a, c.data);
    c.b = Crc::take(c.b, std::rotr(c.data, 29));
  }
  c.a = Crc::take(c.a, static_cast<std::uint32_t>(c.data));
  c.b = Crc::take(c.b, static_cast<std::uint32_t>(c.data >> 32));
  c.a = Crc::take(c.a, static_cast<std::uint16_t>(c.data));
  c.b = Crc::take(c.b, static_cast<std::uint16_t>(c.data >> 16));
  c.a = Crc::take(c.a, static_cast<std::uint8_t>(c.data));
  c.b = Crc::take(c.b, static_cast<std::uint8_t>(c.data >> 8));
  return std::uint64_t{c.b} << 32 | c.a;
}

}  // namespace rackproof::mix
