// SPDX-License-Identifier: Apache-2.0
#include "core/journal.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/folder_for_test.h"
#include "core/json.h"

namespace rackproof {
namespace {

class Journal : public testing::Test {
 protected:
  void write_three() {
    auto writer = JournalWriter::create(path_, "genesis");
    writer.append("one");
    writer.append("two");
    writer.sync();
  }
  [[nodiscard]] std::string bytes() const { return read_file(path_).value(); }
  void replace(const std::string& bytes) { ASSERT_TRUE(write_file(path_, bytes)); }

  const TestFolder folder_;
  const std::string path_ = folder_ / "journal";
};

TEST_F(Journal, ReadsBackWhatWasWritten) {
  write_three();
  const auto contents = read_journal(path_);
  ASSERT_TRUE(contents) << contents.error().text();
  EXPECT_EQ(contents->records, (std::vector<std::string>{"genesis", "one", "two"}));
  EXPECT_FALSE(contents->sealed);
  EXPECT_EQ(contents->head.count, 3U);
}

TEST_F(Journal, RefusesEveryFlippedByte) {
  write_three();
  const std::string good = bytes();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    replace(bad);
    EXPECT_FALSE(read_journal(path_)) << "byte " << i;
  }
}

TEST_F(Journal, CutAnywhereNeverReadsAsWholeOrYieldsAWrongRecord) {
  write_three();
  const std::string good = bytes();
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    replace(good.substr(0, cut));
    const auto torn = read_journal(path_, true);
    if (!torn) continue;
    EXPECT_LE(torn->head.count, 2U) << cut;
    EXPECT_EQ(torn->records.front(), "genesis");
    EXPECT_EQ(torn->whole_bytes + torn->torn_bytes, cut);
  }
}

TEST_F(Journal, SaysWhichRecordIsBroken) {
  write_three();
  std::string bad = bytes();
  bad[bad.find("one")] = 'O';
  replace(bad);
  EXPECT_EQ(
      read_journal(path_).error().text(),
      path_ + ": journal broken at record 1: its hash does not follow from the record before");
}

TEST_F(Journal, RefusesRecordsThatFollowedAnotherGenesis) {
  const auto written = [this](const char* genesis) {
    std::filesystem::remove(path_);
    JournalWriter::create(path_, genesis).append("one");
    return bytes();
  };
  const std::string ours = written("genesis 1"), theirs = written("genesis 2");
  const std::size_t cut = ours.find("one") - 5;  // a kind and a length stand before the bytes
  replace(ours.substr(0, cut) + theirs.substr(cut));
  const auto spliced = read_journal(path_);
  ASSERT_FALSE(spliced);
  EXPECT_EQ(spliced.error().message,
            "journal broken at record 1: its hash does not follow from the record before");
}

TEST_F(Journal, ResumeCutsTheTornEndAndGoesOn) {
  write_three();
  replace(bytes() + "R\x05");
  const auto contents = read_journal(path_, true);
  ASSERT_TRUE(contents);
  EXPECT_EQ(contents->torn_bytes, 2U);
  auto writer = JournalWriter::resume(path_, *contents);
  writer.append("three");
  writer.seal("end");
  const auto again = read_journal(path_);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->records.size(), 5U);
  EXPECT_TRUE(again->sealed);
}

TEST_F(Journal, NothingFollowsTheSeal) {
  auto writer = JournalWriter::create(path_, "genesis");
  writer.seal("end");
  EXPECT_THROW(writer.append("more"), StorageError);
  EXPECT_THROW(JournalWriter::resume(path_, read_journal(path_).value()), StorageError);
  replace(bytes() + "x");
  EXPECT_EQ(read_journal(path_).error().message,
            "journal broken at record 2: bytes after the seal");
}

TEST_F(Journal, NeverOverwritesAnother) {
  write_three();
  EXPECT_THROW(JournalWriter::create(path_, "genesis"), StorageError);
}

TEST_F(Journal, AFullDiskIsAnErrorAtOnce) {
  std::filesystem::create_symlink("/dev/full", path_);
  EXPECT_THROW(JournalWriter::create(path_, "genesis"), StorageError);
}

}  // namespace
}  // namespace rackproof
