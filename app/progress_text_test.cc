// SPDX-License-Identifier: Apache-2.0
#include "app/progress_text.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

TEST(ProgressText, WideLettersTakeTwoColumnsAndMarksNone) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("日本"), 4U);
  EXPECT_EQ(columns_of("e\u0301"), 1U);
  EXPECT_EQ(columns_of("54 °C"), 5U);
}

TEST(ProgressText, CutsAtTheWidthAndSaysSo) {
  EXPECT_EQ(render({{"abcdef"}}, 6, {.utf8 = true}), "abcdef");
  EXPECT_EQ(render({{"abcdef"}}, 4, {.utf8 = true}), "abc…");
  EXPECT_EQ(render({{"abcdef"}}, 4, {}), "abc~");
  EXPECT_EQ(render({{"日本語"}}, 4, {.utf8 = true}), "日…");
  EXPECT_EQ(render({{"abc"}}, 0, {.utf8 = true}), "");
}

TEST(ProgressText, WithoutUtf8OnlyAsciiLeaves) {
  EXPECT_EQ(render({{"54 °C"}, {" é"}}, 20, {}), "54 C ?");
}

TEST(ProgressText, ColoursOnlyWhereWantedAndResetsEach) {
  EXPECT_EQ(render({{"hung", Tint::bad}}, 9, {.color = true}), "\x1b[1;31mhung\x1b[0m");
  EXPECT_EQ(render({{"hung", Tint::bad}}, 9, {}), "hung");
}

TEST(ProgressText, ACutColourIsStillReset) {
  EXPECT_EQ(render({{"ab"}, {"cdef", Tint::good}}, 4, {.color = true}), "ab\x1b[32mc\x1b[0m~");
}

}  // namespace
}  // namespace rackproof
