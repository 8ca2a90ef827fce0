// SPDX-License-Identifier: Apache-2.0
#include "backends/host/available.h"

#include "core/folder_for_test.h"

namespace rackproof::host {
namespace {

TEST(Available, IsTheLeastOfNodeMachineAndEveryCgroupAbove) {
  const TestFolder root;
  root.file("proc/meminfo", "MemTotal:  900 kB\nMemAvailable:  800 kB\n");
  EXPECT_EQ(available_bytes(1, root.path()), 800U * 1024);
  root.file("sys/devices/system/node/node1/meminfo",
            "Node 1 MemFree:  500 kB\nNode 1 Inactive(file): 100 kB\n");
  EXPECT_EQ(available_bytes(1, root.path()), 600U * 1024);
  root.file("proc/self/cgroup", "0::/job/step\n");
  root.file("sys/fs/cgroup/job/step/memory.max", "max\n");
  root.file("sys/fs/cgroup/job/memory.max", "100000\n");
  root.file("sys/fs/cgroup/job/memory.current", "70000\n");
  root.file("sys/fs/cgroup/job/memory.stat", "anon 60000\ninactive_file 10000\n");
  EXPECT_EQ(available_bytes(1, root.path()), 40000U);
}

TEST(Available, StaysBelowWhereACgroupIsSlowedDown) {
  const TestFolder root;
  root.file("proc/meminfo", "MemAvailable:  800 kB\n");
  root.file("proc/self/cgroup", "0::/job\n");
  root.file("sys/fs/cgroup/job/memory.max", "100000\n");
  root.file("sys/fs/cgroup/job/memory.high", "80000\n");
  root.file("sys/fs/cgroup/job/memory.current", "30000\n");
  EXPECT_EQ(available_bytes(0, root.path()), 50000U);
  EXPECT_EQ(available_bytes(0, root.path(), 2), 25000U);  // two nodes' workers share the group
}

TEST(Available, LetsANodeWithoutMemoryLiveOnTheOthers) {
  const TestFolder root;
  root.file("proc/meminfo", "MemAvailable:  800 kB\n");
  root.file("sys/devices/system/node/online", "0-1\n");
  root.file("sys/devices/system/node/node1/meminfo",
            "Node 1 MemTotal:  0 kB\nNode 1 MemFree:  0 kB\n");
  EXPECT_EQ(available_bytes(1, root.path()), 800U * 1024);
}

TEST(Available, ReadsTheOlderCgroupsToo) {
  const TestFolder root;
  root.file("proc/meminfo", "MemAvailable:  800 kB\n");
  root.file("proc/self/cgroup", "4:cpu:/\n3:memory:/a\n");
  root.file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "5000\n");
  root.file("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "6000\n");
  EXPECT_EQ(available_bytes(0, root.path()), 0U);
}

TEST(Available, KeepsAReserve) {
  EXPECT_EQ(reserve_bytes(1ULL << 30), 512ULL << 20);
  EXPECT_EQ(reserve_bytes(100ULL << 30), 5ULL << 30);
}

}  // namespace
}  // namespace rackproof::host
