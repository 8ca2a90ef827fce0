// SPDX-License-Identifier: Apache-2.0
#include "hardware/pci.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/folder_for_test.h"
#include "hardware/libpci_access.h"
#include "hardware/pci_dump_for_test.h"

namespace rackproof {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr int kEndpoint = 0, kRootPort = 4, kUpstream = 5, kDownstream = 6;

ConfigSpace gpu(const std::string& bdf) { return {bdf, 0x10de, 0x2330, 0x0302}; }
ConfigSpace port(const std::string& bdf) { return {bdf, 0x8086, 0x352a, 0x0604}; }

Expected<Inventory> read_dump(const std::string& text) {
  const TestFolder tree;
  Inventory inventory;
  const InventorySources sources{.root = tree.path(), .pci_dump = tree.file("node.pci", text)};
  if (const auto done = read_pci(sources, inventory); !done) return tl::unexpected(done.error());
  return inventory;
}

Inventory read_devices(const std::vector<ConfigSpace>& devices) {
  std::string text;
  for (const ConfigSpace& device : devices) text += device.text();
  auto inventory = read_dump(text);
  EXPECT_TRUE(inventory) << inventory.error().text();
  return inventory ? *inventory : Inventory{};
}

PciDevice device(const Inventory& inventory, const std::string& bdf) {
  const auto found = std::find_if(inventory.pci.begin(), inventory.pci.end(),
                                  [&](const PciDevice& d) { return d.bdf == bdf; });
  EXPECT_NE(found, inventory.pci.end()) << bdf;
  return found == inventory.pci.end() ? PciDevice{} : *found;
}

// One GPU at full speed, one downtrained, one in a narrow slot.
Inventory three_gpus() {
  return read_devices({port("0000:00:01.0").bridge(0, 1, 1).express(kRootPort, 5, 16, 5, 16),
                       port("0000:00:02.0").bridge(0, 2, 2).express(kRootPort, 5, 16, 4, 8),
                       port("0000:00:03.0").bridge(0, 3, 3).express(kRootPort, 4, 8, 4, 8),
                       gpu("0000:01:00.0").express(kEndpoint, 5, 16, 5, 16),
                       gpu("0000:02:00.0").express(kEndpoint, 5, 16, 4, 8),
                       gpu("0000:03:00.0").express(kEndpoint, 5, 16, 4, 8)});
}

TEST(Pci, TellsTheDowntrainedLinkFromTheFullAndTheNarrowOne) {
  const Inventory inventory = three_gpus();
  EXPECT_FALSE(device(inventory, "0000:01:00.0").link.downtrained());
  EXPECT_TRUE(device(inventory, "0000:02:00.0").link.downtrained());
  EXPECT_FALSE(device(inventory, "0000:03:00.0").link.downtrained());
  EXPECT_EQ(std::count_if(inventory.pci.begin(), inventory.pci.end(),
                          [](const PciDevice& d) { return d.link.downtrained(); }),
            1);
  EXPECT_THAT(
      describe(inventory),
      HasSubstr("0000:02:00.0 runs at 16 GT/s x8, can 32 GT/s x16, below bridge 0000:00:02.0"));
}

TEST(Pci, NamesTheDeviceItsClassAndItsParent) {
  const PciDevice found = device(three_gpus(), "0000:01:00.0");
  EXPECT_EQ(found.vendor_id, "10de");
  EXPECT_EQ(found.device_id, "2330");
  EXPECT_EQ(found.class_id, "0302");
  EXPECT_EQ(found.parent, "0000:00:01.0");
  EXPECT_EQ(found.numa_node, -1);
  EXPECT_FALSE(found.name.empty());
}

TEST(Pci, FindsTheNearestBridgeThroughASwitch) {
  const Inventory inventory =
      read_devices({port("0000:00:01.0").bridge(0, 1, 9).express(kRootPort, 5, 16, 5, 16),
                    port("0000:01:00.0").bridge(1, 2, 9).express(kUpstream, 5, 16, 5, 16),
                    port("0000:02:00.0").bridge(2, 3, 5).express(kDownstream, 5, 16, 5, 8),
                    gpu("0000:03:00.0").express(kEndpoint, 5, 16, 5, 8), gpu("0000:04:00.0"),
                    gpu("0001:03:00.0")});
  EXPECT_EQ(device(inventory, "0000:03:00.0").parent, "0000:02:00.0");
  EXPECT_TRUE(device(inventory, "0000:03:00.0").link.downtrained());
  EXPECT_EQ(device(inventory, "0000:02:00.0").parent, "0000:01:00.0");
  EXPECT_EQ(device(inventory, "0000:01:00.0").parent, "0000:00:01.0");
  EXPECT_EQ(device(inventory, "0000:04:00.0").parent, "0000:02:00.0");  // a virtual function's bus
  EXPECT_EQ(device(inventory, "0001:03:00.0").parent, "");              // another domain
}

TEST(Pci, ReadsLatchedErrorsWhereTheyCanBeRead) {
  const Inventory inventory =
      read_devices({gpu("0000:01:00.0").express(kEndpoint, 5, 16, 5, 16).aer(0x41, 0x4000),
                    gpu("0000:02:00.0").express(kEndpoint, 5, 16, 5, 16).aer(0xffffffff, 0)});
  const PciDevice found = device(inventory, "0000:01:00.0");
  EXPECT_TRUE(found.has_aer);
  EXPECT_EQ(found.aer_corrected, 0x41u);
  EXPECT_EQ(found.aer_uncorrected, 0x4000u);
  EXPECT_FALSE(
      device(inventory, "0000:02:00.0").has_aer);  // a read that failed is no error latched
}

TEST(Pci, NotesWhatAShortDumpDoesNotHold) {
  const Inventory inventory = read_devices(
      {ConfigSpace("0000:01:00.0", 0x10de, 0x2330, 0x0302, 256).express(kEndpoint, 5, 16, 5, 16)});
  EXPECT_FALSE(device(inventory, "0000:01:00.0").has_aer);
  EXPECT_THAT(inventory.notes, Contains("pci: latched errors (AER) not read: no extended "
                                        "configuration space: 0000:01:00.0"));
  std::string header_only = ConfigSpace("0000:01:00.0", 0x10de, 0x2330, 0x0302, 64).text();
  header_only.replace(header_only.find("00: de 10 30 23 00 00 00"), 24, "00: de 10 30 23 00 00 10");
  const auto truncated = read_dump(header_only);
  ASSERT_TRUE(truncated) << truncated.error().text();
  EXPECT_THAT(truncated->notes, Contains(HasSubstr("link not read")));
}

TEST(Pci, NotesADeviceThatDoesNotAnswer) {
  std::string text = gpu("0000:01:00.0").text();
  text.replace(text.find("de 10 30 23"), 11, "ff ff ff ff");
  const auto virtual_function = read_dump(text);
  ASSERT_TRUE(virtual_function) << virtual_function.error().text();
  EXPECT_THAT(virtual_function->notes, Not(Contains(HasSubstr("all ones"))));
  text.replace(text.find("00 00 02 03"), 11, "ff ff ff ff");
  const auto lost = read_dump(text);
  ASSERT_TRUE(lost) << lost.error().text();
  EXPECT_THAT(lost->notes, Contains(HasSubstr("all ones: 0000:01:00.0")));
}

TEST(Pci, NamesALinkThatIsUpWithNothingBelow) {
  const Inventory inventory =
      read_devices({port("0000:00:01.0").bridge(0, 1, 1).express(kRootPort, 5, 16, 5, 16).link_up(),
                    port("0000:00:02.0").bridge(0, 2, 2).express(kRootPort, 5, 16, 1, 0),
                    port("0000:00:03.0").bridge(0, 3, 3).express(kRootPort, 5, 16, 5, 16).link_up(),
                    gpu("0000:03:00.0").express(kEndpoint, 5, 16, 5, 16)});
  EXPECT_THAT(describe(inventory),
              HasSubstr("bridge 0000:00:01.0 has its link up, but no device answers below"));
}

TEST(Pci, NotesALinkThatCannotBeJudged) {
  const Inventory inventory = read_devices({gpu("0000:00:05.0").express(kEndpoint, 5, 16, 4, 16)});
  EXPECT_FALSE(device(inventory, "0000:00:05.0").link.downtrained());
  EXPECT_THAT(inventory.notes, Contains(HasSubstr("port above is not visible: 0000:00:05.0")));
}

TEST(Pci, ABadDumpIsAnErrorWithFileAndLine) {
  const auto empty = read_dump("");
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().text(), HasSubstr("node.pci: holds no PCI device"));
  const std::string whole = gpu("0000:01:00.0").text();
  const auto cut = read_dump(whole.substr(0, whole.size() / 2));
  ASSERT_FALSE(cut);
  EXPECT_GT(cut.error().line, 100);
}

