// SPDX-License-Identifier: Apache-2.0
#include "hardware/lspci_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "hardware/hgx_for_test.h"

namespace rackproof {
namespace {

using testing::HasSubstr;

std::map<std::string, PciDevice> devices(const std::string& text) {
  auto functions = parse_lspci(text, "node.lspci");
  EXPECT_TRUE(functions) << functions.error().text();
  Inventory inventory;
  if (functions) join_pci(*std::move(functions), inventory);
  std::map<std::string, PciDevice> by_bdf;
  for (const PciDevice& d : inventory.pci) by_bdf[d.bdf] = d;
  return by_bdf;
}

std::string problem(const std::string& text) {
  const auto parsed = parse_lspci(text, "node.lspci");
  return parsed ? "" : parsed.error().text();
}

TEST(LspciText, ReadsNamesNumbersDriverAndNumaNode) {
  const PciDevice gpu = devices(Hgx().verbose()).at("0000:13:00.0");
  EXPECT_EQ(gpu.vendor_id + ":" + gpu.device_id, "10de:2335");
  EXPECT_EQ(gpu.class_id, "0302");
  EXPECT_EQ(gpu.class_name, "3D controller");
  EXPECT_EQ(gpu.name, "NVIDIA Corporation GH100 [H200 SXM 141GB]");
  EXPECT_EQ(gpu.driver, "nvidia");
  EXPECT_EQ(gpu.numa_node, 1);
}

TEST(LspciText, ReadsTheLinkAndItsUpperEnd) {
  const auto all = devices(Hgx({.downtrained = {"0000:13:00.0"}}).verbose());
  const PciDevice gpu = all.at("0000:13:00.0");
  EXPECT_EQ(gpu.parent, "0000:11:01.0");
  EXPECT_TRUE(gpu.link.downtrained());
  EXPECT_EQ(gpu.link.speed_gts, 16);
  EXPECT_EQ(gpu.link.max_speed_gts, 32);
  EXPECT_EQ(gpu.link.width, 8);
  EXPECT_EQ(gpu.link.max_width, 16);
  EXPECT_FALSE(all.at("0000:14:00.0").link.downtrained());
}

TEST(LspciText, ReadsLatchedErrorsAndNotTheirMasks) {
  const auto all = devices(Hgx({.latched = {"0000:14:00.0"}}).verbose());
  EXPECT_TRUE(all.at("0000:14:00.0").has_aer);
  EXPECT_EQ(all.at("0000:14:00.0").aer_corrected, 0x40u);
  EXPECT_EQ(all.at("0000:14:00.0").aer_uncorrected, 0x4000u);
  EXPECT_TRUE(all.at("0000:13:00.0").has_aer);
  EXPECT_EQ(all.at("0000:13:00.0").aer_uncorrected, 0u);
}

TEST(LspciText, ReadsSlotBusesAndSerialNumber) {
  const PciDevice port = devices(Hgx().verbose()).at("0000:11:01.0");
  EXPECT_TRUE(port.bridge.is_port);
  EXPECT_EQ(port.bridge.secondary, 0x13);
  EXPECT_EQ(port.bridge.slot, 0x13);
  EXPECT_EQ(port.bridge.occupied, 0);  // "Changed: PresDet+" is another register
  EXPECT_EQ(port.serial, "00-80-5e-10-3d-64-5c-10");
}

TEST(LspciText, WithoutNumbersOrDomainsItIsTheSameMachine) {
  const auto whole = devices(Hgx().verbose());
  const auto short_form = devices(Hgx().verbose(false, false));
  ASSERT_EQ(short_form.size(), whole.size());
  for (const auto& [bdf, device] : whole) {
    EXPECT_EQ(short_form.at(bdf).parent, device.parent);
    EXPECT_EQ(short_form.at(bdf).name, device.name);
    EXPECT_EQ(short_form.at(bdf).class_id, device.class_id);
    EXPECT_EQ(short_form.at(bdf).link.width, device.link.width);
  }
}

TEST(LspciText, SaysTheSameAsTheDumpOfTheSameMachine) {
  const HgxFaults faults{.downtrained = {"0000:33:00.0"}, .latched = {"0000:54:00.0"}};
  const auto from_text = devices(Hgx(faults).verbose());
  EXPECT_EQ(from_text.size(), 4u * 9);
  EXPECT_EQ(
      std::ranges::count_if(from_text, [](const auto& d) { return d.second.link.downtrained(); }),
      1);
}

TEST(LspciText, ReadsTheWordsOfOlderAndNewerLspci) {
  const std::string head = "01:00.0 3D controller: NVIDIA Corporation GH100 (rev a1)\n";
  const std::string old_words =
      head +
      "\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n\t\tLnkCap:\tPort #0, Speed 8GT/s, "
      "Width x16, ASPM L0s L1, Exit Latency L0s <64ns, L1 <4us\n\t\tLnkSta:\tSpeed 8GT/s, Width "
      "x8, TrErr- Train- SlotClk+ DLActive- BWMgmt- ABWMgmt-\n\n";
  EXPECT_EQ(devices(old_words).at("0000:01:00.0").link.device_width, 16);
  EXPECT_EQ(devices(old_words).at("0000:01:00.0").link.width, 8);
  const std::string new_words =
      head +
      "\tCapabilities: [100 v2] Advanced Error Reporting\n\t\tUESta:\tDLP- SDES- TLP- FCP- "
      "CmpltTO- "
      "CmpltAbrt- UnxCmplt- RxOF- MalfTLP-\n\t\t\tECRC- UnsupReq+ ACSViol- UncorrIntErr+ "
      "BlockedTLP-\n\t\tCESta:\tRxErr- BadTLP- CorrIntErr+ HeaderOF-\n\n";
  EXPECT_EQ(devices(new_words).at("0000:01:00.0").aer_uncorrected, 1u << 20 | 1u << 22);
  EXPECT_EQ(devices(new_words).at("0000:01:00.0").aer_corrected, 1u << 14);
}

TEST(LspciText, WindowsLineEndsAndStrangeBytesAreRead) {
  std::string text = Hgx().verbose();
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) {
    text.insert(at, "\r");
  }
  EXPECT_EQ(devices(text).size(), 36u);
  const auto odd = devices("01:00.0 3D controller: N\xffVIDIA \x1b[31m\n\tNUMA node: 0\n\n");
  EXPECT_EQ(odd.at("0000:01:00.0").name, "N\xef\xbf\xbdVIDIA  [31m");
}

TEST(LspciText, HiddenCapabilitiesAreATrouble) {
  const auto functions =
      parse_lspci("01:00.0 3D controller: x\n\tCapabilities: <access denied>\n\n", "f");
  ASSERT_TRUE(functions);
  EXPECT_THAT(functions->at(0).troubles, testing::Contains(HasSubstr("needs root")));
}

TEST(LspciText, AVolumeManagementDomainHasFiveDigits) {
  const auto all = devices("10000:e1:00.0 Non-Volatile memory controller: x\n\tNUMA node: 0\n\n");
  EXPECT_EQ(all.begin()->first, "10000:e1:00.0");
}

TEST(LspciText, ACutIsRefusedWhereverItStrikes) {
  const std::string text = "01:00.0 3D controller: x\n\tNUMA node: 0\n\n";
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(problem(text.substr(0, length)), "") << "cut to " << length;
  }
  EXPECT_EQ(problem(text.substr(0, text.size() - 1)),
            "node.lspci:2: 0000:01:00.0 is cut off: lspci ends each device with an empty line (add "
            "one if it was trimmed)");
}

