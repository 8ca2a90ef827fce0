// SPDX-License-Identifier: Apache-2.0
#include "runner/lock.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

namespace rackproof {
namespace {

using ::testing::HasSubstr;

class LockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "rackproof-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(LockTest, IsHeldByOneAtATimeAndNamesItsHolder) {
  const auto first = lock_host(folder_);
  ASSERT_TRUE(first.has_value()) << first.error().text();
  const auto second = lock_host(folder_);
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().text(), HasSubstr("another run is measuring on this host"));
  EXPECT_THAT(second.error().text(), HasSubstr("(process " + std::to_string(::getpid()) + ")"));
}

TEST_F(LockTest, EndsWithItsHolder) {
  { ASSERT_TRUE(lock_host(folder_).has_value()); }
  EXPECT_TRUE(lock_host(folder_).has_value());
}

TEST_F(LockTest, IsOnAFolderToo) {
  const auto first = Lock::take(folder_, "taken");
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(Lock::take(folder_, "taken").error().text(), HasSubstr("taken"));
}

TEST_F(LockTest, SaysWhatToSetWhereNoLockCanBeMade) {
  const auto refused = lock_host(folder_ / "absent");
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().text(), HasSubstr("set RACKPROOF_LOCK_DIR: No such file"));
}

}  // namespace
}  // namespace rackproof
