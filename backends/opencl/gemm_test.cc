// SPDX-License-Identifier: Apache-2.0
// Gemm: goldens of every type, faults at every site, refusals.
#include "backends/kernels/number_formats.h"
#include "backends/opencl/device_under_test.h"

namespace rackproof::opencl {
namespace {

constexpr DType kTypes[] = {DType::i8,   DType::fp8_e4m3, DType::fp8_e5m2,
                            DType::fp16, DType::bf16,     DType::tf32,
                            DType::fp32, DType::fp64,     DType::fp4_e2m1};

DType sums_of(DType in) {
  if (in == DType::i8) return DType::i32;
  return in == DType::fp64 ? DType::fp64 : DType::fp32;
}
Gemm odd_sized(DType in, Operands operands) { return {in, sums_of(in), 70, 130, 33, operands}; }

class OpenClGemm : public OnDevice {
 protected:
  // The conversions are the same for both: the second need not wait for all of the compiler.
  static std::vector<DType> types() {
    if (GetParam() == As::gpu) return {DType::i8, DType::fp16, DType::fp32, DType::fp64};
    return {std::begin(kTypes), std::end(kTypes)};
  }
};
RACKPROOF_ON_BOTH(OpenClGemm);

TEST_P(OpenClGemm, ArrivesAtTheGoldenOfEveryType) {
  for (const DType in : types()) {
    for (const Operands operands : {Operands::exact, Operands::error_free}) {
      if (in == DType::i8 && operands != Operands::exact) continue;
      const Gemm work = odd_sized(in, operands);
      const auto prepared = ready(device(), work);
      for (const std::uint64_t pattern : {1, 1, 2}) {
        const RunFor how{.iterations = 2, .pattern = pattern};
        expect_clean(prepared->run(how), work, how);
      }
    }
  }
}

TEST_P(OpenClGemm, RandomOperandsRepeatAndAgreeWithTheHost) {
  for (const DType in : types()) {
    if (in == DType::i8) continue;
    const auto prepared = ready(device(), odd_sized(in, Operands::random));
    const Burst first = prepared->run({.iterations = 2, .pattern = 3, .sample = 1});
    const Burst second = prepared->run({.iterations = 1, .pattern = 3, .sample = 2});
    EXPECT_EQ(first.miscompares + second.miscompares, 0U) << name(in);
    EXPECT_EQ(first.digest, second.digest) << name(in);
    EXPECT_EQ(first.flops, 2.0 * 70 * 130 * 33 * 2);
  }
}

TEST_P(OpenClGemm, FindsEveryKindOfResultFault) {
  for (const DType in : {DType::i8, DType::fp16, DType::fp64}) {
    const Gemm work = odd_sized(in, Operands::exact);
    const auto prepared = ready(device(), work);
    for (const FaultKind kind : kKinds) {
      for (const std::uint64_t pattern : {5, 5, 6}) {  // a new one is vouched for
        const RunFor how{.iterations = 2, .pattern = pattern};
        const auto armed = prepared->arm(
            {.kind = kind, .element = 70 * 130 + 4711, .mask = 1 << 9, .count = 5, .stride = 130});
        const Burst burst = prepared->run(how);
        ASSERT_FALSE(armed->activations().empty()) << name(kind);
        expect_found(burst, *armed, std::string(name(kind)));
        EXPECT_NE(burst.digest, golden_of(work, how)) << name(kind);
        EXPECT_EQ(burst.samples[0].tile, 0U);
      }
    }
  }
}

TEST_P(OpenClGemm, CountsAStuckResultInEveryIterationAndNamesItsTile) {
  const auto prepared = ready(device(), odd_sized(DType::fp32, Operands::error_free));
  (void)prepared->run({.iterations = 1, .pattern = 1});
  const auto armed = prepared->arm({.kind = FaultKind::stuck, .element = 69 * 130 + 129});
  const Burst burst = prepared->run({.iterations = 3, .pattern = 1});
  EXPECT_EQ(burst.miscompares, 3U);
  EXPECT_EQ(burst.samples[0].element, 69U * 130 + 129);
  EXPECT_EQ(burst.samples[0].tile, 5U);  // the last of 2 x 3
}

TEST_P(OpenClGemm, FindsAStruckOperandThoughTheProductMayMaskIt) {
  for (const DType in : types()) {
    for (const Operands operands : {Operands::exact, Operands::random}) {
      if (in == DType::i8 && operands != Operands::exact) continue;
      const Gemm work = odd_sized(in, operands);
      const auto prepared = ready(device(), work);
      for (const std::uint64_t element : {5UL, 70UL * 33 + 77}) {
        const RunFor how{.iterations = 2, .pattern = 9};
        auto armed = prepared->arm({.site = FaultSite::operand, .element = element});
        const Burst burst = prepared->run(how);
        ASSERT_EQ(armed->activations().size(), 1U);
        const Activation flip = armed->activations()[0];
        EXPECT_EQ(flip.element, 70 * 130 + element);
        EXPECT_THAT(burst.samples, testing::Contains(testing::Truly([&](const Miscompare& m) {
                      return m.element == flip.element && m.expected == flip.before &&
                             m.got == flip.after;
                    })))
            << name(in);
        armed.reset();
        EXPECT_EQ(prepared->run(how).miscompares, 0U) << name(in);
      }
    }
  }
}

TEST_P(OpenClGemm, FindsAFaultOfTheVouchedCopyAndMakesItAnew) {
  for (const Operands operands : {Operands::exact, Operands::error_free, Operands::random}) {
    const Gemm work = odd_sized(DType::fp32, operands);
    const auto prepared = ready(device(), work);
    const RunFor how{.iterations = 1, .pattern = 9};
    for (int again = 0; again < 2; ++again) {
      const auto armed = prepared->arm({.site = FaultSite::memory, .element = 1234, .mask = 8});
      const Burst burst = prepared->run(how);
      expect_found(burst, *armed, "vouched copy");
      EXPECT_EQ(burst.samples[0].element, 1234U);
    }
    const Burst clean = prepared->run(how);
    EXPECT_EQ(clean.miscompares, 0U);
    if (operands != Operands::random) expect_clean(clean, work, how);
  }
}

TEST_P(OpenClGemm, SamplesCatchARandomProductThatIsWrongEveryTime) {
  const auto prepared = ready(device(), odd_sized(DType::fp32, Operands::random));
  std::uint64_t found = 0;
  for (std::uint64_t sample = 0; sample < 4; ++sample) {
    const auto armed = prepared->arm({.site = FaultSite::operand, .element = 3, .mask = 1 << 30});
    found += prepared->run({.iterations = 1, .pattern = sample, .sample = sample}).miscompares;
  }
  EXPECT_GE(found, 4U * 131);  // a whole row each time, and the operand itself
}

TEST_P(OpenClGemm, TalliesTheCoresItKnows) {
  const auto prepared = ready(device(), odd_sized(DType::fp32, Operands::exact));
  const Burst burst = prepared->run({.iterations = 4, .pattern = 1});
  const bool divided = GetParam() == As::itself && traits_of(first_device()).divisible;
  const std::size_t cores = divided ? device().info().cores : 1;
  ASSERT_EQ(burst.cores.size(), cores);
  std::uint64_t checked = 0;
  for (const CoreTally& core : burst.cores) checked += core.iterations;
  EXPECT_EQ(checked, 5U * 6);  // tiles of the iterations, and of the product that was vouched for
}

TEST_P(OpenClGemm, RefusesWhatItHasNot) {
  Gemm work = odd_sized(DType::i8, Operands::random);
  EXPECT_EQ(refusal(device(), work), "int8 has no random operands");
  work = {DType::fp16, DType::fp16, 8, 8, 8, Operands::exact};
  EXPECT_EQ(refusal(device(), work),
            "gemm of fp16 into fp16: this back end sums int8 in int32, fp64 in fp64, all "
            "others in fp32");
  work = {DType::fp32, DType::fp32, 8, 0, 8, Operands::exact};
  EXPECT_EQ(refusal(device(), work), "gemm 8 x 0 x 8: sizes are 1 ... 1048576");
  work = {DType::fp8_e5m2, DType::fp32, 8, 8, 1 << 20, Operands::exact};
  EXPECT_EQ(refusal(device(), work),
            "no exact operands of fp8_e5m2 sum up 1048576 products in fp32: at most 8192");
}

TEST(NumberFormats, WidenTheirBitsExactly) {
  struct Row {
    DType type;
    std::uint64_t raw;
    float value;
  };
  constexpr Row kRows[] = {{DType::fp16, 0x3c00, 1},          {DType::fp16, 0xc580, -5.5F},
                           {DType::fp16, 0x0001, 0x1p-24F},   {DType::bf16, 0x4049, 3.140625F},
                           {DType::fp8_e4m3, 0x7e, 448},      {DType::fp8_e4m3, 0x01, 0x1p-9F},
                           {DType::fp8_e4m3, 0xb8, -1},       {DType::fp8_e5m2, 0x7b, 57344},
                           {DType::fp8_e5m2, 0x03, 0x3p-16F}, {DType::fp8_e5m2, 0x80, -0.0F},
                           {DType::fp4_e2m1, 0x7, 6 / 4.0F},  {DType::fp4_e2m1, 0x9, -0.5F / 4},
                           {DType::fp4_e2m1, 0xa, -1 / 4.0F}, {DType::fp4_e2m1, 0x8, -0.0F}};
  for (const Row& row : kRows) {
    EXPECT_EQ(accumulator_bits(row.type, row.raw), std::bit_cast<std::uint32_t>(row.value))
        << name(row.type) << " " << row.raw;
  }
  for (std::uint64_t no_code = 16; no_code < 256; ++no_code)
    EXPECT_GT(accumulator_bits(DType::fp4_e2m1, no_code), 0x7fc00000U) << no_code;
  EXPECT_EQ(accumulator_bits(DType::i8, 0x80), 0xffffff80U);
  EXPECT_EQ(accumulator_bits(DType::fp8_e5m2, infinity_bits(DType::fp8_e5m2)), 0x7f800000U);
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(
      static_cast<std::uint32_t>(accumulator_bits(DType::fp8_e4m3, nan_bits(DType::fp8_e4m3))))));
}

}  // namespace
}  // namespace rackproof::opencl
