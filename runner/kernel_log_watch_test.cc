// SPDX-License-Identifier: Apache-2.0
#include "runner/kernel_log_watch.h"

#include <gmock/gmock.h>

namespace rackproof {
namespace {

using ::testing::HasSubstr;

KernelNews news(std::size_t records, std::uint64_t lost = 0) {
  KernelNews one;
  one.records.resize(records);
  one.lost = lost;
  one.last = 7;
  one.proven = true;
  return one;
}

TEST(KernelLogWatch, LeavesNoGapBetweenWindows) {
  KernelLogWatch watch;
  EXPECT_FALSE(watch.take(1));
  watch.add(news(3), 2);
  const auto first = watch.take(5);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->start_s, 2);
  EXPECT_EQ(first->length_s, 3);
  EXPECT_EQ(first->records, 3u);
  EXPECT_TRUE(first->proven);
  EXPECT_FALSE(watch.take(6));  // no news: the next one covers this time
  watch.add(news(1, 4), 9);
  const auto second = watch.take(10);
  EXPECT_EQ(second->start_s, 5);
  EXPECT_EQ(second->lost, 4u);
  EXPECT_EQ(watch.last(), 7u);
}

TEST(KernelLogWatch, CoversARestartThatGoesOnAfterTheLastRecord) {
  KernelLogWatch watch;
  watch.add(news(3), 2);
  watch.reader_lost();
  watch.add(news(1), 4);
  EXPECT_EQ(watch.take(5)->error, "");
}

TEST(KernelLogWatch, SaysSoWhenNobodyKnowsWhereToGoOn) {
  KernelLogWatch watch;
  KernelNews none = news(0);
  none.last.reset();
  watch.add(none, 1);
  watch.reader_lost();
  watch.add(news(1), 4);
  EXPECT_THAT(watch.take(5)->error, HasSubstr("what followed is not known"));
}

TEST(KernelLogWatch, SaysThatNobodyReadsOn) {
  KernelLogWatch watch;
  watch.give_up("it has ended", 3);
  EXPECT_EQ(watch.take(5)->error, "it has ended");
  EXPECT_EQ(watch.take(6)->error, "it has ended");
}

}  // namespace
}  // namespace rackproof
