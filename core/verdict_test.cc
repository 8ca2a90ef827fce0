// SPDX-License-Identifier: Apache-2.0
#include "core/verdict.h"

#include <gtest/gtest.h>

#include <vector>

namespace rackproof {
namespace {

TEST(Verdict, NothingMeasuredIsIncomplete) {
  EXPECT_EQ(worst(std::vector<Verdict>{}), Verdict::incomplete);
}

TEST(Verdict, TheOrderIsFailErrorInvalidIncompleteMarginalPass) {
  const std::vector<Verdict> order{Verdict::fail,       Verdict::error,    Verdict::invalid,
                                   Verdict::incomplete, Verdict::marginal, Verdict::pass};
  for (std::size_t strong = 0; strong < order.size(); ++strong) {
    for (std::size_t weak = strong; weak < order.size(); ++weak) {
      EXPECT_EQ(worst(order[strong], order[weak]), order[strong]);
      EXPECT_EQ(worst(order[weak], order[strong]), order[strong]);
    }
  }
}

TEST(Verdict, OnlyPassExitsWithZero) {
  EXPECT_EQ(exit_code(Verdict::pass), 0);
  EXPECT_EQ(exit_code(Verdict::fail), 1);
  EXPECT_EQ(exit_code(Verdict::marginal), 2);
  EXPECT_EQ(exit_code(Verdict::incomplete), 3);
  EXPECT_EQ(exit_code(Verdict::invalid), 4);
  EXPECT_EQ(exit_code(Verdict::error), 5);
}

TEST(Verdict, NamesAreReadBack) {
  for (int i = 0; i <= 5; ++i)
    EXPECT_EQ(verdict_from_name(name(static_cast<Verdict>(i))).value(), static_cast<Verdict>(i));
  EXPECT_FALSE(verdict_from_name("pass"));
}

}  // namespace
}  // namespace rackproof
