// SPDX-License-Identifier: Apache-2.0
// The goldens against plain arithmetic written out a second time.
#include "core/oracle.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>
#include <vector>

namespace rackproof {
namespace {

constexpr std::uint64_t kPattern = 0x1234567890abcdefULL;

// C by the textbook triple loop, exact in int64.
std::vector<std::int64_t> plain_product(DType in, DType acc, std::uint64_t m, std::uint64_t n,
                                        std::uint64_t k) {
  const std::int64_t bound = exact_bound(in, acc, static_cast<std::int64_t>(k));
  std::vector<std::int64_t> c(m * n, 0);
  for (std::uint64_t i = 0; i < m; ++i) {
    for (std::uint64_t j = 0; j < n; ++j) {
      for (std::uint64_t p = 0; p < k; ++p) {
        c[i * n + j] += exact_operand(stream_word(kPattern, Stream::a, i * k + p), bound) *
                        exact_operand(stream_word(kPattern, Stream::b, p * n + j), bound);
      }
    }
  }
  return c;
}

std::uint64_t fingerprint(const std::vector<std::int64_t>& c, std::uint64_t m, std::uint64_t n) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < m; ++i) {
    for (std::uint64_t j = 0; j < n; ++j) {
      const std::uint64_t uv = mod_mul(fingerprint_u(kPattern, i), fingerprint_v(kPattern, j));
      sum = mod_reduce(Wide{sum} + mod_mul(uv, mod_from(c[i * n + j])));
    }
  }
  return sum;
}

// The operand digest, element by element from plain matrices.
template <class Element>
std::uint64_t operand_digest(std::uint64_t m, std::uint64_t n, std::uint64_t k,
                             const Element& bits) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < m; ++i) {
    for (std::uint64_t p = 0; p < k; ++p) sum += operand_term(bits('a', i, p), i * k + p);
  }
  for (std::uint64_t p = 0; p < k; ++p) {
    for (std::uint64_t j = 0; j < n; ++j) sum += operand_term(bits('b', p, j), m * k + p * n + j);
  }
  return sum;
}

struct Types {
  DType in, acc;
  const char* work;
};

std::uint64_t exact_bits(DType acc, std::int64_t value) {
  if (acc == DType::i32) return static_cast<std::uint32_t>(value);
  if (acc == DType::fp64) return std::bit_cast<std::uint64_t>(static_cast<double>(value));
  return std::bit_cast<std::uint32_t>(static_cast<float>(value));
}

// Of the operands of plain_product.
std::uint64_t exact_operand_digest(const Types& t, std::uint64_t m, std::uint64_t n,
                                   std::uint64_t k) {
  const std::int64_t bound = exact_bound(t.in, t.acc, static_cast<std::int64_t>(k));
  return operand_digest(m, n, k, [&](char which, std::uint64_t row, std::uint64_t column) {
    const bool a = which == 'a';
    const std::uint64_t word =
        stream_word(kPattern, a ? Stream::a : Stream::b, row * (a ? k : n) + column);
    return exact_bits(t.acc, exact_operand(word, bound));
  });
}

class ExactGolden : public testing::TestWithParam<Types> {};

TEST_P(ExactGolden, IsTheFingerprintOfThePlainProduct) {
  const auto [in, acc, work] = GetParam();
  const auto c = plain_product(in, acc, 7, 5, 13);
  const std::uint64_t operands = exact_operand_digest(GetParam(), 7, 5, 13);
  EXPECT_EQ(golden({work, kPattern}).value(), join_digests(fingerprint(c, 7, 5), operands));
  EXPECT_EQ(operand_golden(work, kPattern).value(), operands);
}

