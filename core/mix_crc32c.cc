// SPDX-License-Identifier: Apache-2.0
#include "core/mix_crc32c.h"

#include <array>

namespace rackproof::mix {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78U : 0);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kTable = make_table();

}  // namespace

std::uint32_t crc32c(std::uint32_t crc, std::uint64_t data, int bytes) {
  for (; bytes > 0; --bytes, data >>= 8) crc = crc >> 8 ^ kTable[(crc ^ data) & 0xff];
  return crc;
}

void crc32c_block(std::uint64_t seed, std::uint64_t* block) {
  struct Tabled {
    static std::uint32_t take(std::uint32_t crc, std::uint64_t v) { return crc32c(crc, v, 8); }
    static std::uint32_t take(std::uint32_t crc, std::uint32_t v) { return crc32c(crc, v, 4); }
    static std::uint32_t take(std::uint32_t crc, std::uint16_t v) { return crc32c(crc, v, 2); }
    static std::uint32_t take(std::uint32_t crc, std::uint8_t v) { return crc32c(crc, v, 1); }
  };
  for (std::uint64_t c = 0; c < kCrcChains; ++c) {
    CrcChain chain = first_crc_chain(seed, c);
    for (std::uint64_t at = c; at < kMixBlock; at += kCrcChains)
      block[at] = next_crc_word<Tabled>(chain);
  }
}

}  // namespace rackproof::mix
