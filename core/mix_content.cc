// SPDX-License-Identifier: Apache-2.0
// What copy and compress must bring back unchanged.
#include "core/mix_chains.h"

namespace rackproof::mix {
namespace {

constexpr std::uint64_t kSection = kMixBlock / 4;

// Bytes of an alphabet of 16: for the entropy coder.
std::uint64_t text_word(std::uint64_t word) {
  std::uint64_t text = 0;
  for (int i = 0; i < 8; ++i)
    text = text << 8 | (0x61 + (word >> 8 * i & 15 & (word >> 8 * i) >> 4));
  return text;
}

}  // namespace

void copy_content(std::uint64_t seed, std::uint64_t* block) {
  for (std::uint64_t i = 0; i < kMixBlock; ++i) block[i] = pattern_word(seed, i);
}

// A quarter each: random; text; repeats of what lies before, at changing distances; runs that
// count.
void compress_content(std::uint64_t seed, std::uint64_t* block) {
  for (std::uint64_t i = 0; i < kMixBlock; ++i) {
    const std::uint64_t word = pattern_word(seed, i);
    switch (i / kSection) {
      case 0:
        block[i] = word;
        break;
      case 1:
        block[i] = text_word(word);
        break;
      case 2:
        block[i] = word % 8 == 0 ? word : block[i - 1 - pattern_word(seed, i / 8) % kSection];
        break;
      default:
        block[i] = pattern_word(seed, i / 16) + i;
    }
  }
}

}  // namespace rackproof::mix
