// SPDX-License-Identifier: Apache-2.0
// The compare of products, apart from any product: each element of a run counts, whether whole
// vectors hold it or not.
#include <gtest/gtest.h>

#include <vector>

#include "backends/cpu/gemm_kernels.h"
#include "core/oracle.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kCount = 67, kFirst = 1000;  // no whole number of any vectors

template <class Word, class Compare>
void expect_finds_each(const Compare& compare) {
  const std::vector<Word> right(kCount, 5);
  for (std::uint64_t i = 0; i < kCount; ++i) {
    std::vector<Word> got = right;
    got[i] ^= 1;
    Findings findings;
    compare(got.data(), right.data(), kCount, kFirst, Sign{}, findings);
    ASSERT_EQ(findings.miscompares, 1U) << i;
    EXPECT_EQ(findings.samples.at(0).element, kFirst + i);
    EXPECT_EQ(findings.samples.at(0).expected, 5U);
    EXPECT_EQ(findings.samples.at(0).got, 4U);
  }
}

TEST(Compare, FindsEachElementOfARunToItsEnd) {
  expect_finds_each<std::uint32_t>(gemm_kernels().compare32);
  expect_finds_each<std::uint64_t>(gemm_kernels().compare64);
}

TEST(Compare, GivesTheDigestOfWhatWasGot) {
  std::vector<std::uint64_t> got(kCount, 5);
  got.back() = 7;
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < kCount; ++i) digest += digest_term(got[i], kFirst + i);
  Findings findings;
  const std::vector<std::uint64_t> right(kCount, 5);
  EXPECT_EQ(gemm_kernels().compare64(got.data(), right.data(), kCount, kFirst, {}, findings),
            digest);
}

template <class T, class Word, class Compare>
void expect_sign_taken_back(const Compare& compare) {
  std::vector<Word> got(kCount), right(kCount);
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    right[i] = std::bit_cast<Word>(static_cast<T>(i));
    got[i] = std::bit_cast<Word>(-static_cast<T>(i));
    digest += digest_term(right[i], kFirst + i);
  }
  Findings none, all;
  EXPECT_EQ(compare(got.data(), right.data(), kCount, kFirst, kNegated<T>, none), digest);
  EXPECT_EQ(none.miscompares, 0U);
  (void)compare(right.data(), right.data(), kCount, kFirst, kNegated<T>, all);
  EXPECT_EQ(all.miscompares, kCount - (std::is_same_v<T, std::int32_t> ? 1 : 0));  // 0 has no sign
  EXPECT_EQ(all.samples.at(5).expected, got[all.samples.at(5).element - kFirst]);
}

TEST(Compare, TakesTheSignBack) {
  expect_sign_taken_back<std::int32_t, std::uint32_t>(gemm_kernels().compare32);
  expect_sign_taken_back<float, std::uint32_t>(gemm_kernels().compare32);
  expect_sign_taken_back<double, std::uint64_t>(gemm_kernels().compare64);
}

}  // namespace
}  // namespace rackproof::cpu
