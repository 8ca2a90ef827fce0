// SPDX-License-Identifier: Apache-2.0
#include "backends/host/placed_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "backends/host/host_for_test.h"
#include "core/error.h"

namespace rackproof::host {
namespace {

std::string placed(const Host& host, int node, std::uint64_t size_bytes = 1 << 20) {
  try {
    const PlacedMemory memory(host, host.nodes.at(static_cast<std::size_t>(node)), size_bytes);
    return "in place";
  } catch (const DeviceError& problem) {
    return std::string("problem: ") + problem.what();
  } catch (const NotPlaced& refused) {
    return "refused: " + refused.reason;
  }
}

TEST(NumaMaps, TellWhereTheMappingsPagesLie) {
  const std::string text =
      "7f00000000 bind:1 anon=300 dirty=300 N0=44 N1=256 kernelpagesize_kB=4\n"
      "7f00200000 default file=/usr/lib/N3=7 mapped=2 N1=2 kernelpagesize_kB=4\n"
      "7f00400000 default\nx\n";
  EXPECT_EQ(pages_of(text, 0x7f00000000), (PagesByNode{{0, 44}, {1, 256}}));
  EXPECT_EQ(pages_of(text, 0x7f00200000), (PagesByNode{{1, 2}}));
  EXPECT_TRUE(pages_of(text, 0x7f00400000).empty());
  EXPECT_TRUE(pages_of(text, 0x7f0000).empty());
  EXPECT_TRUE(pages_of("1 N0=-3 N=4 N1=5x N2=", 1).empty());
}

TEST(PlacedMemory, LiesWhereThisMachinesKernelSaysThatItDoes) {
  const Host& host = this_host();
  if (host.nodes.empty()) GTEST_SKIP() << "this kernel tells of no NUMA nodes";
  const PlacedMemory memory(host, host.nodes.front(), (5 << 20) + 64);  // huge pages, and small
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.data()) % 4096, 0U);
  EXPECT_EQ(std::count(memory.data(), memory.data() + memory.size_bytes(), std::byte{0}),
            static_cast<std::ptrdiff_t>(memory.size_bytes()));
  EXPECT_NO_THROW(memory.require_in_place());
  EXPECT_EQ(host.pages(memory.data()).at(host.nodes.front().index) * 4096, memory.size_bytes());
}

TEST(PlacedMemory, OnePageElsewhereIsAnErrorAndNeverAWrongLabel) {
  EXPECT_EQ(placed(two_node_host(), 1), "in place");
  EXPECT_EQ(placed(two_node_host(0, {1, 0}), 1),
            "problem: 1 MiB of host memory for NUMA node 1 lies elsewhere: of 256 pages 1 on node "
            "0, 255 on node 1");
  EXPECT_EQ(placed(two_node_host(0, {0}), 1),
            "problem: 1 MiB of host memory for NUMA node 1 lies elsewhere: of 256 pages 256 on "
            "node 0");
}

TEST(PlacedMemory, PagesThatAreNotThereAreAnError) {
  Host host = two_node_host();
  host.pages = [](const void*) { return PagesByNode{{1, 255}}; };
  EXPECT_EQ(placed(host, 1),
            "problem: 1 MiB of host memory for NUMA node 1 lies elsewhere: of 256 pages 255 on "
            "node 1");
}

TEST(PlacedMemory, AKernelThatDoesNotTellIsNotBelieved) {
  Host host = two_node_host();
  host.pages = [](const void*) { return PagesByNode{}; };
  EXPECT_EQ(placed(host, 1),
            "refused: the kernel does not tell where pages lie: /proc/self/numa_maps has no word "
            "of them");
}

TEST(PlacedMemory, WhereBindingIsForbiddenTheFirstTouchMayPutItThere) {
  EXPECT_EQ(placed(two_node_host(EPERM), 1), "in place");
  EXPECT_TRUE(placed(two_node_host(EPERM, {0}), 1).starts_with("problem: 1 MiB of host memory"));
  Host host = two_node_host(EPERM);
  host.nodes[1].pus.clear();
  EXPECT_EQ(placed(host, 1),
            "refused: the kernel binds no memory to NUMA node 1: Operation not permitted");
}

TEST(PlacedMemory, ANodeThatTheKernelDoesNotTakeIsRefused) {
  EXPECT_EQ(placed(two_node_host(EINVAL), 1),
            "refused: the kernel binds no memory to NUMA node 1: Invalid argument");
  Host host = two_node_host();
  host.bind = this_host().bind;
  host.nodes[1].index = 1000;
  EXPECT_EQ(placed(host, 1),
            "refused: the kernel binds no memory to NUMA node 1000: Invalid argument");
}

TEST(PlacedMemory, ANodeThatIsFullIsToldBeforeItIsAskedForMore) {
  EXPECT_EQ(placed(two_node_host(), 1, 900 << 20),
            "problem: cannot allocate 900 MiB on NUMA node 1: 1 GiB available, of which 256 MiB "
            "stay free for the system");
}

}  // namespace
}  // namespace rackproof::host
