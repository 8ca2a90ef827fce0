// SPDX-License-Identifier: Apache-2.0
#include "hardware/inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "core/folder_for_test.h"

namespace rackproof {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

template <class T>
std::uint32_t pus(const std::vector<T>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0u,
                         [](std::uint32_t n, const T& p) { return n + p.pus; });
}

TEST(LiveInventory, PackagesAndNumaNodesAgreeOnTheProcessors) {
  const auto inventory = read_inventory();
  ASSERT_TRUE(inventory) << inventory.error().text();
  EXPECT_GT(pus(inventory->packages), 0u);
  EXPECT_EQ(pus(inventory->packages), pus(inventory->numa_nodes));
  EXPECT_GT(inventory->memory_bytes, 0u);
  std::uint64_t in_nodes = 0;
  for (const NumaNode& node : inventory->numa_nodes) in_nodes += node.memory_bytes;
  EXPECT_GE(inventory->memory_bytes, in_nodes);
}

TEST(LiveInventory, NamesTheRunningKernel) {
  utsname live{};
  ASSERT_EQ(::uname(&live), 0);
  const auto inventory = read_inventory();
  ASSERT_TRUE(inventory) << inventory.error().text();
  EXPECT_EQ(inventory->kernel, live.release);
  EXPECT_EQ(inventory->architecture, live.machine);
}

TEST(LiveInventory, EveryParentOfAPciDeviceIsThereAndABridge) {
  const auto inventory = read_inventory();
  ASSERT_TRUE(inventory) << inventory.error().text();
  for (const PciDevice& device : inventory->pci) {
    if (device.parent.empty()) continue;
    const auto same = [&](const PciDevice& d) { return d.bdf == device.parent; };
    const auto parent = std::find_if(inventory->pci.begin(), inventory->pci.end(), same);
    ASSERT_NE(parent, inventory->pci.end()) << device.bdf;
    EXPECT_TRUE(parent->class_id.starts_with("06")) << device.bdf;
  }
}

TEST(LiveInventory, SurvivesTheWayThroughJson) {
  const auto inventory = read_inventory();
  ASSERT_TRUE(inventory) << inventory.error().text();
  const auto again = inventory_from_json(to_json(*inventory));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(to_json(*again), to_json(*inventory));
}

TEST(Inventory, OfAnEmptyRootNotesEverythingThatIsMissing) {
  const TestFolder tree;
  const auto inventory = read_inventory({.root = tree.path()});
  ASSERT_TRUE(inventory) << inventory.error().text();
  for (const char* part : {"hostname: ", "kernel: ", "architecture: ", "boot id: ", "os: ", "dmi: ",
                           "topology: ", "cpuinfo: ", "pci: "}) {
    EXPECT_THAT(inventory->notes, Contains(testing::StartsWith(part)));
  }
}

TEST(Inventory, SurvivesLinksThatGoInCircles) {
  const TestFolder tree;
  for (const char* path : {"sys/bus/pci/devices", "sys/class/dmi/id", "proc/cpuinfo",
                           "proc/meminfo", "proc/sys/kernel/hostname", "etc/os-release"}) {
    tree.link(path, std::filesystem::path(path).filename());
  }
  const auto inventory = read_inventory({.root = tree.path()});
  ASSERT_TRUE(inventory);
  EXPECT_THAT(inventory->notes, testing::Contains(testing::HasSubstr("sys/bus/pci/devices")));
  EXPECT_EQ(inventory->memory_bytes, 0U);
}

// Nothing of it can be true; what matters is that it is read, written down and told.
TEST(Inventory, SurvivesHugeAndNegativeNumbers) {
  const TestFolder tree;
  tree.file("proc/meminfo", "MemTotal: -5 kB\nMemTotal: 99999999999999999999999 kB\n");
  tree.file("proc/cpuinfo", "processor : -1\nphysical id : 99999999999999999999\n");
  const auto inventory = read_inventory({.root = tree.path()});
  ASSERT_TRUE(inventory);
  EXPECT_EQ(inventory->memory_bytes, 0U);
  EXPECT_THAT(inventory->notes, testing::Contains("memory: proc/meminfo has no MemTotal"));
}

TEST(Inventory, OfARootThatIsNoFolderIsRefused) {
  const auto inventory = read_inventory({.root = "/no/such/root"});
  ASSERT_FALSE(inventory);
  EXPECT_THAT(inventory.error().text(),
              AllOf(HasSubstr("/no/such/root"), HasSubstr("not a folder")));
}

