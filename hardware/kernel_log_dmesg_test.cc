// SPDX-License-Identifier: Apache-2.0
// Every way in which a kernel log is saved, each with the same three facts in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/folder_for_test.h"
#include "hardware/kernel_log.h"

namespace rackproof {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Dmesg : public testing::Test {
 protected:
  std::vector<KernelRecord> read(const std::string& text) {
    tree_.file("dmesg", text);
    auto records = read_dmesg(tree_.path() / "dmesg");
    EXPECT_TRUE(records) << records.error().text();
    return records ? std::move(*records) : std::vector<KernelRecord>();
  }
  std::string problem(const std::filesystem::path& file) {
    const auto records = read_dmesg(file);
    return records ? "" : records.error().text();
  }
  TestFolder tree_;
};

struct Format {
  const char* line;
  double boot_s;
  int level, facility;
  const char* text;
};
constexpr Format kFormats[] = {
    {"[   12.345678] nvme nvme0: x", 12.345678, 6, 0, "nvme nvme0: x"},
    {"[14048.482976][    T1] nvme nvme0: x", 14048.482976, 6, 0, "nvme nvme0: x"},
    {"[14048.484002 <    0.001026>] nvme nvme0: x", 14048.484002, 6, 0, "nvme nvme0: x"},
    {"kern  :err   : [   12.345678] nvme nvme0: x", 12.345678, 3, 0, "nvme nvme0: x"},
    {"user  :warn  : [   12.345678] nvme nvme0: x", 12.345678, 4, 1, "nvme nvme0: x"},
    {"daemon:info  : [   12.345678] nvme nvme0: x", 12.345678, 6, 1, "nvme nvme0: x"},
    {"kern  :crit  : [Sat Nov 21 11:41:02 2026] nvme nvme0: x", 0, 2, 0, "nvme nvme0: x"},
    {"<3>[   12.345678] nvme nvme0: x", 12.345678, 3, 0, "nvme nvme0: x"},
    {"<30>[   12.345678] nvme nvme0: x", 12.345678, 6, 3, "nvme nvme0: x"},
    {"[Sat Nov  1 11:41:02 2026] nvme nvme0: x", 0, 6, 0, "nvme nvme0: x"},
    {"[Nov21 11:41] nvme nvme0: x", 0, 6, 0, "nvme nvme0: x"},
    {"[  +0.001026] nvme nvme0: x", 0, 6, 0, "nvme nvme0: x"},
    {"2026-11-21T11:41:02,484002+00:00 nvme nvme0: x", 0, 6, 0, "nvme nvme0: x"},
    {"nvme nvme0: x", 0, 6, 0, "nvme nvme0: x"},
    {"6,339,5140900,-;nvme nvme0: x", 5.1409, 6, 0, "nvme nvme0: x"},
    {"12,339,5140900,-;nvme nvme0: x", 5.1409, 4, 1, "nvme nvme0: x"},
    {"Nov 21 11:41:02 host kernel: [   12.345678] nvme nvme0: x", 12.345678, 6, 0, "nvme nvme0: x"},
    {"Nov  1 11:41:02 host kernel: nvme nvme0: x", 0, 6, 0, "nvme nvme0: x"},
    {"2026-11-21T11:41:02.484002+00:00 host kernel: nvme nvme0: x", 0, 6, 0, "nvme nvme0: x"},
    {"2026-11-21T11:41:02+0000 host kernel: nvme nvme0: x", 0, 6, 0, "nvme nvme0: x"},
    {"[   12.345678] host kernel: nvme nvme0: x", 12.345678, 6, 0, "nvme nvme0: x"},
    {"Nov 21 11:41:02 host agent[7]: nvme nvme0: x", 0, 6, 1, "agent[7]: nvme nvme0: x"},
};

TEST_F(Dmesg, EveryFormatGivesTimeLevelFacilityAndText) {
  for (const Format& format : kFormats) {
    const auto records = read(std::string(format.line) + "\n");
    ASSERT_EQ(records.size(), 1U) << format.line;
    EXPECT_EQ(records[0].text, format.text) << format.line;
    EXPECT_DOUBLE_EQ(records[0].boot_s, format.boot_s) << format.line;
    EXPECT_EQ(records[0].level, format.level) << format.line;
    EXPECT_EQ(records[0].facility, format.facility) << format.line;
  }
}

TEST_F(Dmesg, JsonGivesTheSame) {
  const auto plain = read(
      R"({"dmesg": [{"pri": 3, "time": 12.5, "msg": "nvme nvme0: x"}, {"pri": 12, "time": 13, "msg": "a\nb"}]})");
  ASSERT_EQ(plain.size(), 2U);
  EXPECT_EQ(plain[0].level, 3);
  EXPECT_DOUBLE_EQ(plain[0].boot_s, 12.5);
  EXPECT_EQ(plain[1].text, "a b");
  const auto decoded =
      read(R"({"dmesg": [{"fac": "user", "pri": "warn", "time": 1, "msg": "x"}]})");
  EXPECT_EQ(decoded[0].level, 4);
  EXPECT_FALSE(decoded[0].from_kernel());
}

TEST_F(Dmesg, JsonOfBytesThatAreNoUtf8IsRead) {
  EXPECT_EQ(read("{\"dmesg\": [{\"msg\": \"a\xff\"}]}")[0].text, "a\xef\xbf\xbd");
}

TEST_F(Dmesg, BrokenJsonIsRefused) {
  EXPECT_THAT((tree_.file("j", "{\"dmesg\": [{\"msg\": 3}]}"), problem(tree_.path() / "j")),
              HasSubstr("entry 1 is none of `dmesg --json`"));
  EXPECT_THAT((tree_.file("j", "{\"dmesg\": [7]}"), problem(tree_.path() / "j")),
              HasSubstr("entry 1 is none of `dmesg --json`"));
  EXPECT_THAT((tree_.file("j", "{\"dmesg\": ["), problem(tree_.path() / "j")), HasSubstr("j:"));
}

TEST_F(Dmesg, CapturedRecordsKeepNumberAndDictionary) {
  const auto records =
      read("3,7,1,-;a\n SUBSYSTEM=pci\n DEVICE=+pci:0000:1b:00.0\n6,8,2,-;b\\x0ac\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].sequence, 7U);
  EXPECT_EQ(records[0].device, "+pci:0000:1b:00.0");
  EXPECT_EQ(records[1].text, "b c");
}

TEST_F(Dmesg, LinesAreNumberedAndEmptyOnesLeftOut) {
  const auto records = read("[    1.0] a\r\n\n[    2.0] b");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].text, "a");
  EXPECT_EQ(records[1].sequence, 3U);
}

