// SPDX-License-Identifier: Apache-2.0
#include "runner/goldens.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace rackproof {
namespace {

const Golden& finished(const Goldens& goldens, const std::shared_ptr<const Golden>& golden) {
  while (!golden->ready) {
    pollfd wake{goldens.wake_fd(), POLLIN, 0};
    ::poll(&wake, 1, 1000);
    goldens.acknowledge();
  }
  return *golden;
}

TEST(Goldens, AnswersAsTheOracleDoes) {
  Goldens goldens;
  const WorkKey key{"copy 4096", 42};
  EXPECT_EQ(finished(goldens, goldens.request(key)).answer.value(), golden(key).value());
}

TEST(Goldens, ComputesEachAnswerOnce) {
  Goldens goldens;
  const auto first = goldens.request({"copy 4096", 1});
  EXPECT_EQ(first, goldens.request({"copy 4096", 1}));
  EXPECT_NE(first, goldens.request({"copy 4096", 2}));
}

TEST(Goldens, SaysWhatWorkItDoesNotKnow) {
  Goldens goldens;
  const Golden& answer = finished(goldens, goldens.request({"perpetual motion"}));
  EXPECT_EQ(answer.answer.error().message, "unknown work 'perpetual motion'");
}

TEST(GoldenCost, GrowsWithTheWork) {
  EXPECT_EQ(golden_cost({"copy 4096"}), 512);
  EXPECT_EQ(golden_cost({"triad fp64 4096"}), 512);
  EXPECT_EQ(golden_cost({"gemm int8 int32 2 3 4 exact"}), 2 * 4 + 4 * 3 + 2 * 3);
  EXPECT_EQ(golden_cost({"perpetual motion"}), 0);
  // A closed form, however much memory a host has.
  EXPECT_EQ(golden_cost({"sweep 4398046511104 read 0000000000000000"}), 1);
}

}  // namespace
}  // namespace rackproof