TEST(Inventory, ReadsFirmwareAndKernelBelowTheRoot) {
  const TestFolder tree;
  tree.file("sys/class/dmi/id/product_name", "XE9680 \n");
  tree.file("sys/class/dmi/id/product_serial", "ABC123\n");
  tree.file("proc/sys/kernel/hostname", "node7\n");
  tree.file("proc/sys/kernel/osrelease", "6.1.0-30-amd64\n");
  tree.file("proc/sys/kernel/arch", "x86_64\n");
  tree.file("proc/sys/kernel/random/boot_id", "9b6f0c5e-0000-4000-8000-000000000001\n");
  tree.file("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
  const auto inventory = read_inventory({.root = tree.path()});
  ASSERT_TRUE(inventory) << inventory.error().text();
  EXPECT_EQ(inventory->hostname, "node7");
  EXPECT_EQ(inventory->kernel, "6.1.0-30-amd64");
  EXPECT_EQ(inventory->architecture, "x86_64");
  EXPECT_EQ(inventory->boot_id, "9b6f0c5e-0000-4000-8000-000000000001");
  EXPECT_EQ(inventory->os, "Debian GNU/Linux 12");
  EXPECT_EQ(inventory->dmi, (std::map<std::string, std::string>{{"product_name", "XE9680"},
                                                                {"product_serial", "ABC123"}}));
}

TEST(Inventory, NotesADmiFieldThatCannotBeRead) {
  const TestFolder tree;
  tree.file("sys/class/dmi/id/board_serial/in_the_way", "");  // a folder where a file should be
  const auto inventory = read_inventory({.root = tree.path()});
  ASSERT_TRUE(inventory) << inventory.error().text();
  EXPECT_EQ(inventory->dmi.count("board_serial"), 0u);
  EXPECT_THAT(inventory->notes,
              Contains(AllOf(HasSubstr("dmi: board_serial"), HasSubstr("Is a directory"))));
}

TEST(Inventory, JsonWithAMissingUnknownOrImpossibleFieldIsRefused) {
  const Json good =
      to_json(Inventory{.packages = {CpuPackage{.model = "x", .cores = 2, .pus = 4}}});
  ASSERT_TRUE(inventory_from_json(good));
  const auto problem = [&](const char* pointer, const Json& value) {
    Json changed = good;
    changed[Json::json_pointer(pointer)] = value;
    const auto read = inventory_from_json(changed);
    return read ? std::string("accepted") : read.error().text();
  };
  EXPECT_THAT(problem("/surprise", 1), HasSubstr("/surprise"));
  EXPECT_THAT(problem("/packages/0/cores", -1), HasSubstr("/packages/0/cores"));
  EXPECT_THAT(problem("/packages/0/cores", 1.5), HasSubstr("/packages/0/cores"));
  EXPECT_THAT(problem("/memory_bytes", true), HasSubstr("not a hardware inventory"));
  EXPECT_THAT(problem("/kernel", 6), HasSubstr("not a hardware inventory"));
  Json missing = good;
  missing.erase("notes");
  EXPECT_THAT(inventory_from_json(missing).error().text(), HasSubstr("notes"));
  EXPECT_FALSE(inventory_from_json(Json::array()));
}

Inventory one_device(PciLink link, std::uint32_t corrected = 0, std::uint32_t uncorrected = 0) {
  PciDevice device{
      .bdf = "0000:1b:00.0", .class_id = "0302", .name = "NVIDIA H100", .parent = "0000:1a:01.0"};
  device.link = link;
  device.has_aer = true;
  device.aer_corrected = corrected;
  device.aer_uncorrected = uncorrected;
  return Inventory{.pci = {device}};
}

TEST(InventoryText, NamesADowntrainedLinkAndItsBridge) {
  const std::string text = describe(one_device({16, 32, 8, 16, 32, 16}));
  EXPECT_THAT(
      text,
      HasSubstr("0000:1b:00.0 runs at 16 GT/s x8, can 32 GT/s x16, below bridge 0000:1a:01.0"));
}

TEST(InventoryText, AFullLinkRaisesNoAlarm) {
  const std::string text = describe(one_device({32, 32, 16, 16, 32, 16}));
  EXPECT_THAT(text, HasSubstr("attention nothing found"));
  EXPECT_THAT(text, testing::Not(HasSubstr("slot ")));
}

TEST(InventoryText, SaysWhenTheSlotAndNotTheLinkIsTheLimit) {
  const std::string text = describe(one_device({16, 16, 8, 8, 32, 16}));
  EXPECT_THAT(text, HasSubstr("attention nothing found"));
  EXPECT_THAT(text, HasSubstr("0000:1b:00.0 can 32 GT/s x16, its slot 16 GT/s x8"));
}

TEST(InventoryText, NamesLatchedErrors) {
  const std::string text = describe(one_device({}, 1u << 6 | 1u << 12, 1u << 14 | 1u << 31));
  EXPECT_THAT(text, HasSubstr("0000:1b:00.0 latched corrected: bad TLP, replay timer timeout"));
  EXPECT_THAT(text, HasSubstr("0000:1b:00.0 latched uncorrected: completion timeout, bit 31"));
}

TEST(InventoryText, ShowsEveryNote) {
  EXPECT_THAT(describe(Inventory{.notes = {"dmi: not there", "pci: not there"}}),
              AllOf(HasSubstr("dmi: not there"), HasSubstr("pci: not there")));
}

}  // namespace
}  // namespace rackproof