TEST(LspciText, NamesAloneAndOtherTextsAreRefused) {
  EXPECT_THAT(problem("01:00.0 3D controller: x\n\n"), HasSubstr("no details: `lspci -vvv -nn`"));
  EXPECT_THAT(problem("01:00.0 3D controller: x\n02:00.0 3D controller: x\n"),
              HasSubstr("node.lspci:2: a device begins before the empty line"));
  EXPECT_THAT(problem("Slot:\t01:00.0\n"), HasSubstr("node.lspci:1: begins no device"));
  EXPECT_THAT(problem("\tNUMA node: 0\n"), HasSubstr("belongs to no device"));
  const std::string one = "01:00.0 3D controller: x\n\tNUMA node: 0\n\n";
  EXPECT_THAT(problem(one + one), HasSubstr("node.lspci:4: 0000:01:00.0 is there twice"));
}

TEST(LspciText, NumbersThatCannotBeAreNoLink) {
  const auto all = devices(
      "01:00.0 3D controller: x\n\tCapabilities: [60] Express (v9) Endpoint, MSI 00\n"
      "\t\tLnkCap:\tPort #0, Speed 1e999GT/s, Width x-4\n\t\tLnkSta:\tSpeed unknown, Width "
      "x99999999999\n\tNUMA node: 99999999999\n\tBus: primary=zz, secondary=\n\n");
  EXPECT_EQ(all.at("0000:01:00.0").link.width, 0);
  EXPECT_EQ(all.at("0000:01:00.0").numa_node, -1);
}

}  // namespace
}  // namespace rackproof
