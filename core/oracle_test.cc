// SPDX-License-Identifier: Apache-2.0
// The goldens against plain arithmetic written out a second time.
#include "core/oracle.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
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

struct Types {
  DType in, acc;
  const char* work;
};

class ExactGolden : public testing::TestWithParam<Types> {};

TEST_P(ExactGolden, IsTheFingerprintOfThePlainProduct) {
  const auto [in, acc, work] = GetParam();
  const auto c = plain_product(in, acc, 7, 5, 13);
  EXPECT_EQ(golden({work, kPattern}).value(), fingerprint(c, 7, 5));
}

TEST_P(ExactGolden, ChangesWithEveryElement) {
  const auto [in, acc, work] = GetParam();
  auto c = plain_product(in, acc, 7, 5, 13);
  for (std::size_t e = 0; e < c.size(); ++e) {
    ++c[e];
    EXPECT_NE(golden({work, kPattern}).value(), fingerprint(c, 7, 5)) << e;
    --c[e];
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, ExactGolden,
    testing::Values(Types{DType::i8, DType::i32, "gemm int8 int32 7 5 13 exact"},
                    Types{DType::fp32, DType::fp32, "gemm fp32 fp32 7 5 13 exact"},
                    Types{DType::fp64, DType::fp64, "gemm fp64 fp64 7 5 13 exact"},
                    Types{DType::bf16, DType::fp32, "gemm bf16 fp32 7 5 13 exact"}));

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

TEST(Golden, OfErrorFreeProductsIsTheRoundedProduct) {
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < 3; ++i) {
    const std::uint64_t p = error_free_column(kPattern, i, 5);
    for (std::uint64_t j = 0; j < 4; ++j) {
      const float product = random_fp32(stream_word(kPattern, Stream::a, i * 5 + p)) *
                            random_fp32(stream_word(kPattern, Stream::b, p * 4 + j));
      digest += digest_term(std::bit_cast<std::uint32_t>(product), i * 4 + j);
    }
  }
  EXPECT_EQ(golden({"gemm fp32 fp32 3 4 5 error_free", kPattern}).value(), digest);
}

TEST(Golden, ExistsForNothingThatReadsNothing) {
  EXPECT_EQ(golden({"fill 512", 1}).value(), std::nullopt);
  EXPECT_EQ(golden({"sweep 512 write 0000000000000000", 1}).value(), std::nullopt);
  EXPECT_EQ(golden({"gemm fp32 fp32 8 8 8 random", 1}).value(), std::nullopt);
}

TEST(Golden, RefusesUnknownWork) {
  for (const char* work :
       {"", "gemm", "gemm int8 int32 0 1 1 exact", "gemm int8 int32 1 1 1 exact x", "copy 7",
        "copy -8", "sweep 512 read 12", "triad fp32 512", "gemm int8 int32 9999999999 1 1 exact",
        "bogus 8"}) {
    EXPECT_FALSE(golden({work, 1})) << work;
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
