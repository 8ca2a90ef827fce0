// SPDX-License-Identifier: Apache-2.0
#include "hardware/pci_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hardware/pci_dump_for_test.h"

namespace rackproof {
namespace {

std::string device(const std::string& bdf, std::size_t size_bytes = 64) {
  return ConfigSpace(bdf, 0x8086, 0x352a, 0x0200, size_bytes).text();
}

std::string problem(const std::string& text) {
  const auto checked = check_pci_dump(text, "node.pci");
  return checked ? "" : checked.error().text();
}

TEST(PciDump, EverySizeThatLspciWritesIsWhole) {
  for (const std::size_t size : {64, 128, 256, 4096}) {
    EXPECT_EQ(problem(device("0000:01:00.0", size)), "") << size;
  }
}

TEST(PciDump, ShortAddressesAndIndentedLinesAreInOrder) {
  EXPECT_EQ(problem(device("01:00.0")), "");
  std::string verbose = device("01:00.0");
  verbose.insert(verbose.find('\n') + 1, "\tFlags: bus master, fast devsel\n");
  EXPECT_EQ(problem(verbose), "");
}

TEST(PciDump, NothingInItIsRefused) {
  EXPECT_EQ(problem(""), "node.pci: holds no PCI device");
  EXPECT_EQ(problem("\n\n"), "node.pci:2: holds no PCI device");
}

TEST(PciDump, ACutIsRefusedWhereverItStrikes) {
  const std::string whole = device("0000:01:00.0") + device("0000:02:00.0");
  // The blank line at the very end may be missing.
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    const std::size_t first = device("0000:01:00.0").size();
    if (length == first || length == first - 1) continue;  // exactly one whole device
    EXPECT_NE(problem(whole.substr(0, length)), "") << "cut to " << length;
  }
}

TEST(PciDump, AMissingRowIsNamed) {
  std::string text = device("0000:01:00.0");
  const auto row = text.find("10: ");
  text.erase(row, text.find('\n', row) + 1 - row);
  EXPECT_EQ(problem(text), "node.pci:3: 0000:01:00.0: row 20 where row 10 was due");
}

TEST(PciDump, AShortDeviceIsNamed) {
  const std::string text =
      "00:01.0 Bridge\n00: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n\n";
  EXPECT_THAT(problem(text), testing::HasSubstr("0000:00:01.0 ends after 16 bytes"));
}

TEST(PciDump, WrongBytesAndWrongLinesAreRefused) {
  std::string bytes = device("0000:01:00.0");
  bytes.replace(bytes.find("86 80"), 5, "86 zz");
  EXPECT_EQ(problem(bytes), "node.pci:2: 0000:01:00.0: row 00 is not 16 bytes of two hex digits");
  EXPECT_THAT(problem("<html>\n"), testing::HasSubstr("node.pci:1: neither a device"));
  EXPECT_THAT(problem("00: 00 01\n"), testing::HasSubstr("node.pci:1: neither a device"));
}

TEST(PciDump, ADeviceTwiceIsRefused) {
  const std::string text = device("0000:01:00.0") + device("01:00.0");
  EXPECT_THAT(problem(text), testing::HasSubstr("0000:01:00.0 is there twice"));
}

TEST(PciDump, ALineTooLongForLibpciIsRefused) {
  const std::string text = "01:00.0 " + std::string(300, 'x') + "\n";
  EXPECT_THAT(problem(text), testing::HasSubstr("longer than 250 characters"));
}

}  // namespace
}  // namespace rackproof
