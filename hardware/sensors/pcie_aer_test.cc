// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
constexpr const char* kDevice = "sys/bus/pci/devices/0000:1b:00.0/";

TEST(PcieAer, CountsTheTotalAndNamesTheKindsThatOccurred) {
  const TestFolder tree;
  const std::string device = kDevice;
  tree.file(device + "aer_dev_correctable",
            "RxErr 2\nBadTLP 0\nBadDLLP 1\nRollover 0\nTOTAL_ERR_COR 3\n");
  tree.file(device + "aer_dev_nonfatal", "Undefined 0\nDLP 0\nTOTAL_ERR_NONFATAL 0\n");
  tree.file(device + "aer_dev_fatal", "Undefined 0\nSDES 1\nTOTAL_ERR_FATAL 1\n");
  const auto readings = source("aer", tree.path())->read();
  ASSERT_EQ(readings.size(), 3u);
  expect_counter(readings, "pcie.0000:1b:00.0.aer.corrected", 3);
  expect_counter(readings, "pcie.0000:1b:00.0.aer.nonfatal", 0);
  expect_counter(readings, "pcie.0000:1b:00.0.aer.fatal", 1);
  EXPECT_EQ(readings[0].detail, "RxErr 2, BadDLLP 1");
  EXPECT_EQ(readings[1].detail, "");
  EXPECT_EQ(readings[2].detail, "SDES 1");
}

TEST(PcieAer, ARootPortCountsWhatCameFromBelow) {
  const TestFolder tree;
  tree.file("sys/bus/pci/devices/0000:1a:01.0/aer_rootport_total_err_cor", "4\n");
  tree.file("sys/bus/pci/devices/0000:1a:01.0/aer_rootport_total_err_nonfatal", "0\n");
  tree.file("sys/bus/pci/devices/0000:1a:01.0/aer_rootport_total_err_fatal", "1\n");
  tree.file("sys/bus/pci/devices/0000:00:00.0/vendor", "0x8086\n");
  const auto readings = source("aer", tree.path())->read();
  EXPECT_EQ(readings.size(), 3u);
  expect_counter(readings, "pcie.0000:1a:01.0.rootport.corrected", 4);
  expect_counter(readings, "pcie.0000:1a:01.0.rootport.fatal", 1);
}

TEST(PcieAer, ACutOrForeignFileIsAnError) {
  for (const char* text : {"", "RxErr 0\nBadTLP 0\n", "TOTAL_ERR_COR x\n", "TOTAL_ERR_COR -1\n",
                           "TOTAL_ERR_COR", "TOTAL_ERR_COR \n"}) {
    const TestFolder tree;
    tree.file(kDevice + std::string("aer_dev_correctable"), text);
    expect_no_value(source("aer", tree.path())->read(), "pcie.0000:1b:00.0.aer.corrected",
                    State::error, "aer_dev_correctable: ");
  }
}

TEST(PcieAer, AHugeFileIsAnError) {
  const TestFolder tree;
  tree.file(kDevice + std::string("aer_dev_correctable"),
            std::string(200000, '\n') + "TOTAL_ERR_COR 1\n");
  expect_no_value(source("aer", tree.path())->read(), "pcie.0000:1b:00.0.aer.corrected",
                  State::error, "longer than 65536 bytes");
}

}  // namespace
}  // namespace rackproof
