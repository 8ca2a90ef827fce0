// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_meeting.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace rackproof::cpu {
namespace {

TEST(Meeting, LetsNobodyGoOnBeforeAllAreThere) {
  constexpr int kParties = 3, kRounds = 200;
  Meeting meeting(kParties);
  std::atomic<int> arrived{0};
  std::atomic<bool> early{false};
  int between = 0;  // of the last to arrive alone
  const auto party = [&] {
    for (int round = 1; round <= kRounds; ++round) {
      ++arrived;
      EXPECT_TRUE(meeting.meet([&] { ++between; }));
      if (arrived < kParties * round || between < round) early = true;
      EXPECT_TRUE(meeting.meet([] {}));
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < kParties; ++i) threads.emplace_back(party);
  threads.clear();
  EXPECT_FALSE(early);
  EXPECT_EQ(between, kRounds);
}

TEST(Meeting, WaitsForNobodyWhoLeft) {
  Meeting meeting(2);
  bool went_on = true;
  std::jthread waiting([&] { went_on = meeting.meet([] {}); });
  meeting.leave();
  waiting.join();
  EXPECT_FALSE(went_on);
}

}  // namespace
}  // namespace rackproof::cpu
