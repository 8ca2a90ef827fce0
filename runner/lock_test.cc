// SPDX-License-Identifier: Apache-2.0
#include "runner/lock.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "core/folder_for_test.h"

namespace rackproof {
namespace {

using ::testing::HasSubstr;

class LockTest : public ::testing::Test {
 protected:
  TestFolder folder_;
};

TEST_F(LockTest, IsHeldByOneAtATimeAndNamesItsHolder) {
  const auto first = lock_host(folder_.path());
  ASSERT_TRUE(first.has_value()) << first.error().text();
  const auto second = lock_host(folder_.path());
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().text(), HasSubstr("another run is measuring on this host"));
  EXPECT_THAT(second.error().text(), HasSubstr("(process " + std::to_string(::getpid()) + ")"));
}

TEST_F(LockTest, EndsWithItsHolder) {
  { ASSERT_TRUE(lock_host(folder_.path()).has_value()); }
  EXPECT_TRUE(lock_host(folder_.path()).has_value());
}

TEST_F(LockTest, IsOnAFolderToo) {
  const auto first = Lock::take(folder_.path(), "taken");
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(Lock::take(folder_.path(), "taken").error().text(), HasSubstr("taken"));
}

TEST_F(LockTest, SaysWhatToSetWhereNoLockCanBeMade) {
  const auto refused = lock_host(folder_ / "absent");
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(), HasSubstr("set RACKPROOF_LOCK_DIR: No such file"));
}

}  // namespace
}  // namespace rackproof
