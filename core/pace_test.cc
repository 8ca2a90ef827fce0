// SPDX-License-Identifier: Apache-2.0
#include "core/pace.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

using std::chrono::milliseconds;

TEST(Pace, RunsAtLeastOnceEvenPastItsEnd) {
  const Pace pace({.until = Clock::now() - milliseconds(5)});
  EXPECT_TRUE(pace.more(0));
  EXPECT_FALSE(pace.more(1));
}

TEST(Pace, CountsIterationsWithoutRegardToTime) {
  const Pace pace({.until = Clock::now() - milliseconds(5), .iterations = 3});
  EXPECT_TRUE(pace.more(2));
  EXPECT_FALSE(pace.more(3));
}

TEST(Pace, WaitsForTheCommonStart) {
  const auto start = Clock::now() + milliseconds(20);
  EXPECT_GE(Pace({.start = start}).start(), start);
}

TEST(Pace, StartsAsManyTogetherAsFitAndAreLeft) {
  const Pace hour({.until = Clock::now() + std::chrono::hours(1)});
  EXPECT_EQ(hour.next(1, milliseconds(1), milliseconds(4)), 4U);
  EXPECT_EQ(hour.next(1, std::chrono::minutes(50), std::chrono::hours(9)), 1U);
  const Pace counted({.until = Clock::now() - milliseconds(5), .iterations = 9});
  EXPECT_EQ(counted.next(1, milliseconds(1), milliseconds(4)), 4U);
  EXPECT_EQ(counted.next(7, milliseconds(1), milliseconds(4)), 2U);
  EXPECT_EQ(counted.next(9, milliseconds(1), milliseconds(4)), 0U);
}

TEST(Pace, StartsOneAtATimeWhileNobodyKnowsHowLongItTakesOrItTakesLonger) {
  const Pace hour({.until = Clock::now() + std::chrono::hours(1)});
  EXPECT_EQ(hour.next(0, Clock::duration{0}, milliseconds(4)), 1U);
  EXPECT_EQ(hour.next(1, milliseconds(7), milliseconds(4)), 1U);
  const Pace over({.until = Clock::now() - milliseconds(5)});
  EXPECT_EQ(over.next(0, milliseconds(1), milliseconds(4)), 1U);
  EXPECT_EQ(over.next(1, milliseconds(1), milliseconds(4)), 0U);
}

TEST(DigestFold, ShowsOneWrongIterationAnywhere) {
  for (int wrong = 0; wrong < 4; ++wrong) {
    DigestFold fold;
    for (int i = 0; i < 4; ++i) fold.add(i == wrong ? 8 : 7);
    EXPECT_NE(fold.value(), 7U) << wrong;
  }
  DigestFold clean;
  for (int i = 0; i < 4; ++i) clean.add(7);
  EXPECT_EQ(clean.value(), 7U);
}

}  // namespace
}  // namespace rackproof
