// SPDX-License-Identifier: Apache-2.0
#include "hardware/utf8_line.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/folder_for_test.h"
#include "core/json.h"
#include "hardware/inventory.h"
#include "hardware/sensor.h"

namespace rackproof {
namespace {

TEST(Utf8Line, KeepsTextAndReplacesTheRest) {
  EXPECT_EQ(utf8_line("Intel® Xeon"), "Intel® Xeon");
  EXPECT_EQ(utf8_line("S/N \xff\xfe"), "S/N \xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(utf8_line(std::string_view("a\0b\x1b[31m\n", 9)), "a b [31m ");
}

TEST(Utf8Line, AnInventoryOfBinaryFirmwareCanBeWrittenDown) {
  const TestFolder tree;
  for (const char* file : {"sys/class/dmi/id/product_serial", "proc/sys/kernel/hostname",
                           "proc/sys/kernel/random/boot_id", "proc/cpuinfo", "etc/os-release"}) {
    tree.file(file, "PRETTY_NAME=\xff\xff\x80 processor : \xff");
  }
  const auto inventory = read_inventory({.root = tree.path()});
  ASSERT_TRUE(inventory);
  EXPECT_NO_THROW((void)to_json(*inventory).dump());
}

TEST(Utf8Line, ASensorOfBinaryNonsenseCanBeWrittenDown) {
  const TestFolder tree;
  tree.file("sys/class/hwmon/hwmon0/temp1_input", std::string(3000, '\xff'));
  tree.file("sys/class/hwmon/hwmon0/temp2_input", "21000");
  tree.file("sys/class/hwmon/hwmon0/name", "chip\xff");
  for (const auto& source : open_sensors(tree.path())) {
    for (const Reading& reading : source->read()) {
      EXPECT_NO_THROW((void)Json(reading.detail).dump()) << reading.sensor;
      EXPECT_LT(reading.detail.size(), 1000U) << reading.sensor;
    }
  }
}

TEST(Utf8Line, TakesOutTheSecondSetOfControlCharacters) {
  EXPECT_EQ(utf8_line("a\xc2\x9b"
                      "2Jb\xc2\xb0"),
            "a 2Jb\xc2\xb0");
}

}  // namespace
}  // namespace rackproof
