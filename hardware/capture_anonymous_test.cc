// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_anonymous.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rackproof {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Anonymous of_node7() {
  Inventory inventory;
  inventory.hostname = "node7";
  inventory.dmi = {
      {"product_serial", "ABC123"}, {"product_name", "XE9680"}, {"board_serial", "None"}};
  inventory.os_devices = {{"nvme0n1", "block", "0000:1b:00.0", {{"SerialNumber", "S5XNNG0N"}}}};
  return Anonymous(inventory);
}

TEST(Anonymous, ASecretIsTheSameHashEverywhere) {
  const std::string name = Anonymous::name("ABC123");
  EXPECT_THAT(name, StartsWith("anon-"));
  EXPECT_EQ(of_node7().text("DMI: XE9680 ABC123, again ABC123."),
            "DMI: XE9680 " + name + ", again " + name + ".");
  EXPECT_EQ(of_node7().file("sys/class/dmi/id/product_serial", "ABC123\n"), name + "\n");
}

TEST(Anonymous, HostNamesAndDrivesAreHidden) {
  const std::string text = of_node7().text("Nov 21 11:41:02 node7 kernel: nvme0n1: S5XNNG0N");
  EXPECT_THAT(text, Not(HasSubstr("node7")));
  EXPECT_THAT(text, Not(HasSubstr("S5XNNG0N")));
  EXPECT_THAT(text, HasSubstr("nvme0n1"));
}

TEST(Anonymous, WordsThatMerelyHoldASecretStay) {
  EXPECT_EQ(of_node7().text("node77 anode7 XABC123"), "node77 anode7 XABC123");
}

TEST(Anonymous, AddressesKeepTheirForm) {
  const std::string text = of_node7().text("eth0: 3c:ec:ef:12:34:56, bond0: 3C:EC:EF:12:34:56\n");
  EXPECT_THAT(text, testing::MatchesRegex("eth0: 02(:[0-9a-f][0-9a-f])+, bond0: 02.*\n"));
  EXPECT_EQ(text.substr(6, 17), text.substr(32, 17));
  EXPECT_THAT(of_node7().text("guid 506b:4b03:00cb:c7c4"), Not(HasSubstr("506b")));
}

TEST(Anonymous, WhatIdentifiesNobodyStays) {
  for (const char* text :
       {"0000:1b:00.0", "12:34:56", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "00: 86 80 57 0d"}) {
    EXPECT_EQ(of_node7().text(text), text);
  }
  EXPECT_EQ(of_node7().file("sys/class/dmi/id/board_serial", "None\n"), "None\n");
}

TEST(Anonymous, HwlocsOwnWordsAreHidden) {
  const std::string xml = of_node7().xml(
      "<info name=\"HostName\" value=\"x\"/>\n<info name=\"DMIProductSerial\" value=\"a&amp;b\"/>\n"
      "<info name=\"Address\" value=\"3c:ec:ef:12:34:56\"/>\n<info name=\"CPUModel\" "
      "value=\"Y\"/>\n");
  EXPECT_THAT(xml, Not(HasSubstr("\"x\"")));
  EXPECT_THAT(xml, Not(HasSubstr("a&amp;b")));
  EXPECT_THAT(xml, HasSubstr("value=\"02:"));
  EXPECT_THAT(xml, HasSubstr("value=\"Y\""));
}

}  // namespace
}  // namespace rackproof
