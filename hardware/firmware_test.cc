// SPDX-License-Identifier: Apache-2.0
#include "hardware/firmware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/folder_for_test.h"

namespace rackproof {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::string cpu(int number, int package, const std::string& microcode) {
  return "processor\t: " + std::to_string(number) +
         "\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon 8480\n" + "microcode\t: " + microcode +
         "\nphysical id\t: " + std::to_string(package) + "\n\n";
}

Inventory with_cpuinfo(const std::string& text, std::size_t packages) {
  const TestFolder tree;
  tree.file("proc/cpuinfo", text);
  Inventory inventory;
  inventory.packages.resize(packages);
  read_cpuinfo(tree.path(), inventory);
  return inventory;
}

TEST(Cpuinfo, GivesEachPackageItsMicrocodeAndModel) {
  const auto inventory = with_cpuinfo(cpu(0, 0, "0x1") + cpu(1, 1, "0x2") + cpu(2, 0, "0x1"), 2);
  EXPECT_EQ(inventory.packages[0].microcode, "0x1");
  EXPECT_EQ(inventory.packages[1].microcode, "0x2");
  EXPECT_EQ(inventory.packages[1].model, "Xeon 8480");
  EXPECT_EQ(inventory.packages[1].vendor, "GenuineIntel");
  EXPECT_TRUE(inventory.notes.empty());
}

TEST(Cpuinfo, NotesAPackageWithTwoMicrocodes) {
  const auto inventory = with_cpuinfo(cpu(0, 0, "0x1") + cpu(1, 0, "0x2"), 1);
  EXPECT_THAT(inventory.notes, Contains("cpuinfo: package 0 runs microcode 0x1 and 0x2"));
}

TEST(Cpuinfo, GuessesNothingWhenPackagesDoNotMatch) {
  const auto inventory = with_cpuinfo(cpu(0, 0, "0x1"), 2);
  EXPECT_EQ(inventory.packages[0].microcode, "");
  EXPECT_THAT(inventory.notes, Contains(HasSubstr("shows 1 packages, the topology 2")));
}

TEST(Cpuinfo, NotesThatThereIsNoMicrocode) {
  const auto inventory = with_cpuinfo("processor\t: 0\nCPU implementer\t: 0x41\n\n", 1);
  EXPECT_THAT(inventory.notes, Contains("cpuinfo: package 0 shows no microcode version"));
}

Inventory with_meminfo(const std::string& text, std::uint64_t in_nodes) {
  const TestFolder tree;
  tree.file("proc/meminfo", text);
  Inventory inventory{.numa_nodes = {NumaNode{.memory_bytes = in_nodes}}, .memory_bytes = in_nodes};
  read_memory_total(tree.path(), inventory);
  return inventory;
}

TEST(MemoryTotal, ThatAgreesWithTheNodesIsNotWorthANote) {
  const auto inventory = with_meminfo("MemTotal:       1000 kB\nMemFree: 1 kB\n", 1000 * 1024);
  EXPECT_EQ(inventory.memory_bytes, 1000u * 1024);
  EXPECT_TRUE(inventory.notes.empty());
}

TEST(MemoryTotal, TheLargerCountsAndADifferenceIsNoted) {
  for (const std::uint64_t in_nodes : {500u * 1024, 1000u * 1024}) {
    const auto inventory = with_meminfo(
        in_nodes == 500u * 1024 ? "MemTotal: 1000 kB\n" : "MemTotal: 500 kB\n", in_nodes);
    EXPECT_EQ(inventory.memory_bytes, 1000u * 1024);
    EXPECT_THAT(inventory.notes, Contains(HasSubstr("the larger counts")));
  }
}

TEST(MemoryTotal, ThatCannotBeReadIsNotedAndTheNodesCount) {
  const auto inventory = with_meminfo("MemFree: 1 kB\n", 7);
  EXPECT_EQ(inventory.memory_bytes, 7u);
  EXPECT_THAT(inventory.notes, Contains(HasSubstr("no MemTotal")));
}

TEST(OsRelease, WithoutANameIsNoted) {
  const TestFolder tree;
  tree.file("etc/os-release", "ID=unnamed\n");
  Inventory inventory;
  read_firmware(tree.path(), inventory);
  EXPECT_THAT(inventory.notes, Contains("os: etc/os-release has no PRETTY_NAME"));
}

}  // namespace
}  // namespace rackproof