TEST_P(ExactGolden, ChangesWithEveryElement) {
  const auto [in, acc, work] = GetParam();
  auto c = plain_product(in, acc, 7, 5, 13);
  const std::uint64_t operands = exact_operand_digest(GetParam(), 7, 5, 13);
  for (std::size_t e = 0; e < c.size(); ++e) {
    ++c[e];
    EXPECT_NE(golden({work, kPattern}).value(), join_digests(fingerprint(c, 7, 5), operands)) << e;
    --c[e];
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, ExactGolden,
    testing::Values(Types{DType::i8, DType::i32, "gemm int8 int32 7 5 13 exact"},
                    Types{DType::fp32, DType::fp32, "gemm fp32 fp32 7 5 13 exact"},
                    Types{DType::fp64, DType::fp64, "gemm fp64 fp64 7 5 13 exact"},
                    Types{DType::bf16, DType::fp32, "gemm bf16 fp32 7 5 13 exact"},
                    Types{DType::fp16, DType::fp32, "gemm fp16 fp32 7 5 13 exact"},
                    Types{DType::tf32, DType::fp32, "gemm tf32 fp32 7 5 13 exact"},
                    Types{DType::fp8_e4m3, DType::fp32, "gemm fp8_e4m3 fp32 7 5 13 exact"},
                    Types{DType::fp8_e5m2, DType::fp32, "gemm fp8_e5m2 fp32 7 5 13 exact"},
                    Types{DType::fp4_e2m1, DType::fp32, "gemm fp4_e2m1 fp32 7 5 13 exact"}));

TEST(ExactBound, KeepsEverySumRepresentable) {
  for (const std::int64_t k : {1, 2, 128, 4096, 100000}) {
    const auto b32 = static_cast<double>(exact_bound(DType::fp32, DType::fp32, k));
    EXPECT_LE(b32 * b32 * static_cast<double>(k), 16777216.0) << k;
    const auto b8 = static_cast<double>(exact_bound(DType::i8, DType::i32, k));
    EXPECT_LE(b8 * b8 * static_cast<double>(k), 2147483647.0) << k;
    EXPECT_EQ(exact_bound(DType::fp64, DType::fp64, k) % 2, 1);
  }
  EXPECT_EQ(exact_bound(DType::fp32, DType::fp32, 1 << 25), 0);
}

TEST(ExactBound, KeepsSumsOfFp8WithinThirteenBits) {
  for (const DType in : {DType::fp8_e4m3, DType::fp8_e5m2}) {
    for (std::int64_t k = 1; k <= 8192; ++k) {
      const std::int64_t bound = exact_bound(in, DType::fp32, k);
      ASSERT_GE(bound, 1) << k;
      ASSERT_LE(bound * bound * k, 1 << 13) << k;
    }
    EXPECT_EQ(exact_bound(in, DType::fp32, 8192), 1);
    EXPECT_EQ(exact_bound(in, DType::fp32, 8193), 0);
  }
  EXPECT_EQ(exact_bound(DType::fp8_e4m3, DType::fp32, 1), 15);
  EXPECT_EQ(exact_bound(DType::fp8_e5m2, DType::fp32, 1), 7);
  EXPECT_EQ(exact_bound(DType::fp4_e2m1, DType::fp32, 1), 1);
  EXPECT_EQ(exact_bound(DType::fp4_e2m1, DType::fp32, 8193), 0);
}

TEST(ExactBound, SaysHowManyProductsThereCanBe) {
  EXPECT_EQ(why_not_exact(DType::fp8_e4m3, DType::fp32, 8192), "");
  EXPECT_EQ(why_not_exact(DType::fp8_e4m3, DType::fp32, 8193),
            "no exact operands of fp8_e4m3 sum up 8193 products in fp32: at most 8192");
  EXPECT_EQ(why_not_exact(DType::i32, DType::i32, 1),
            "no exact operands of int32 sum up 1 products in int32");
}

TEST(ExactOperand, IsOddAndWithinItsBoundAndReachesBothEnds) {
  bool low = false, high = false;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const std::int64_t v = exact_operand(pattern_word(1, i), 127);
    ASSERT_TRUE(v % 2 != 0 && v >= -127 && v <= 127);
    low |= v == -127;
    high |= v == 127;
  }
  EXPECT_TRUE(low && high);
}

TEST(Residue, NeverTakesANonCanonicalNumberForAnInteger) {
  EXPECT_EQ(residue_fp32(-3.0F), mod_from(-3));
  EXPECT_NE(residue_fp32(-0.0F), residue_fp32(0.0F));
  EXPECT_NE(residue_fp32(std::nextafter(5.0F, 6.0F)), residue_fp32(5.0F));
  EXPECT_NE(residue_fp64(std::nan("")), residue_fp64(0.0));
  EXPECT_NE(residue_fp64(std::nextafter(5.0, 6.0)), residue_fp64(5.0));
  EXPECT_EQ(residue_i32(-1), kPrime - 1);
}

TEST(DigestWord, LosesNoBitOfAnyWord) {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t word = pattern_word(kPattern, i), salted = digest_word(word) ^ kDigestSalt;
    EXPECT_EQ(salted ^ salted >> kDigestShift, word);
  }
}

