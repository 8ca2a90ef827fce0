// SPDX-License-Identifier: Apache-2.0
#include "reports/pair_text.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

TEST(PairText, SaysTheNodeOnce) {
  EXPECT_EQ(pair_text("n1/gpu:3", "n1/gpu:5"), "n1/gpu:3 -> gpu:5");
  EXPECT_EQ(pair_text("n1/gpu:3", "n2/gpu:5"), "n1/gpu:3 -> n2/gpu:5");
  EXPECT_EQ(pair_text("n0-d3", "n0-d5"), "n0-d3 -> n0-d5");
}

}  // namespace
}  // namespace rackproof
