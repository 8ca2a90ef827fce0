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
