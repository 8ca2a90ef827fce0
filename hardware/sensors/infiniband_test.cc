// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

constexpr const char* kPort = "sys/class/infiniband/mlx5_0/ports/1/counters/";

TEST(Infiniband, CountsTheErrorsOfEachPort) {
  const TestFolder tree;
  tree.file(kPort + std::string("symbol_error"), "12\n");
  tree.file(kPort + std::string("link_downed"), "1\n");
  tree.file(kPort + std::string("port_rcv_data"), "999\n");
  tree.file("sys/class/infiniband/mlx5_0/ports/2/counters/symbol_error", "0\n");
  const auto readings = source("infiniband", tree.path())->read();
  EXPECT_EQ(readings.size(), 3u);
  expect_counter(readings, "ib.mlx5_0.port1.symbol_error", 12);
  expect_counter(readings, "ib.mlx5_0.port1.link_downed", 1);
  expect_counter(readings, "ib.mlx5_0.port2.symbol_error", 0);
}

TEST(Infiniband, ACounterAtItsGreatestValueShowsNothingMoreAndIsAnError) {
  const TestFolder tree;
  tree.file(kPort + std::string("symbol_error"), "65535\n");
  tree.file(kPort + std::string("link_downed"), "254\n");
  tree.file(kPort + std::string("local_link_integrity_errors"), "15\n");
  const auto readings = source("infiniband", tree.path())->read();
  expect_no_value(readings, "ib.mlx5_0.port1.symbol_error", Reading::State::error,
                  "'65535' is where this counter stops counting");
  expect_counter(readings, "ib.mlx5_0.port1.link_downed", 254);
  expect_no_value(readings, "ib.mlx5_0.port1.local_link_integrity_errors", Reading::State::error,
                  "stops counting");
}

}  // namespace
}  // namespace rackproof
