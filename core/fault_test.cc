// SPDX-License-Identifier: Apache-2.0
#include "core/fault.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>

namespace rackproof {
namespace {

TEST(Fault, EveryKindHasItsOwnNameAndIsFoundByIt) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(FaultKind::missing); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    names.insert(name(kind));
    EXPECT_EQ(fault_kind_from_name(name(kind)).value(), kind);
  }
  EXPECT_EQ(names.size(), 10U);
  EXPECT_EQ(fault_kind_from_name("twist").error().text(), "unknown fault kind 'twist'");
}

TEST(Fault, MaskForAnElementKeepsOneBitOneBit) {
  for (const unsigned bytes : {1U, 2U, 4U, 8U}) {
    for (unsigned bit = 0; bit < 64; ++bit)
      EXPECT_EQ(mask_for(std::uint64_t{1} << bit, bytes), std::uint64_t{1} << bit % (8 * bytes));
    EXPECT_EQ(mask_for(0, bytes), 1U);
  }
  EXPECT_EQ(mask_for(0x0000000100000001ULL, 4), 1U);  // they cancel: bit 0 stands in
}

TEST(Fault, LeavesAnIntegersOwnExtremesInsteadOfNanAndInfinity) {
  EXPECT_EQ(nan_bits(DType::i8), 0xffU);
  EXPECT_EQ(infinity_bits(DType::i32), 0x7fffffffU);
  EXPECT_TRUE(std::isnan(std::bit_cast<double>(nan_bits(DType::fp64))));
  EXPECT_TRUE(std::isinf(std::bit_cast<double>(infinity_bits(DType::fp64))));
  for (const DType type : {DType::fp8_e5m2, DType::fp16, DType::bf16, DType::fp32, DType::tf32})
    EXPECT_GT(nan_bits(type), infinity_bits(type)) << name(type);
  EXPECT_LT(infinity_bits(DType::fp8_e4m3), nan_bits(DType::fp8_e4m3));
}

TEST(Fault, ScramblesEachElementDifferently) {
  std::set<std::uint64_t> masks;
  for (std::uint64_t j = 0; j < 64; ++j) masks.insert(scramble_mask({.mask = 5}, j));
  EXPECT_EQ(masks.size(), 64U);
  EXPECT_NE(scramble_mask({.mask = 5}, 0), scramble_mask({.mask = 6}, 0));
}

}  // namespace
}  // namespace rackproof
