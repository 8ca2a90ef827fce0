// SPDX-License-Identifier: Apache-2.0
#include "core/stressor.h"

#include <gtest/gtest.h>

#include <array>

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 3> kWords{"fp32", "fp64", "int8"};
constexpr Param kSize{"size", 64 << 20, 4 << 10, 1ll << 40, "bytes", Unit::byte};
constexpr Param kCount{"count", 4, 1, 100, "how many"};
constexpr Fraction kShare{"share", 0.5, 0.001, 1, "how much"};
constexpr Choice kType{"dtype", kWords, "type"};

TEST(Canonical, SpellsOneValueOneWay) {
  EXPECT_EQ(canonical(kSize, "65536 KiB").value(), "64 MiB");
  EXPECT_EQ(canonical(kSize, "64 MiB").value(), "64 MiB");
  EXPECT_EQ(canonical(kCount, "7").value(), "7");
  EXPECT_EQ(canonical(kShare, "12.5%").value(), "12.5 %");
  EXPECT_EQ(canonical(kType, "int8").value(), "int8");
}

TEST(Canonical, LosesNoByte) { EXPECT_EQ(canonical(kSize, "1000001 B").value(), "1000001 B"); }

TEST(Canonical, SaysWhatWouldBeRight) {
  EXPECT_EQ(canonical(kType, "fp23").error().message,
            "dtype: unknown word 'fp23'; did you mean 'fp32'?");
  EXPECT_EQ(canonical(kType, "x").error().message,
            "dtype: unknown word 'x'; one of fp32 | fp64 | int8");
  EXPECT_EQ(canonical(kCount, "101").error().message, "count: 101 is out of range (1 ... 100)");
  EXPECT_EQ(canonical(kCount, "1.5").error().message, "count: '1.5' is not a whole number");
  EXPECT_EQ(canonical(kSize, "64").error().message,
            "size: '64' lacks its unit: expected byte, for example '64 MiB' (4 KiB ... 1 TiB)");
  EXPECT_EQ(canonical(kShare, "0 %").error().message,
            "share: 0 % is out of range (0.1 % ... 100 %)");
}

TEST(Defaults, AreCanonical) {
  for (const AnyParam& param :
       {AnyParam(kSize), AnyParam(kCount), AnyParam(kShare), AnyParam(kType)}) {
    EXPECT_EQ(canonical(param, fallback_text(param)).value(), fallback_text(param)) << name(param);
  }
}

TEST(Canonical, TakesTheNameOfTheParameterThatOneIsLike) {
  constexpr Param kDepth{.name = "depth", .min = 2, .max = 9, .help = "how deep", .like = "size"};
  EXPECT_EQ(fallback_text(kDepth), "size");
  EXPECT_EQ(canonical(kDepth, "size").value(), "size");
  EXPECT_EQ(canonical(kDepth, "7").value(), "7");
  EXPECT_EQ(canonical(kDepth, "abc").error().message,
            "depth: 'abc' is not a number: expected count, for example '12' (size | 2 ... 9)");
  EXPECT_EQ(canonical(kDepth, "0").error().message, "depth: 0 is out of range (size | 2 ... 9)");
}

TEST(PeakKey, FillsInParameters) {
  const Metric metric{"throughput", Unit::flops, "", "gemm.{dtype}"};
  EXPECT_EQ(peak_key(metric, {{"dtype", "fp64"}, {"size", "1"}}), "gemm.fp64");
  EXPECT_EQ(peak_key(Metric{"x"}, {}), "");
}

TEST(ShownUnit, IsOperationsForIntegers) {
  EXPECT_EQ(shown_unit(Unit::flops, {{"dtype", "int8"}}), Unit::ops);
  EXPECT_EQ(shown_unit(Unit::flops, {{"dtype", "fp32"}}), Unit::flops);
  EXPECT_EQ(shown_unit(Unit::byte, {{"dtype", "int8"}}), Unit::byte);
}

TEST(UnknownStressor, PointsToTheListWhenNothingIsNear) {
  EXPECT_EQ(unknown_stressor("zzzzzz").message,
            "unknown stressor 'zzzzzz'; `rackproof stressors` lists them");
}

}  // namespace
}  // namespace rackproof
