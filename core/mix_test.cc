// SPDX-License-Identifier: Apache-2.0
#include "core/mix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "core/mix_aes.h"
#include "core/mix_chains.h"
#include "core/mix_crc32c.h"
#include "core/mix_sha256.h"

namespace rackproof {
namespace {

std::vector<MixKernel> kernels() {
  std::vector<MixKernel> all;
  for (int k = 0; k < kMixKernels; ++k) all.push_back(static_cast<MixKernel>(k));
  return all;
}

std::uint8_t byte_at(const std::string& hex, std::size_t i) {
  return static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
}
mix::AesState aes_state(const std::string& hex) {
  mix::AesState s{};
  for (std::size_t i = 0; i < s.size(); ++i) s[i] = byte_at(hex, i);
  return s;
}
std::uint32_t crc_of(const std::vector<std::uint8_t>& bytes) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t b : bytes) crc = mix::crc32c(crc, b, 1);
  return ~crc;
}

// FIPS 197, C.1: rounds 1 and 10 of the example for AES-128.
TEST(MixAes, MatchesTheStandardsRounds) {
  EXPECT_EQ(mix::aes_round(aes_state("00102030405060708090a0b0c0d0e0f0"),
                           aes_state("d6aa74fdd2af72fadaa678f1d6ab76fe")),
            aes_state("89d810e8855ace682d1843d8cb128fe4"));
  EXPECT_EQ(mix::aes_last_round(aes_state("bd6e7c3df2b5779e0b61216e8b10b689"),
                                aes_state("13111d7fe3944a17f307a78b4d2b30c5")),
            aes_state("69c4e0d86a7b0430d8cdb78070b4c55a"));
}

// FIPS 197, C.1, equivalent inverse cipher: rounds 1 and 10.
TEST(MixAes, MatchesTheStandardsInverseRounds) {
  EXPECT_EQ(mix::aes_inverse_round(aes_state("7ad5fda789ef4e272bca100b3d9ff59f"),
                                   aes_state("13aa29be9c8faff6f770f58000f7bf03")),
            aes_state("54d990a16ba09ab596bbf40ea111702f"));
  EXPECT_EQ(mix::aes_last_inverse_round(aes_state("6353e08c0960e104cd70b751bacad0e7"),
                                        aes_state("000102030405060708090a0b0c0d0e0f")),
            aes_state("00112233445566778899aabbccddeeff"));
}

