// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_oracle.h"

#include <gtest/gtest.h>

#include <cmath>

#include "backends/cpu/gemm_samples.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kPattern = 11;

Threads& threads() {
  static const auto topology = Topology::load("").value();
  static Threads two(topology, {topology->nodes()[0].pus[0], topology->nodes()[0].pus.back()});
  return two;
}

template <class T>
std::vector<T> right_product(const Problem<T>& problem) {
  std::vector<T> c(problem.elements());
  for (std::uint64_t i = 0; i < problem.m; ++i)
    right_row(problem, kPattern, i, c.data() + i * problem.n);
  return c;
}

template <class T>
class OracleOf : public ::testing::Test {
 protected:
  static Problem<T> problem(Operands operands) { return {6, 9, 10, operands, 101}; }
};
using AllTypes = ::testing::Types<std::int32_t, float, double>;
TYPED_TEST_SUITE(OracleOf, AllTypes);

TYPED_TEST(OracleOf, AcceptsTheRightRowsOnly) {
  const auto problem = this->problem(Operands::exact);
  std::vector<TypeParam> c = right_product(problem);
  const Freivalds<TypeParam> freivalds(problem, kPattern, threads());
  for (std::uint64_t i = 0; i < problem.m; ++i)
    EXPECT_TRUE(freivalds.right(i, freivalds.residue_of(&c[i * problem.n])));
  const std::uint64_t fingerprint = freivalds.fingerprint(c.data(), {}, threads());
  c[9 * 2 + 4] += 1;
  EXPECT_FALSE(freivalds.right(2, freivalds.residue_of(&c[9 * 2])));
  EXPECT_TRUE(freivalds.right(3, freivalds.residue_of(&c[9 * 3])));
  EXPECT_NE(freivalds.fingerprint(c.data(), {}, threads()), fingerprint);
}

TEST(Oracle, TakesNoFractionNaNOrMinusZeroForAnInteger) {
  const Problem<float> problem{1, 1, 1, Operands::exact, 101};
  const Freivalds<float> freivalds(problem, kPattern, threads());
  const float zero = 0;
  const std::uint64_t right = freivalds.residue_of(&zero);
  for (const float wrong : {-0.0F, 0.5F, std::numeric_limits<float>::quiet_NaN(), 1e30F}) {
    EXPECT_NE(freivalds.residue_of(&wrong), right) << wrong;
  }
}

template <class T>
class SamplesOf : public ::testing::Test {};
using FloatTypes = ::testing::Types<float, double>;
TYPED_TEST_SUITE(SamplesOf, FloatTypes);

// Two rows and two columns of 2 x 2 are all there is, so every element is judged.
TYPED_TEST(SamplesOf, FindAnElementBeyondItsErrorBound) {
  const Problem<TypeParam> problem{1, 1, 400, Operands::random, 1};
  long double sum = 0, magnitude = 0;
  for (std::uint64_t p = 0; p < problem.k; ++p) {
    const long double term =
        static_cast<long double>(problem.a(kPattern, 0, p, problem.k)) * problem.b(kPattern, p, 0);
    sum += term;
    magnitude += std::fabs(term);
  }
  const long double bound = static_cast<long double>(roundings(problem.k)) * magnitude *
                            std::numeric_limits<TypeParam>::epsilon() / 2;
  const auto found = [&](long double value) {
    const auto c = static_cast<TypeParam>(value);
    return check_samples(problem, kPattern, 0, &c, threads()).size();
  };
  EXPECT_EQ(found(sum), 0U);
  EXPECT_EQ(found(sum + bound * 0.9L), 0U);
  EXPECT_GT(found(sum + bound * 1.1L), 0U);
  EXPECT_GT(found(std::numeric_limits<long double>::quiet_NaN()), 0U);
}

// A sum over 4096 terms is made of 22 blocks' sums: no term is rounded 4096 times.
TEST(Samples, AllowForTheRoundingsOfABlockedSumOnly) {
  EXPECT_EQ(roundings(1), 4U);
  EXPECT_EQ(roundings(192), 195U);
  EXPECT_EQ(roundings(4096), 192U + 22 + 2);
}

}  // namespace
}  // namespace rackproof::cpu
