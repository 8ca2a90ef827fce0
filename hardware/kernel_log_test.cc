// SPDX-License-Identifier: Apache-2.0
#include "hardware/kernel_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/folder_for_test.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string record(std::uint64_t sequence, const std::string& text = "text") {
  return fmt::format("6,{},{},-;{}\n", sequence, sequence * 1000, text);
}

std::string records(std::uint64_t from, std::uint64_t to) {
  std::string all;
  for (std::uint64_t sequence = from; sequence <= to; ++sequence) all += record(sequence);
  return all;
}

std::vector<std::uint64_t> sequences(const KernelLog::Batch& batch) {
  std::vector<std::uint64_t> numbers;
  for (const KernelRecord& one : batch.records) numbers.push_back(one.sequence);
  return numbers;
}

// A log that is a file: what the kernel would hand out, one record after the other.
class KernelLogFile : public testing::Test {
 protected:
  void append(const std::string& bytes) const { std::ofstream(path(), std::ios::app) << bytes; }
  [[nodiscard]] std::filesystem::path path() const { return tree_.path() / "kmsg"; }
  [[nodiscard]] KernelLog open(std::optional<std::uint64_t> after) const {
    auto log = KernelLog::open(path(), after);
    if (!log) throw std::runtime_error(log.error().text());
    return std::move(*log);
  }
  void SetUp() override { tree_.file("kmsg", ""); }
  TestFolder tree_;
};

TEST(KernelRecordText, HasLevelFacilityTimeAndText) {
  const auto parsed = parse_kernel_record("30,339,5140900,c,caller=T1;a;b,c");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->level, 6);
  EXPECT_EQ(parsed->facility, 3);
  EXPECT_FALSE(parsed->from_kernel());
  EXPECT_EQ(parsed->sequence, 339U);
  EXPECT_DOUBLE_EQ(parsed->boot_s, 5.1409);
  EXPECT_EQ(parsed->text, "a;b,c");
}

TEST(KernelRecordText, EscapedBytesBecomeOneLineOfUtf8) {
  const auto text = [](const std::string& escaped) {
    return parse_kernel_record("6,1,1,-;" + escaped + "\n")->text;
  };
  EXPECT_EQ(text("50 \\xc2\\xb0C"), "50 °C");
  EXPECT_EQ(text("a\\x0ab\\x1b[31m"), "a b [31m");
  EXPECT_EQ(text("C:\\x5cx41"), "C:\\x41");
  EXPECT_EQ(text("\\xff\\xzz\\x4"), "\xef\xbf\xbd\\xzz\\x4");
}

