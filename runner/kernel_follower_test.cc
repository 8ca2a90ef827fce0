// SPDX-License-Identifier: Apache-2.0
// Following the kernel log: this machine's own where it may be read, and files in its place.
#include "runner/kernel_follower.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "core/folder_for_test.h"

namespace rackproof {
namespace {

using ::testing::HasSubstr;

// It lives as long as its thread.
KernelFollower& following(const std::filesystem::path& device) {
  return *new KernelFollower(device, std::nullopt);  // NOLINT: on purpose never ended
}

KernelNews decided(KernelFollower& follower) {
  follower.wait_for_proof(Clock::now() + std::chrono::seconds(2));
  return follower.take();
}

TEST(KernelFollower, ProvesItselfByALineOfItsOwn) {
  if (::access("/dev/kmsg", R_OK | W_OK) != 0) GTEST_SKIP() << "/dev/kmsg may not be written here";
  const KernelNews news = decided(following("/dev/kmsg"));
  if (!news.proven) GTEST_SKIP() << "this kernel takes no lines: " << news.unproven << news.error;
  bool found = false;
  for (const KernelRecord& record : news.records) {
    if (record.text.find("rackproof: kernel log check") == std::string::npos) continue;
    found = true;
    EXPECT_FALSE(record.from_kernel());
    // The clocks' difference puts it where it was written: just now.
    const double now = std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
    EXPECT_NEAR(record.boot_s - news.offset_s, now, 3);
  }
  EXPECT_TRUE(found);
  EXPECT_TRUE(news.last.has_value());
}

TEST(KernelFollower, SaysWhyThereIsNoLog) {
  KernelFollower& follower = following("/nonexistent/kmsg");
  for (int i = 0; i < 2; ++i) {
    const KernelNews news = decided(follower);
    EXPECT_FALSE(news.proven);
    EXPECT_THAT(news.error, HasSubstr("/nonexistent/kmsg"));
    EXPECT_THAT(news.unproven, HasSubstr("/nonexistent/kmsg"));
  }
}

TEST(KernelFollower, WritesNothingToAFileInTheLogsPlace) {
  const TestFolder folder;
  const auto file = folder.file("kmsg", "");
  const KernelNews news = decided(following(file));
  EXPECT_FALSE(news.proven);
  EXPECT_THAT(news.unproven, HasSubstr("is no device to write to"));
  EXPECT_EQ(std::filesystem::file_size(file), 0u);
}

}  // namespace
}  // namespace rackproof