// FIPS 180-4's example "abc" (NIST's "Examples with Intermediate Values").
TEST(MixSha256, MatchesTheStandardsExample) {
  const mix::Hash start{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  mix::Message abc{};
  abc[0] = 0x61626380;
  abc[15] = 24;
  const mix::Hash right{0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                        0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
  EXPECT_EQ(mix::sha256_compress(start, abc), right);
}

// RFC 3720, B.4.
TEST(MixCrc32c, MatchesTheStandardsExamples) {
  EXPECT_EQ(crc_of(std::vector<std::uint8_t>(32, 0x00)), 0x8a9136aaU);
  EXPECT_EQ(crc_of(std::vector<std::uint8_t>(32, 0xff)), 0x62a8ab43U);
  std::vector<std::uint8_t> up, down;
  for (std::uint8_t i = 0; i < 32; ++i) {
    up.push_back(i);
    down.push_back(static_cast<std::uint8_t>(31 - i));
  }
  EXPECT_EQ(crc_of(up), 0x46dd794eU);
  EXPECT_EQ(crc_of(down), 0x113fdb5cU);
}

TEST(MixCrc32c, TakesManyBytesAsOneByOne) {
  std::uint32_t crc = 5;
  for (int i = 0; i < 8; ++i) crc = mix::crc32c(crc, 0x0123456789abcdefULL >> 8 * i, 1);
  EXPECT_EQ(mix::crc32c(5, 0x0123456789abcdefULL, 8), crc);
}

// A chain's states after one row by the C library's fma, which is exact too (in software where the
// CPU has no such instruction).
template <class T, class Bits>
std::array<Bits, 4> by_library(std::uint64_t seed, std::uint64_t lane, int shift) {
  using F = mix::Fma<Bits>;
  std::array<Bits, 4> s{};
  for (std::uint64_t k = 0; k < 4; ++k)
    s[k] = F::kBase | (static_cast<Bits>(mix::first_state(seed, k, lane) >> shift) & F::kFree);
  for (int round = 0; round < 4 * mix::kFmaTurns; ++round) {
    const auto b = std::bit_cast<Bits>(
        std::fma(std::bit_cast<T>(s[1]), std::bit_cast<T>(s[2]), -std::bit_cast<T>(s[3])));
    s = {s[1], s[2], s[3], F::kBase | ((s[0] ^ b ^ b >> F::kFold) & F::kFree)};
  }
  return s;
}

TEST(MixFma, AgreesWithTheLibrarysFp64) {
  std::vector<std::uint64_t> block(kMixBlock);
  for (const std::uint64_t seed : {1, 2, 3}) {
    mix::fma_fp64_block(seed, block.data());
    for (std::uint64_t lane = 0; lane < mix::kRow; ++lane) {
      const auto s = by_library<double, std::uint64_t>(seed, lane, 0);
      EXPECT_EQ(block[lane], mix::give_out(s[0], s[1], s[2], s[3])) << seed << " " << lane;
    }
  }
}

TEST(MixFma, AgreesWithTheLibrarysFp32) {
  std::vector<std::uint64_t> block(kMixBlock);
  for (const std::uint64_t seed : {1, 2, 3}) {
    mix::fma_fp32_block(seed, block.data());
    for (std::uint64_t lane = 0; lane < mix::kRow; ++lane) {
      const auto low = by_library<float, std::uint32_t>(seed, lane, 0),
                 high = by_library<float, std::uint32_t>(seed, lane, 32);
      const auto both = [&](std::size_t k) { return std::uint64_t{high[k]} << 32 | low[k]; };
      EXPECT_EQ(block[lane], mix::give_out(both(0), both(1), both(2), both(3)))
          << seed << " " << lane;
    }
  }
}

TEST(Mix, WordsDependOnThePatternTheKernelAndTheBlock) {
  for (const MixKernel kernel : kernels()) {
    const auto words = mix_words(kernel, 2 * kMixBlock, 7);
    EXPECT_EQ(words, mix_words(kernel, 2 * kMixBlock, 7)) << name(kernel);
    EXPECT_NE(words, mix_words(kernel, 2 * kMixBlock, 8)) << name(kernel);
    EXPECT_NE(std::vector(words.begin(), words.begin() + kMixBlock),
              std::vector(words.begin() + kMixBlock, words.end()))
        << name(kernel);
  }
}

TEST(Mix, FewerWordsAreTheFirstOnes) {
  for (const MixKernel kernel : kernels()) {
    auto words = mix_words(kernel, kMixBlock, 3);
    words.resize(100);
    EXPECT_EQ(mix_words(kernel, 100, 3), words) << name(kernel);
    EXPECT_TRUE(mix_words(kernel, 0, 3).empty());
  }
}

// compress needs repeats and runs; matrix gives out small whole numbers.
bool gives_random_words(MixKernel kernel) {
  return kernel != MixKernel::compress && kernel != MixKernel::matrix;
}

TEST(Mix, EveryBitTakesBothValues) {
  for (const MixKernel kernel : kernels()) {
    if (!gives_random_words(kernel)) continue;
    std::uint64_t ones = 0, zeros = 0;
    for (const std::uint64_t w : mix_words(kernel, kMixBlock, 1)) {
      ones |= w;
      zeros |= ~w;
    }
    EXPECT_EQ(ones & zeros, ~0ULL) << name(kernel);
  }
}

TEST(Mix, ChainsDoNotRunIntoCycles) {
  for (const MixKernel kernel : kernels()) {
    if (!gives_random_words(kernel)) continue;
    const auto words = mix_words(kernel, 8 * kMixBlock, 2);
    EXPECT_EQ(std::set(words.begin(), words.end()).size(), words.size()) << name(kernel);
  }
}

TEST(Mix, GoldenIsTheDigestOfTheWords) {
  std::uint64_t digest = 0;
  const auto words = mix_words(MixKernel::aes, 100, 9);
  for (std::uint64_t i = 0; i < 100; ++i) digest += digest_term(words[i], i);
  EXPECT_EQ(golden({"mix aes 100", 9}).value(), digest);
}

}  // namespace
}  // namespace rackproof
