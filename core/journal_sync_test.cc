// SPDX-License-Identifier: Apache-2.0
// That records are asked onto the disk when they must be: in this program fdatasync() is ours,
// which counts, and fails when it is told to.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "core/folder_for_test.h"
#include "core/journal.h"

namespace {
std::atomic<int> syncs{0};
std::atomic<bool> disk_gone{false};
}  // namespace

extern "C" int fdatasync(int fd) {
  ++syncs;
  if (!disk_gone) return static_cast<int>(::syscall(SYS_fdatasync, fd));
  errno = EIO;
  return -1;
}

namespace rackproof {
namespace {

class JournalSync : public testing::Test {
 protected:
  void SetUp() override { syncs = 0; }
  void TearDown() override { disk_gone = false; }

  const TestFolder folder_;
  const std::string path_ = folder_ / "journal";
};

TEST_F(JournalSync, GenesisSyncAndSealAreOnTheDiskWhenTheyReturn) {
  auto writer = JournalWriter::create(path_, "genesis");
  EXPECT_EQ(syncs, 1);
  writer.append("one");
  EXPECT_EQ(syncs, 1);
  writer.sync();
  EXPECT_EQ(syncs, 2);
  writer.seal("end");
  EXPECT_EQ(syncs, 3);
}

TEST_F(JournalSync, ADiskThatIsGoneIsAnErrorAtOnce) {
  auto writer = JournalWriter::create(path_, "genesis");
  disk_gone = true;
  EXPECT_THROW(writer.sync(), StorageError);
  EXPECT_THROW(writer.seal("end"), StorageError);
}

}  // namespace
}  // namespace rackproof