TEST(DigestWord, IsZeroForTheWordThatChangesNoDigest) {
  EXPECT_EQ(digest_word(kDigestNothing), 0U);
}

// How far from the carry a change may begin decides how many pairs of changes cancel.
TEST(DigestWord, BringsEachFlippedBitToTheLowerHalf) {
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t change = digest_word(1ULL << bit) - digest_word(0);
    EXPECT_LE(std::countr_zero(change), 32) << bit;
  }
}

// Of each two flips of bit 63 the sum of the words themselves shows none, of bit 62's half.
TEST(DigestTerm, ShowsOneBitFlippedInTwoWords) {
  const auto change = [](std::uint64_t i, std::uint64_t mask) {
    const std::uint64_t word = pattern_word(kPattern, i);
    return digest_term(word ^ mask, i) - digest_term(word, i);
  };
  for (int bit = 0; bit < 64; ++bit) {
    for (std::uint64_t i = 0; i < 100; ++i) {
      for (std::uint64_t j = 0; j < i; ++j)
        ASSERT_NE(change(i, 1ULL << bit) + change(j, 1ULL << bit), 0U)
            << bit << " " << i << " " << j;
    }
  }
}

TEST(Golden, OfAReadSweepIsTheDigestOfItsWords) {
  for (int bit = -1; bit < 8; ++bit) {
    for (int half = 0; half <= (bit < 0 ? 0 : 1); ++half) {
      for (const std::uint64_t words : {8ULL, 100ULL, 129ULL}) {
        std::uint64_t digest = 0;
        for (std::uint64_t i = 0; i < words; ++i) {
          if (bit < 0 || static_cast<int>(i >> bit & 1) == half)
            digest += digest_term(0x5555555555555555ULL, i);
        }
        const std::string work = "sweep " + std::to_string(words * 8) + " read 5555555555555555";
        EXPECT_EQ(golden({work, 0, bit, half}).value(), digest)
            << work << " " << bit << " " << half;
      }
    }
  }
}

TEST(Golden, OfCopyAndTriadAreDigestsOfTheirArrays) {
  std::uint64_t copied = 0, triad = 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    const std::uint64_t word = pattern_word(kPattern, i);
    copied += digest_term(word, i);
    triad += digest_term(std::bit_cast<std::uint64_t>(triad_b(word) + 3 * triad_c(word)), i);
  }
  EXPECT_EQ(golden({"copy 512", kPattern}).value(), copied);
  EXPECT_EQ(golden({"triad fp64 512", kPattern}).value(), triad);
}

class ErrorFreeGolden : public testing::TestWithParam<DType> {};

TEST_P(ErrorFreeGolden, IsTheRoundedProductJoinedWithTheOperands) {
  const DType in = GetParam();
  const auto b_at = [&](std::uint64_t p, std::uint64_t j) {
    return random_operand(in, stream_word(kPattern, Stream::b, p * 4 + j));
  };
  const auto a_at = [&](std::uint64_t i, std::uint64_t p) {
    const bool only = p == error_free_column(kPattern, i, 5);
    return only ? random_operand(in, stream_word(kPattern, Stream::a, i * 5 + p)) : 0.0F;
  };
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < 3; ++i) {
    const std::uint64_t p = error_free_column(kPattern, i, 5);
    for (std::uint64_t j = 0; j < 4; ++j)
      digest += digest_term(std::bit_cast<std::uint32_t>(a_at(i, p) * b_at(p, j)), i * 4 + j);
  }
  const std::uint64_t operands = operand_digest(3, 4, 5, [&](char which, auto row, auto column) {
    return std::bit_cast<std::uint32_t>(which == 'a' ? a_at(row, column) : b_at(row, column));
  });
  const std::string work = "gemm " + std::string(name(in)) + " fp32 3 4 5 error_free";
  EXPECT_EQ(golden({work, kPattern}).value(), join_digests(digest, operands)) << work;
}

INSTANTIATE_TEST_SUITE_P(Types, ErrorFreeGolden,
                         testing::Values(DType::fp32, DType::tf32, DType::fp16, DType::bf16,
                                         DType::fp8_e4m3, DType::fp8_e5m2, DType::fp4_e2m1));

