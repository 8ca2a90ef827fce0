// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_row_sums.h"

#include <hwy/targets.h>

#include <cmath>

#include "backends/cpu/gemm_oracle.h"
#include "backends/cpu/gemm_product.h"
#include "backends/cpu/gemm_samples.h"
#include "backends/cpu/gemm_under_test.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kPattern = 5;

std::shared_ptr<Node> node() {
  const auto topology = Topology::load("").value();
  NodePlace place = topology->nodes().at(0);
  place.pus = {place.pus.front(), place.pus.back()};
  return std::make_shared<Node>(topology, place, place.index);
}

// A product as the kernels make it, and what its rows should add up to.
template <class T>
struct Judged {
  Judged(std::uint64_t size, DType in)
      : problem{size, size, size, Operands::random, 0, in},
        on(node()),
        product(*on, problem),
        sums(problem, kPattern, on->threads()) {
    product.place_operands(kPattern);
    product.multiply();
    c.assign(product.elements(), product.elements() + problem.elements());
  }
  [[nodiscard]] bool right(std::uint64_t i) const { return sums.right(i, &c[i * problem.n]); }

  Problem<T> problem;
  std::shared_ptr<Node> on;
  Product<T> product;
  RowSums<T> sums;
  std::vector<T> c;
};

template <class T>
void expect_all_rows_right(std::uint64_t size, DType in) {
  const Judged<T> judged(size, in);
  for (std::uint64_t i = 0; i < size; ++i) EXPECT_TRUE(judged.right(i)) << name(in) << " " << size;
}

TEST(RowSums, AcceptWhatTheKernelsComputeWhateverTheTypeAndSize) {
  for (const std::uint64_t size : {1, 2, 7, 64, 200, 389}) {
    for (const Types& types : kAllTypes) {
      if (types.acc == DType::fp32) expect_all_rows_right<float>(size, types.in);
    }
    expect_all_rows_right<double>(size, DType::fp64);
  }
}

template <class T>
void expect_found_where_it_is(DType in) {
  Judged<T> judged(100, in);
  T& element = judged.c[7 * 100 + 31];
  const T right = element;
  for (const T wrong : {-right, right + right, right + 1, right * T(1.05) + T(0.01),
                        std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity()}) {
    element = wrong;
    EXPECT_FALSE(judged.right(7)) << name(in) << " " << wrong;
    const auto found = judged.sums.wrong_elements(7, &judged.c[700]);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].element, 731U);
    EXPECT_EQ(found[0].got, bits_of(wrong));
  }
  EXPECT_TRUE(judged.right(6));
}

TEST(RowSums, FindAWrongElementInAnyRow) {
  expect_found_where_it_is<float>(DType::fp32);
  expect_found_where_it_is<float>(DType::bf16);
  expect_found_where_it_is<double>(DType::fp64);
}

// Sums of short mantissas do not round: there is nothing that a fault can hide behind.
TEST(RowSums, FindEveryBitOfShortMantissas) {
  for (const DType in : {DType::fp8_e4m3, DType::fp8_e5m2, DType::fp4_e2m1}) {
    Judged<float> judged(100, in);
    const std::uint32_t right = std::bit_cast<std::uint32_t>(judged.c[731]);
    for (unsigned bit = 0; bit < 32; ++bit) {
      judged.c[731] = std::bit_cast<float>(right ^ 1U << bit);
      EXPECT_FALSE(judged.right(7)) << name(in) << " bit " << bit;
    }
  }
}

template <class T>
void expect_same_sums(DType in) {
  const Problem<T> problem{3, 70, 391, Operands::random, 0, in};
  const ColumnSums sums = sums_of_row(problem, kPattern, 2, {5, 70});
  for (std::uint64_t j = 5; j < 70; ++j) {
    long double value = 0, magnitude = 0;
    for (std::uint64_t p = 0; p < problem.k; ++p) {
      const long double term = static_cast<long double>(problem.a(kPattern, 2, p, problem.k)) *
                               static_cast<long double>(problem.b(kPattern, p, j));
      value += term;
      magnitude += std::fabs(term);
    }
    const Sum sum = sums.at(j - 5);
    const long double got = static_cast<long double>(sum.high) + sum.low;
    // Long double itself rounds; single sums do so in a double.
    EXPECT_LE(std::fabs(got - value), magnitude * (sizeof(T) == 4 ? 1e-14L : 1e-17L)) << name(in);
    EXPECT_NEAR(sum.magnitude, static_cast<double>(magnitude), sum.magnitude * 1e-12);
  }
}

TEST(Sums, AreThoseOfTheSameOperandsInHigherPrecisionOnEveryTarget) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
    for (const Types& types : kAllTypes) {
      if (types.acc == DType::fp32) expect_same_sums<float>(types.in);
    }
    expect_same_sums<double>(DType::fp64);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

}  // namespace
}  // namespace rackproof::cpu
