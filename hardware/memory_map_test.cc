// SPDX-License-Identifier: Apache-2.0
#include "hardware/memory_map.h"

#include <gtest/gtest.h>

#include "core/folder_for_test.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kGiB = 1 << 30;

std::string bytes(std::uint64_t value, int count) {
  std::string text;
  for (int i = 0; i < count; ++i, value >>= 8) text += static_cast<char>(value & 0xff);
  return text;
}

std::string structure(int type, std::uint64_t handle, const std::string& fields,
                      const std::string& strings = {}) {
  const std::string head = bytes(type, 1) + bytes(fields.size() + 4, 1) + bytes(handle, 2);
  return head + fields + (strings.empty() ? std::string(1, '\0') : strings) + std::string(1, '\0');
}

std::string dimm(std::uint64_t handle, const std::string& locator, const std::string& bank) {
  const std::string end(1, '\0');
  return structure(17, handle, bytes(0, 12) + bytes(1, 1) + bytes(2, 1),
                   locator + end + bank + end);
}

// Kilobytes, the last one included.
std::string range(std::uint64_t first, std::uint64_t behind) {
  return bytes(first / 1024, 4) + bytes(behind / 1024 - 1, 4);
}

std::string array_map(std::uint64_t first, std::uint64_t behind, int width = 1) {
  return structure(19, 0x1900, range(first, behind) + bytes(0x1000, 2) + bytes(width, 1));
}

std::string device_map(const std::string& where, std::uint64_t device, int interleave,
                       const std::string& extended = {}) {
  return structure(20, 0x2000 + device,
                   where + bytes(device, 2) + bytes(0x1900, 2) + bytes(1, 1) +
                       bytes(interleave, 1) + bytes(0, 1) + extended);
}

std::string two_dimms() {
  return dimm(0x11, "DIMM_A1 ", "P0 CHANNEL A") + dimm(0x12, "DIMM_B1", "P0 CHANNEL B");
}

// One DIMM behind the other.
std::string in_turn(int width = 1) {
  return structure(0, 0, "", "") + two_dimms() + array_map(0, 4 * kGiB, width) +
         device_map(range(0, 2 * kGiB), 0x11, 0) + device_map(range(2 * kGiB, 4 * kGiB), 0x12, 0) +
         structure(127, 0xfeff, "");
}

std::optional<std::string> holder(const std::string& table, std::uint64_t address) {
  return dimm_of_address(std::string_view(table), address);
}

TEST(MemoryMap, NamesTheDimmOfAnAddressByLocatorAndBank) {
  const std::string table = in_turn();
  EXPECT_EQ(holder(table, 0), "DIMM_A1 (P0 CHANNEL A)");
  EXPECT_EQ(holder(table, 2 * kGiB - 1), "DIMM_A1 (P0 CHANNEL A)");
  EXPECT_EQ(holder(table, 2 * kGiB), "DIMM_B1 (P0 CHANNEL B)");
  EXPECT_EQ(holder(table, 4 * kGiB - 1), "DIMM_B1 (P0 CHANNEL B)");
}

TEST(MemoryMap, IsReadFromTheKernelsCopyBelowTheRoot) {
  const TestFolder tree;
  EXPECT_EQ(dimm_of_address(tree.path(), 0), std::nullopt);
  tree.file("sys/firmware/dmi/tables/DMI", in_turn());
  EXPECT_EQ(dimm_of_address(tree.path(), 3 * kGiB), "DIMM_B1 (P0 CHANNEL B)");
}

TEST(MemoryMap, HasNoAnswerWhereDimmsAreInterleaved) {
  const std::string whole = range(0, 4 * kGiB);
  const std::string head = two_dimms() + array_map(0, 4 * kGiB);
  EXPECT_EQ(holder(head + device_map(whole, 0x11, 1) + device_map(whole, 0x12, 2), 0),
            std::nullopt);
  EXPECT_EQ(holder(head + device_map(whole, 0x11, 0) + device_map(whole, 0x12, 0), 0),
            std::nullopt);
  EXPECT_EQ(holder(head + device_map(whole, 0x11, 1), 0), std::nullopt);
  EXPECT_EQ(holder(head + device_map(whole, 0x11, 0xff), 0), std::nullopt);
  EXPECT_EQ(holder(in_turn(2), 0), std::nullopt);
}

TEST(MemoryMap, HasNoAnswerForWhatIsNotMapped) {
  EXPECT_EQ(holder(in_turn(), 4 * kGiB), std::nullopt);
  EXPECT_EQ(holder(two_dimms() + array_map(0, 4 * kGiB), 0), std::nullopt);
  EXPECT_EQ(holder(two_dimms() + device_map(range(0, kGiB), 0x11, 0), 0), std::nullopt);
  const std::string nameless = structure(17, 0x11, bytes(0, 14));
  EXPECT_EQ(holder(nameless + array_map(0, kGiB) + device_map(range(0, kGiB), 0x11, 0), 0),
            std::nullopt);
  EXPECT_EQ(holder("", 0), std::nullopt);
}

TEST(MemoryMap, TakesBytesWhereKilobytesDoNotReach) {
  constexpr std::uint64_t kTiB = 1ULL << 40;
  const std::string elsewhere = bytes(~0ULL, 8),
                    extended = bytes(4 * kTiB, 8) + bytes(5 * kTiB - 1, 8);
  const std::string table =
      two_dimms() + structure(19, 0x1900, elsewhere + bytes(0x1000, 2) + bytes(1, 1) + extended) +
      device_map(elsewhere, 0x12, 0, extended);
  EXPECT_EQ(holder(table, 5 * kTiB - 1), "DIMM_B1 (P0 CHANNEL B)");
  EXPECT_EQ(holder(table, 5 * kTiB), std::nullopt);
  EXPECT_EQ(holder(table, 0), std::nullopt);
}

TEST(MemoryMap, ReadsATableThatIsCutOffAnywhereWithoutAWrongAnswer) {
  const std::string table = in_turn();
  for (std::size_t length = 0; length < table.size(); ++length) {
    const auto found = holder(table.substr(0, length), 3 * kGiB);
    EXPECT_TRUE(!found || found == "DIMM_B1 (P0 CHANNEL B)") << length;
  }
}

}  // namespace
}  // namespace rackproof