TEST(OperandGolden, ShowsEveryFlippedBitAndEveryExchange) {
  const std::uint64_t one = operand_term(0x3f800000, 3);
  for (int bit = 0; bit < 32; ++bit) EXPECT_NE(operand_term(0x3f800000 ^ 1ULL << bit, 3), one);
  EXPECT_NE(operand_term(1, 3) + operand_term(2, 4), operand_term(2, 3) + operand_term(1, 4));
  EXPECT_FALSE(operand_golden("copy 512", 1));
  EXPECT_FALSE(operand_golden("gemm int8 int32 4 4 4 random", 1));
  EXPECT_TRUE(operand_golden("gemm fp32 fp32 4 4 4 random", 1));
}

TEST(Golden, OfACheckIsTheDigestOfWhatWasFilled) {
  for (const Content what : {Content::seeded, Content::address, Content::inverse_address}) {
    std::uint64_t digest = 0;
    for (std::uint64_t i = 0; i < 40; ++i)
      digest += digest_term(content_word(what, kPattern, i), i);
    EXPECT_EQ(golden({describe(Check{{nullptr, 320}, what}), kPattern}).value(), digest);
    EXPECT_EQ(golden({describe(Fill{{nullptr, 320}, what}), kPattern}).value(), std::nullopt);
  }
  EXPECT_EQ(content_word(Content::address, 5, 3), 24U);
  EXPECT_EQ(content_word(Content::inverse_address, 5, 3), ~24ULL);
}

TEST(Golden, OfAStripeIsTheDigestOfItsWords) {
  for (const std::uint64_t words : {8ULL, 24ULL, 160ULL, 168ULL}) {
    for (std::uint64_t phase = 0; phase < kStripe; ++phase) {
      for (const bool others : {false, true}) {
        const Stripe stripe{{nullptr, 8 * words}, MarchOp::Kind::read, phase, others, others};
        std::uint64_t digest = 0;
        for (std::uint64_t i = 0; i < words; ++i) {
          if ((i % kStripe == phase) != others)
            digest += digest_term(stripe_word(kPattern, phase, others), i);
        }
        EXPECT_EQ(golden({describe(stripe), kPattern}).value(), digest) << describe(stripe);
      }
    }
  }
}

TEST(Golden, ExistsForNothingThatReadsNothing) {
  EXPECT_EQ(golden({"fill 512", 1}).value(), std::nullopt);
  EXPECT_EQ(golden({"sweep 512 write 0000000000000000", 1}).value(), std::nullopt);
  EXPECT_EQ(golden({"stripe 512 write 3 own plain", 1}).value(), std::nullopt);
  EXPECT_EQ(golden({"gemm fp32 fp32 8 8 8 random", 1}).value(), std::nullopt);
}

TEST(Golden, RefusesUnknownWork) {
  for (const char* work :
       {"", "gemm", "gemm int8 int32 0 1 1 exact", "gemm int8 int32 1 1 1 exact x", "copy 7",
        "copy -8", "sweep 512 read 12", "triad fp32 512", "gemm int8 int32 9999999999 1 1 exact",
        "bogus 8", "check 512 nothing", "check 512 seeded x", "stripe 512 read 20 own plain",
        "stripe 512 read 3 mine plain", "stripe 512 look 3 own plain", "mix aes", "mix cosine 8",
        "mix aes 99999999999", "gemm fp64 fp32 4 4 4 error_free"}) {
    EXPECT_FALSE(golden({work, 1})) << work;
  }
}

TEST(RandomOperands, AreValuesOfTheirTypeWithItsWholeMantissa) {
  for (const DType in :
       {DType::tf32, DType::fp16, DType::bf16, DType::fp8_e4m3, DType::fp8_e5m2, DType::fp4_e2m1}) {
    std::uint32_t ones = 0;
    for (std::uint64_t i = 0; i < 500; ++i)
      ones |= std::bit_cast<std::uint32_t>(random_operand(in, pattern_word(7, i))) & 0x7fffff;
    const std::uint32_t bits = mantissa_bits(in);
    EXPECT_EQ(ones, ((1U << bits) - 1) << (23 - bits)) << name(in);
  }
}

TEST(RandomOperands, HaveFullMantissasAndBoundedMagnitude) {
  std::uint32_t ones = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const float f = random_fp32(pattern_word(7, i));
    ASSERT_TRUE(std::fabs(f) >= 0.25F && std::fabs(f) < 2.0F);
    ones |= std::bit_cast<std::uint32_t>(f) & 0x7fffff;
    const double d = random_fp64(pattern_word(7, i));
    ASSERT_TRUE(std::fabs(d) >= 0.25 && std::fabs(d) < 2.0);
  }
  EXPECT_EQ(ones, 0x7fffffU);
}

}  // namespace
}  // namespace rackproof
