// SPDX-License-Identifier: Apache-2.0
#include "core/golden_sum.h"

#include <gtest/gtest.h>

#include "core/each_target_for_test.h"
#include "core/golden_words.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kPattern = 42;

class Parts : public testing::TestWithParam<const char*> {};

TEST_P(Parts, AddUpToTheGoldenWhereverItIsCut) {
  const WorkKey key{GetParam(), kPattern};
  const auto sum = golden_sum(key).value();
  for (const std::uint64_t size : {1, 3, 7}) {
    GoldenPart whole;
    for (std::uint64_t first = 0; first < sum->elements(); first += size)
      whole = sum->add(sum->part(first, std::min(first + size, sum->elements())), whole);
    EXPECT_EQ(sum->answer(whole), golden(key).value()) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Works, Parts,
    testing::Values("copy 800", "check 328 address", "check 328 inverse_address", "triad fp64 328",
                    "mix aes 5000", "reduce all_reduce fp32 96 1 4",
                    "reduce all_gather fp16 96 1 4", "sweep 512 read 0000000000000005",
                    "stripe 512 read 3 own plain", "gemm int8 int32 7 5 13 exact",
                    "gemm fp64 fp64 13 5 7 exact", "gemm bf16 fp32 13 5 7 error_free",
                    "gemm fp32 fp32 7 5 13 error_free"));

TEST(GoldenSum, IsNoneForWhatReadsNothingAndForUnknownWorkAnError) {
  EXPECT_EQ(golden_sum({"fill 512", 1}).value(), nullptr);
  EXPECT_EQ(golden_sum({"gemm fp32 fp32 8 8 8 random", 1}).value(), nullptr);
  EXPECT_EQ(golden_sum({"perpetual motion"}).error().message, "unknown work 'perpetual motion'");
}

class GoldenWords : public OnEachTarget {};

TEST_P(GoldenWords, AreTheDigestOfEachWordFromAnywhereToAnywhere) {
  const auto check = [](std::uint64_t first, std::uint64_t last) {
    for (const Content what : {Content::seeded, Content::address, Content::inverse_address}) {
      std::uint64_t digest = 0;
      for (std::uint64_t i = first; i < last; ++i)
        digest += digest_term(content_word(what, kPattern, i), i);
      EXPECT_EQ(content_digest(what, kPattern, first, last), digest) << first << " " << last;
    }
    std::uint64_t triad = 0;
    for (std::uint64_t i = first; i < last; ++i) {
      const std::uint64_t word = pattern_word(kPattern, i);
      triad += digest_term(std::bit_cast<std::uint64_t>(triad_b(word) + 3 * triad_c(word)), i);
    }
    EXPECT_EQ(triad_digest(kPattern, first, last), triad) << first << " " << last;
  };
  for (std::uint64_t length = 0; length < 40; ++length) check(3 * length, 4 * length);
  check((1ULL << 40) + 5, (1ULL << 40) + 1000);
}

INSTANTIATE_TEST_SUITE_P(Targets, GoldenWords, testing::ValuesIn(kEachTarget));

}  // namespace
}  // namespace rackproof
