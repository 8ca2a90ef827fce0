// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;

void add_interface(const TestFolder& tree, const std::string& name, bool real) {
  const std::string folder = "sys/class/net/" + name + "/";
  tree.file(folder + "statistics/rx_errors", "4\n");
  tree.file(folder + "statistics/rx_crc_errors", "3\n");
  tree.file(folder + "statistics/rx_bytes", "123456\n");
  tree.file(folder + "carrier_changes", "2\n");
  if (real) tree.link(folder + "device", "../../../0000:3b:00.0");
}

TEST(Nic, CountsTheErrorsOfInterfacesWithADevice) {
  const TestFolder tree;
  add_interface(tree, "eth0", true);
  add_interface(tree, "veth1", false);
  const auto readings = source("nic", tree.path())->read();
  ASSERT_EQ(readings.size(), 3u);
  expect_counter(readings, "nic.eth0.rx_errors", 4);
  expect_counter(readings, "nic.eth0.rx_crc_errors", 3);
  expect_counter(readings, "nic.eth0.carrier_changes", 2);
  EXPECT_EQ(readings[0].detail, "at 0000:3b:00.0");
}

TEST(Nic, NamesOfStrangeBytesStayApartAndPrintable) {
  const TestFolder tree;
  add_interface(tree, "eth\xff", true);
  add_interface(tree, "eth\xfe", true);
  add_interface(tree, "a,\"*", true);
  const auto readings = source("nic", tree.path())->read();
  EXPECT_EQ(readings.size(), 9u);
  expect_counter(readings, "nic.eth%ff.rx_errors", 4);
  expect_counter(readings, "nic.eth%fe.rx_errors", 4);
  expect_counter(readings, "nic.a%2c%22%2a.rx_errors", 4);
}

TEST(Nic, ACountBelowZeroOfADriverIsAnError) {
  const TestFolder tree;
  add_interface(tree, "eth0", true);
  tree.file("sys/class/net/eth0/statistics/tx_errors", "18446744073709551615\n");
  expect_no_value(source("nic", tree.path())->read(), "nic.eth0.tx_errors", State::error,
                  "not a whole number");
}

TEST(Nic, ManyVirtualInterfacesAreNoSensors) {
  const TestFolder tree;
  for (int i = 0; i < 200; ++i) {
    std::filesystem::create_directories(tree.path() / ("sys/class/net/veth" + std::to_string(i)));
  }
  add_interface(tree, "eth0", true);
  EXPECT_EQ(source("nic", tree.path())->read().size(), 3u);
}

}  // namespace
}  // namespace rackproof
