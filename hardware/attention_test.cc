// SPDX-License-Identifier: Apache-2.0
#include "hardware/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/folder_for_test.h"
#include "hardware/hgx_for_test.h"
#include "hardware/pci.h"

namespace rackproof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Inventory inventory_of(const std::string& text, bool dump) {
  const TestFolder tree;
  Inventory inventory;
  InventorySources sources;
  sources.root.clear();
  (dump ? sources.pci_dump : sources.lspci_text) = tree.file("node", text);
  const auto done = read_pci(sources, inventory);
  EXPECT_TRUE(done) << done.error().text();
  return inventory;
}

// The same from the dump and from the text: their texts, without what only one of them names.
std::vector<Notice> found(const HgxFaults& faults) {
  const auto from_dump = attention(inventory_of(Hgx(faults).dump(), true));
  const auto from_text = attention(inventory_of(Hgx(faults).verbose(), false));
  EXPECT_EQ(from_dump.size(), from_text.size());
  for (std::size_t i = 0; i < std::min(from_dump.size(), from_text.size()); ++i) {
    EXPECT_EQ(from_dump[i].cause, from_text[i].cause);
    EXPECT_EQ(from_dump[i].part, from_text[i].part);
  }
  return from_text;
}

TEST(Attention, AHealthyMachineHasNone) { EXPECT_THAT(found({}), IsEmpty()); }

TEST(Attention, NamesADowntrainedLinkItsBridgeAndItsSlot) {
  const auto all = found({.downtrained = {"0000:53:00.0"}});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].cause, "link.downtrained");
  EXPECT_EQ(
      all[0].text,
      "0000:53:00.0 runs at 16 GT/s x8, can 32 GT/s x16, below bridge 0000:51:01.0 (slot 83, "
      "Broadcom / LSI PEX890xx PCIe Gen 5 Switch): NVIDIA Corporation GH100 [H200 SXM 141GB]");
}

TEST(Attention, NamesLatchedErrors) {
  const auto all = found({.latched = {"0000:13:00.0"}});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].cause, "pcie.uncorrected");
  EXPECT_THAT(all[0].text, HasSubstr("0000:13:00.0 latched uncorrected: completion timeout"));
  EXPECT_EQ(all[1].cause, "pcie.corrected");
  EXPECT_THAT(all[1].text, HasSubstr("bad TLP"));
}

TEST(Attention, NamesTheBridgeWithoutTheDeviceThatItsSiblingsHave) {
  const auto all = found({.absent = {"0000:34:00.0"}});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].cause, "device.missing");
  EXPECT_EQ(all[0].part, "0000:31:02.0");
  EXPECT_THAT(all[0].text, HasSubstr("bridge 0000:31:02.0 (slot 52) has no device below, its 7 "
                                     "siblings have one of 10de:2335"));
}

TEST(Attention, AGapThatEverySwitchHasIsNone) {
  EXPECT_THAT(found({.absent = {"0000:14:00.0", "0000:34:00.0", "0000:54:00.0", "0000:74:00.0"}}),
              IsEmpty());
}

TEST(Attention, SiblingsAreNamedByNameWhereATextHasNoNumbers) {
  const Hgx machine({.absent = {"0000:34:00.0"}});
  const auto all = attention(inventory_of(machine.verbose(false, false), false));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_THAT(all[0].text, HasSubstr("have one of NVIDIA Corporation GH100"));
}

// Eight root ports with a GPU each, where no switch gives positions.
std::string eight_root_ports(int absent) {
  std::string text;
  for (int i = 1; i <= 8; ++i) {
    const auto bus = static_cast<std::uint8_t>(i);
    text += ConfigSpace(fmt::format("0000:00:{:02x}.0", i), 0x8086, 0x352a, 0x0604)
                .bridge(0, bus, bus)
                .express(4, 5, 16, 5, 16)
                .text();
    if (i <= 8 - absent) {
      text += ConfigSpace(fmt::format("0000:{:02x}:00.0", i), 0x10de, 0x2335, 0x0302).text();
    }
  }
  return text;
}

TEST(Attention, OneGapAmongManyAlikeIsNamedAndManyGapsAreNot) {
  const auto one = attention(inventory_of(eight_root_ports(1), true));
  ASSERT_EQ(one.size(), 1u);
  EXPECT_THAT(one[0].text, HasSubstr("bridge 0000:00:08.0 has no device below, its 7 siblings have "
                                     "one of 10de:2335"));
  EXPECT_THAT(attention(inventory_of(eight_root_ports(4), true)), IsEmpty());
}

ConfigSpace root_port(bool up) {
  ConfigSpace port("0000:00:01.0", 0x8086, 0x352a, 0x0604);
  port.bridge(0, 1, 1).express(4, 5, 16, up ? 5 : 1, up ? 16 : 0);
  return port;
}

TEST(Attention, ALinkThatIsUpWithNobodyBelowIsNamedOnce) {
  const auto all = attention(inventory_of(root_port(true).link_up().text(), true));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_THAT(all[0].text,
              HasSubstr("bridge 0000:00:01.0 has its link up, but no device answers below"));
}

TEST(Attention, ASlotThatSensesACardWithoutALinkIsNamed) {
  const auto all = attention(inventory_of(root_port(false).slot(7, true).text(), true));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_THAT(all[0].text, HasSubstr("bridge 0000:00:01.0 (slot 7) senses a card in its slot, but "
                                     "the link is down"));
  EXPECT_THAT(attention(inventory_of(root_port(false).slot(7, false).text(), true)), IsEmpty());
}

TEST(Attention, ASwitchThatLostAPortIsNamed) {
  std::string text = Hgx().dump();
  const auto from = text.find("0000:31:03.0"), to = text.find("0000:00:03.0");
  text.erase(from, to - from);
  const auto all = attention(inventory_of(text, true));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].part, "0000:30:00.0");
  EXPECT_THAT(all[0].text, HasSubstr("has 3 ports below, its 3 peers have 4"));
}

TEST(Attention, ADeviceThatDoesNotAnswerIsFatal) {
  PciDevice lost{.bdf = "0000:1b:00.0", .parent = "0000:1a:01.0"};
  lost.answers = false;
  const auto all = attention(Inventory{.pci = {lost}});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].severity, "fatal");
  EXPECT_THAT(all[0].text, HasSubstr("below bridge 0000:1a:01.0"));
}

TEST(KernelFindings, CountsAlikeEventsOfOnePart) {
  KernelRecord record;
  record.text = "NVRM: Xid (PCI:0000:1b:00): 79, pid=1, GPU has fallen off the bus.";
  record.boot_s = 12.5;
  KernelRecord plain;
  plain.text = "Linux version 6.1.0";
  const auto all = kernel_findings({plain, record, record});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].cause, "gpu.xid.79");
  EXPECT_EQ(all[0].text,
            "kernel log [12.500000]: NVRM: Xid (PCI:0000:1b:00): 79, pid=1, GPU has fallen off the "
            "bus. (2 times)");
  EXPECT_THAT(all[0].next_step, testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace rackproof
