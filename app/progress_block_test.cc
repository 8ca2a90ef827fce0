// SPDX-License-Identifier: Apache-2.0
#include "app/progress_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rackproof {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Screen screen_of(std::size_t columns, std::size_t rows) {
  return {.columns = columns, .rows = rows, .look = {}};
}

TEST(LiveBlock, DrawsInPlaceOfTheOneBefore) {
  LiveBlock block;
  EXPECT_EQ(block.draw({}, {"a", "b"}, screen_of(80, 24)), "\ra\x1b[K\r\nb\x1b[K\r\n\x1b[J");
  EXPECT_EQ(block.draw({}, {"c"}, screen_of(80, 24)), "\r\x1b[2Ac\x1b[K\r\n\x1b[J");
  EXPECT_EQ(block.erase(), "\r\x1b[1A\x1b[J");
  EXPECT_EQ(block.erase(), "");
}

TEST(LiveBlock, NewsComeAboveAndStay) {
  LiveBlock block;
  (void)block.draw({}, {"a"}, screen_of(80, 24));
  EXPECT_EQ(block.draw({"news"}, {"a"}, screen_of(80, 24)),
            "\r\x1b[1A\x1b[Jnews\r\na\x1b[K\r\n\x1b[J");
}

TEST(LiveBlock, AChangedSizeRepaintsTheNewsThatFit) {
  LiveBlock block;
  (void)block.draw({"first", "a line of twenty-three", "last"}, {"a"}, screen_of(80, 24));
  const std::string text = block.draw({}, {"a"}, screen_of(10, 6));
  EXPECT_THAT(text, HasSubstr("\x1b[H\x1b[J"
                              "a line of twenty-three\r\nlast\r\na"));
  EXPECT_THAT(text, Not(HasSubstr("first")));
}

TEST(LiveBlock, NeverChangesTheTerminalsState) {
  LiveBlock block;
  std::string all = block.draw({"x"}, {"a"}, screen_of(80, 24));
  all += block.draw({}, {"a"}, screen_of(20, 10)) + block.erase();
  EXPECT_THAT(all, Not(HasSubstr("\x1b[?")));
}

TEST(LiveBlock, ForgettingLeavesWhatOthersWrote) {
  LiveBlock block;
  (void)block.draw({}, {"a", "b"}, screen_of(80, 24));
  block.forget();
  EXPECT_EQ(block.draw({}, {"a"}, screen_of(80, 24)), "\ra\x1b[K\r\n\x1b[J");
}

}  // namespace
}  // namespace rackproof