TEST_F(Dmesg, ALineThatGoesOnIsOfWhoWroteItsBeginning) {
  const auto records = read(
      "kern  :info  : [    1.0] a\nuser  :err   : [    2.0] probe\n"
      "NVRM: Xid (PCI:0000:1b:00): 79, GPU has fallen off the bus.\n");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_FALSE(records[2].from_kernel());
  EXPECT_EQ(classify(records[2])->severity, "warning");
}

TEST_F(Dmesg, WithoutFacilitiesLinesCountAsTheKernels) {
  const auto records =
      read("[    1.0] NVRM: Xid (PCI:0000:1b:00): 79, GPU has fallen off the bus.\n");
  EXPECT_EQ(classify(records.at(0))->severity, "fatal");
}

TEST_F(Dmesg, LongAndBinaryLinesBecomeTextOfBoundedLength) {
  const auto records = read("[    1.0] " + std::string(100000, 'a') + "\n[    2.0] " +
                            std::string(100000, '\xff') + "\n" + std::string("\0\x01\x02", 3));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].text, std::string(kLongestKernelLine, 'a'));
  EXPECT_LE(records[1].text.size(), kLongestKernelLine);
  EXPECT_EQ(records[1].text.substr(0, 3), "\xef\xbf\xbd");
  EXPECT_EQ(records[2].text, "   ");
}

TEST_F(Dmesg, NothingIsAnEmptyList) {
  EXPECT_THAT(read(""), IsEmpty());
  EXPECT_THAT(read("\n\n"), IsEmpty());
}

TEST_F(Dmesg, WhatIsNoFileIsRefused) {
  EXPECT_THAT(problem("/nonexistent/dmesg"), HasSubstr("No such file"));
  EXPECT_THAT(problem(tree_.path()), HasSubstr("directory"));
  EXPECT_THAT(problem("/dev/kmsg"), HasSubstr("`dmesg > FILE` makes a file of it"));
}

TEST_F(Dmesg, ATooLargeFileIsRefusedWithWhatToDo) {
  tree_.file("huge", "");
  std::filesystem::resize_file(tree_.path() / "huge", 512U << 20);  // sparse
  EXPECT_THAT(problem(tree_.path() / "huge"),
              HasSubstr("larger than 64 MiB: cut it to the time in question"));
}

TEST_F(Dmesg, TooManyLinesAreRefused) {
  tree_.file("many", std::string(4'000'010, '\n'));
  EXPECT_THAT(problem(tree_.path() / "many"), HasSubstr("more than 2000000 lines"));
}

}  // namespace
}  // namespace rackproof
