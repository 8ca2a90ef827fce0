// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;

TEST(Block, ReadsHexadecimalCountersOfDrives) {
  const TestFolder tree;
  tree.file("sys/block/sda/device/model", "INTEL SSDSC2KB96\n");
  tree.file("sys/block/sda/device/ioerr_cnt", "0x1f\n");
  tree.file("sys/block/sda/device/iotmo_cnt", "0x0\n");
  tree.file("sys/block/loop0/size", "0\n");
  tree.file("sys/block/nvme0n1/device/model", "no such counters\n");
  const auto readings = source("block", tree.path())->read();
  ASSERT_EQ(readings.size(), 2u);
  expect_counter(readings, "block.sda.ioerr", 31);
  expect_counter(readings, "block.sda.iotmo", 0);
  EXPECT_EQ(readings[0].detail, "INTEL SSDSC2KB96");
}

TEST(Block, CountsTheErrorsOfAnArraysMembers) {
  const TestFolder tree;
  tree.file("sys/block/md0/md/level", "raid1\n");
  tree.file("sys/block/md0/md/mismatch_cnt", "128\n");
  tree.file("sys/block/md0/md/degraded", "1\n");
  tree.file("sys/block/md0/md/dev-sdb1/errors", "7\n");
  tree.link("sys/block/md0/md/rd1", "dev-sdb1");
  const auto readings = source("block", tree.path())->read();
  EXPECT_EQ(readings.size(), 3u);
  expect_counter(readings, "md.md0.mismatches", 128);
  expect_counter(readings, "md.md0.rd1.errors", 7);
  expect_value(readings, "md.md0.missing", Unit::count, 1);
  EXPECT_FALSE(find(readings, "md.md0.missing").value_or(Reading{}).counter);
}

TEST(Block, NonsenseIsAnError) {
  const TestFolder tree;
  tree.file("sys/block/sda/device/ioerr_cnt", "0x\n");
  tree.file("sys/block/sda/device/iotmo_cnt", "0xffffffffffffffffff\n");
  tree.file("sys/block/sdb/device/ioerr_cnt", std::string("\0\xff\x01", 3));
  const auto readings = source("block", tree.path())->read();
  expect_no_value(readings, "block.sda.ioerr", State::error, "'0x' is not a whole number");
  expect_no_value(readings, "block.sda.iotmo", State::error, "not a whole number");
  expect_no_value(readings, "block.sdb.ioerr", State::error, "not a whole number");
}

}  // namespace
}  // namespace rackproof