TEST(Pci, AMissingDumpIsAnError) {
  Inventory inventory;
  const auto done = read_pci({.pci_dump = "/no/such.pci"}, inventory);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text(), HasSubstr("/no/such.pci: cannot read"));
}

// A capability list that loops, points into itself or past the end must not hang or crash libpci.
TEST(Pci, ARingOfCapabilitiesEnds) {
  std::string text = gpu("0000:01:00.0").express(kEndpoint, 5, 16, 5, 16).text();
  text.replace(text.find("40: 10 00"), 9, "40: 10 40");
  EXPECT_EQ(read_dump(text)->pci.size(), 1u);
  text.replace(text.find("40: 10 40"), 9, "40: 10 fc");
  EXPECT_EQ(read_dump(text)->pci.size(), 1u);
}

TEST(Libpci, ItsFatalErrorsAreExceptionsAndTheNextAccessWorks) {
  const TestFolder tree;
  std::vector<std::string> warnings;
  const auto open = [&](const std::string& text) {
    const LibpciAccess access("", tree.file("node.pci", text), warnings);
    return access.devices() != nullptr;
  };
  EXPECT_THROW((void)open("01:00.0 x\n00: 00 zz\n"), LibpciError);
  EXPECT_THROW((void)open("01:00.0 not ended"), LibpciError);
  EXPECT_THROW((void)LibpciAccess("", "/no/such.pci", warnings), LibpciError);
  EXPECT_THROW((void)LibpciAccess("/no/such/bus", "", warnings), LibpciError);
  EXPECT_TRUE(open(gpu("0000:01:00.0").text()));
}

TEST(Drivers, AreNamedByTheirModuleWithItsVersion) {
  const TestFolder tree;
  const std::string folder = "sys/bus/pci/devices/0000:01:00.0/";
  tree.file(folder + "vendor", "0x10de\n");
  tree.file(folder + "device", "0x2330\n");
  tree.file(folder + "class", "0x030200\n");
  tree.file(folder + "irq", "11\n");
  tree.file(folder + "resource", "0x0 0x0 0x0\n");
  tree.file(folder + "numa_node", "1\n");
  tree.file(folder + "config", std::string(64, '\0'));
  tree.link(folder + "driver", "../../../../bus/pci/drivers/nvidia");
  tree.link("sys/bus/pci/drivers/nvidia/module", "../../../../module/nvidia_open");
  tree.file("sys/module/nvidia_open/version", "550.54.15\n");
  Inventory inventory;
  const auto done = read_pci({.root = tree.path()}, inventory);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(device(inventory, "0000:01:00.0").driver, "nvidia");
  EXPECT_EQ(device(inventory, "0000:01:00.0").numa_node, 1);
  EXPECT_EQ(inventory.drivers.at("nvidia_open"), "550.54.15");
}

}  // namespace
}  // namespace rackproof
