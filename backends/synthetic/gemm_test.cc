// SPDX-License-Identifier: Apache-2.0
// Products of every type, and operands that a fault changed: the element, the digest of what lies
// in memory, and what the product makes of it.
#include <gtest/gtest.h>

#include "backends/synthetic/device_on_test.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kElements = 10 * 10, kOfA = 10 * 10;

std::unique_ptr<Device> device_of_all_types() {
  return small_device(
      "int8=1GOP/s fp64=1GFLOP/s fp16=1GFLOP/s bf16=1GFLOP/s tf32=1GFLOP/s fp8_e4m3=1GFLOP/s "
      "fp8_e5m2=1GFLOP/s fp4_e2m1=1GFLOP/s");
}

std::vector<Gemm> all_products() {
  std::vector<Gemm> all{{DType::i8, DType::i32, 10, 10, 10, Operands::exact}};
  for (const Operands operands : {Operands::exact, Operands::error_free, Operands::random}) {
    all.push_back({DType::fp64, DType::fp64, 10, 10, 10, operands});
    for (const DType in : {DType::fp32, DType::tf32, DType::fp16, DType::bf16, DType::fp8_e4m3,
                           DType::fp8_e5m2, DType::fp4_e2m1})
      all.push_back({in, DType::fp32, 10, 10, 10, operands});
  }
  return all;
}

TEST(SyntheticGemm, ArrivesAtTheGoldenOfEveryType) {
  const auto device = device_of_all_types();
  for (const Gemm& gemm : all_products()) {
    const Burst burst = prepared_on(*device, gemm)->run(once());
    EXPECT_EQ(burst.miscompares, 0U) << describe(gemm);
    if (gemm.operands == Operands::random) continue;
    EXPECT_EQ(burst.digest, **golden({describe(gemm), 7})) << describe(gemm);
  }
}

TEST(SyntheticGemm, NamesAWrongOperandAndWhatItReaches) {
  const auto device = device_of_all_types();
  for (const Gemm& gemm : all_products()) {
    SCOPED_TRACE(describe(gemm));
    const auto prepared = prepared_on(*device, gemm);
    const auto armed = prepared->arm({.site = FaultSite::operand, .element = kOfA + 57});
    ASSERT_NE(armed, nullptr);
    const Burst burst = prepared->run(once());
    const Activation flip = armed->activations().at(0);
    EXPECT_EQ(flip.element, kElements + kOfA + 57);
    EXPECT_EQ(flip.before ^ flip.after, 1U);
    EXPECT_EQ(burst.samples.at(0).element, flip.element);
    EXPECT_EQ(burst.samples.at(0).got, flip.after);
    for (std::size_t i = 1; i < burst.samples.size(); ++i)
      EXPECT_EQ(burst.samples[i].element % 10, 7U);  // column 57 % 10
    EXPECT_EQ(prepared->run(once()).miscompares, 0U);
  }
}

// A sign bit: nothing in a dense product hides that.
TEST(SyntheticGemm, ChangesTheProductWithItsOperand) {
  const auto device = device_of_all_types();
  for (const Gemm& gemm : all_products()) {
    if (gemm.operands == Operands::error_free) continue;
    const auto prepared = prepared_on(*device, gemm);
    const auto armed =
        prepared->arm({.site = FaultSite::operand, .element = 57, .mask = 1ULL << 63});
    EXPECT_GE(prepared->run({.iterations = 3, .pattern = 7}).miscompares, 1U + 3 * 8)
        << describe(gemm);
  }
}

// The digest by its definition: the clean one with the operands' part exchanged, where the product
// hides the change.
TEST(SyntheticGemm, JoinsTheDigestOfOperandsThatTheProductHides) {
  const auto device = device_of_all_types();
  const Gemm gemm{DType::fp32, DType::fp32, 10, 10, 10, Operands::error_free};
  std::uint64_t unused = 0;  // a row of b that no row of a takes
  for (std::uint64_t row = 0; row < 10; ++row) {
    if (error_free_column(7, row, 10) == unused) ++unused, row = 0;
  }
  ASSERT_LT(unused, 10U);
  const std::uint64_t operand = kOfA + unused * 10 + 3;
  const auto prepared = prepared_on(*device, gemm);
  const auto armed = prepared->arm({.site = FaultSite::operand, .element = operand, .mask = 6});
  const Burst burst = prepared->run(once());
  const Activation flip = armed->activations().at(0);
  const std::uint64_t clean = *operand_golden(describe(gemm), 7),
                      result = join_digests(**golden({describe(gemm), 7}), clean);
  const std::uint64_t operands =
      clean + operand_term(flip.after, operand) - operand_term(flip.before, operand);
  EXPECT_EQ(burst.miscompares, 1U);
  EXPECT_EQ(burst.digest, join_digests(result, operands));
}

}  // namespace
}  // namespace rackproof