TEST(KernelRecordText, TheDictionaryGivesTheDevice) {
  const auto parsed =
      parse_kernel_record("3,1,1,-;text\n SUBSYSTEM=pci\n DEVICE=+pci:0000:1b:00.0\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->device, "+pci:0000:1b:00.0");
  EXPECT_EQ(parsed->text, "text");
}

TEST(KernelRecordText, LongTextIsCutBetweenCharacters) {
  std::string escaped = "6,1,1,-;a";
  for (int i = 0; i < 5000; ++i) escaped += "\\xc2\\xb0";
  const auto parsed = parse_kernel_record(escaped);
  ASSERT_TRUE(parsed);
  EXPECT_LE(parsed->text.size(), kLongestKernelLine);
  EXPECT_GT(parsed->text.size(), kLongestKernelLine - 4);
  EXPECT_EQ(parsed->text.substr(1, 2), "°");
}

TEST(KernelRecordText, WhatIsNoneIsRefusedWithTheFormat) {
  for (const char* bad : {"", "text", "6,1,1,-", "6,1;t", "-6,1,1,-;t", "6,x,1,-;t", ";",
                          "6,1,1,-\n;t", "99999999999999999999,1,1,-;t"}) {
    const auto parsed = parse_kernel_record(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_THAT(parsed.error().message,
                HasSubstr("begins 'priority,sequence,microseconds,flags;'"));
  }
  EXPECT_EQ(parse_kernel_record("9999,1,1,-;t").error().message,
            "priority 9999 of a record is over 2047");
}

TEST_F(KernelLogFile, WithoutANumberOnlyWhatIsNewComes) {
  append(records(1, 3));
  KernelLog log = open({});
  EXPECT_FALSE(log.last());
  EXPECT_THAT(log.read().records, IsEmpty());
  append(records(4, 5));
  const auto batch = log.read();
  EXPECT_THAT(sequences(batch), ElementsAre(4, 5));
  EXPECT_EQ(batch.lost, 0U);
  EXPECT_EQ(log.last(), 5U);
}

TEST_F(KernelLogFile, AfterANumberAllThatFollowsComes) {
  append(records(1, 5));
  KernelLog log = open(3);
  const auto batch = log.read();
  EXPECT_THAT(sequences(batch), ElementsAre(4, 5));
  EXPECT_EQ(batch.lost, 0U);
  EXPECT_EQ(batch.error, "");
}

TEST_F(KernelLogFile, WhatTheRingNoLongerHasIsLost) {
  append(records(100, 101));
  KernelLog log = open(3);
  const auto batch = log.read();
  EXPECT_THAT(sequences(batch), ElementsAre(100, 101));
  EXPECT_EQ(batch.lost, 96U);
}

TEST_F(KernelLogFile, GapsBetweenRecordsAreLost) {
  KernelLog log = open({});
  append(record(7) + record(10));
  EXPECT_EQ(log.read().lost, 2U);
  append(record(11) + record(15));
  EXPECT_EQ(log.read().lost, 3U);
}

TEST_F(KernelLogFile, ALineThatIsNoRecordIsLostAndTheNextOneIsNot) {
  KernelLog log = open({});
  append(record(1) + "garbage\n" + record(2));
  const auto batch = log.read();
  EXPECT_THAT(sequences(batch), ElementsAre(1, 2));
  EXPECT_EQ(batch.lost, 1U);
}

TEST_F(KernelLogFile, ANumberOfAnotherBootIsRefused) {
  append(records(1, 5));
  const auto log = KernelLog::open(path(), 4000);
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().text(), HasSubstr("ends at record 5, so record 4000 is of another boot"));
}

TEST_F(KernelLogFile, AtMostSoManyComeAtOnceAndNoneIsForgotten) {
  append(records(1, 25));
  KernelLog log = open(0);
  EXPECT_EQ(log.read(10).records.size(), 10U);
  EXPECT_EQ(log.read(10).records.size(), 10U);
  EXPECT_THAT(sequences(log.read(10)), ElementsAre(21, 22, 23, 24, 25));
}

TEST_F(KernelLogFile, DictionaryLinesBelongToTheirRecord) {
  append("3,1,1,-;a\n SUBSYSTEM=pci\n DEVICE=+pci:0000:1b:00.0\n" + record(2));
  const auto batch = open(0).read();
  ASSERT_EQ(batch.records.size(), 2U);
  EXPECT_EQ(batch.records[0].device, "+pci:0000:1b:00.0");
  EXPECT_EQ(batch.records[1].device, "");
  EXPECT_EQ(batch.lost, 0U);
}

TEST_F(KernelLogFile, AHalfWrittenLineWaits) {
  KernelLog log = open({});
  append("6,1,1,-;half");
  EXPECT_THAT(log.read().records, IsEmpty());
  append(" whole\n");
  const auto batch = log.read();
  ASSERT_EQ(batch.records.size(), 1U);
  EXPECT_EQ(batch.records[0].text, "half whole");
}

TEST_F(KernelLogFile, ALineOfAMegabyteEndsInsteadOfGrowing) {
  KernelLog log = open({});
  append("6,1,1,-;" + std::string(1 << 20, 'a') + "\n" + record(2));
  const auto batch = log.read();
  EXPECT_EQ(batch.records.front().text, std::string(kLongestKernelLine, 'a'));
  EXPECT_EQ(batch.records.back().sequence, 2U);
}

TEST_F(KernelLogFile, AMoveKeepsTheLogAndItsPlace) {
  append(records(1, 2));
  KernelLog first = open(1);
  KernelLog second(std::move(first));
  EXPECT_THAT(sequences(second.read()), ElementsAre(2));
  KernelLog third = open(0);
  third = std::move(second);
  EXPECT_EQ(third.last(), 2U);
}

TEST(KernelLog, AFifoGivesRecordsAsTheyCome) {
  const TestFolder tree;
  const auto path = tree.path() / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto log = KernelLog::open(path, {});
  ASSERT_TRUE(log) << log.error().text();
  EXPECT_THAT(log->read().records, IsEmpty());  // no writer yet, and no wait
  std::ofstream writer(path);
  writer << records(1, 3) << record(9) << std::flush;
  pollfd ready{log->fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&ready, 1, 1000), 1);
  EXPECT_THAT(sequences(log->read(2)), ElementsAre(1, 2));
  const auto rest = log->read();
  EXPECT_THAT(sequences(rest), ElementsAre(3, 9));
  EXPECT_EQ(rest.lost, 5U);
}

TEST(KernelLog, WhatCannotBeOpenedSaysWhy) {
  const auto why = [](const std::filesystem::path& path) {
    const auto log = KernelLog::open(path, {});
    return log ? "" : log.error().text();
  };
  const TestFolder tree;
  EXPECT_THAT(why("/nonexistent/kmsg"), HasSubstr("cannot read the kernel log: No such file"));
  EXPECT_THAT(why(tree.path()), HasSubstr("it is a folder"));
}

TEST(KernelLog, ADeviceThatIsNoLogEndsInAnError) {
  auto log = KernelLog::open("/dev/zero", {});
  ASSERT_TRUE(log);
  const auto batch = log->read();
  EXPECT_EQ(batch.error, "it gives no records of a kernel log");
  EXPECT_THAT(batch.records, IsEmpty());
}

TEST(KernelLog, AReadThatFailsIsAnErrorAndNotAnEmptyLog) {
  auto log = KernelLog::open("/proc/self/mem", 0);  // its first page is never mapped
  ASSERT_TRUE(log) << log.error().text();
  EXPECT_EQ(log->read().error, std::strerror(EIO));
}

class DevKmsg : public testing::Test {
 protected:
  void SetUp() override {
    writer_ = ::open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    if (writer_ < 0) GTEST_SKIP() << "/dev/kmsg cannot be written: " << std::strerror(errno);
    auto log = KernelLog::open("/dev/kmsg", {});
    if (!log) GTEST_SKIP() << log.error().text();
    log_.emplace(std::move(*log));
  }
  void TearDown() override {
    if (writer_ >= 0) ::close(writer_);
  }
  // Without a line's end the kernel holds the record back: the next write could go on with it.
  void write(const std::string& line) const {
    ASSERT_EQ(::write(writer_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }
  // The record that holds the word; others may write at the same time.
  std::optional<KernelRecord> await(const std::string& word) {
    for (int attempt = 0; attempt < 20; ++attempt) {
      pollfd ready{log_->fd(), POLLIN, 0};
      (void)::poll(&ready, 1, 100);
      for (KernelRecord& one : log_->read().records) {
        if (one.text.find(word) != std::string::npos) return std::move(one);
      }
    }
    return {};
  }
  int writer_ = -1;
  std::optional<KernelLog> log_;
};

TEST_F(DevKmsg, GivesBackWhatAProgramWrote) {
  const std::string word = fmt::format("rackproof-test-{}", ::getpid());
  write("<3>" + word + " \xff\\ tail\n");
  const auto seen = await(word);
  if (!seen) GTEST_SKIP() << "/dev/kmsg takes no lines (printk.devkmsg=off or its rate limit)";
  EXPECT_EQ(seen->text, word + " \xef\xbf\xbd\\ tail");
  EXPECT_EQ(seen->level, 3);
  EXPECT_EQ(seen->facility, 1);
  auto again = KernelLog::open("/dev/kmsg", seen->sequence - 1);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->read(1).records.at(0).text, seen->text);
}

TEST_F(DevKmsg, NeverLetsAProgramBeTheKernel) {
  const std::string word = fmt::format("rackproof-forged-{}", ::getpid());
  write("<0>" + word + "\nNVRM: Xid (PCI:0000:1b:00): 79, GPU has fallen off the bus.\n");
  const auto seen = await(word);
  if (!seen) GTEST_SKIP() << "/dev/kmsg takes no lines (printk.devkmsg=off or its rate limit)";
  EXPECT_FALSE(seen->from_kernel());
  EXPECT_FALSE(classify(*seen));
}

}  // namespace
}  // namespace rackproof
