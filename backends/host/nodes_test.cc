// SPDX-License-Identifier: Apache-2.0
#include "backends/host/nodes.h"

#include "core/folder_for_test.h"

namespace rackproof::host {
namespace {

// Two sockets of two nodes each, and a node of an accelerator's memory.
std::vector<HostNode> two_sockets() {
  const TestFolder tree;
  const std::string folder = "sys/devices/system/node/";
  tree.file(folder + "online", "0-4\n");
  tree.file(folder + "has_memory", "0-4\n");
  const char* distances[] = {"10 12 32 32 80", "12 10 32 32 80", "32 32 10 12 80", "32 32 12 10 80",
                             "80 80 80 80 10"};
  for (int n = 0; n < 5; ++n) {
    const std::string own = folder + "node" + std::to_string(n);
    tree.file(own + "/distance", std::string(distances[n]) + "\n");
    tree.file(own + "/cpulist",
              n == 4 ? "\n" : std::to_string(n) + "," + std::to_string(n + 8) + "\n");
  }
  return find_nodes(tree.path());
}

std::string chosen(const std::vector<HostNode>& nodes, int device_node, Numa numa) {
  const auto choice = choose_node(nodes, "gpu:0", device_node, numa);
  const auto* none = std::get_if<Unsupported>(&choice);
  return none ? none->reason : "node " + std::to_string(std::get<HostNode>(choice).index);
}

TEST(HostNodes, AreReadFromSysfs) {
  const std::vector<HostNode> nodes = two_sockets();
  ASSERT_EQ(nodes.size(), 5U);
  EXPECT_EQ(nodes[1].pus, (std::vector<unsigned>{1, 9}));
  EXPECT_EQ(nodes[1].distances.at(2), 32);
  EXPECT_TRUE(nodes[4].pus.empty());
  EXPECT_TRUE(find_nodes("/nowhere").empty());
}

TEST(HostNodes, NearIsTheDevicesOwnAndFarTheFarthestWithProcessors) {
  const std::vector<HostNode> nodes = two_sockets();
  EXPECT_EQ(chosen(nodes, 1, Numa::near), "node 1");
  EXPECT_EQ(chosen(nodes, 1, Numa::far), "node 2");
  EXPECT_EQ(chosen(nodes, 3, Numa::far), "node 0");
}

TEST(HostNodes, WithOneNodeAllMemoryIsNearAndNoneFar) {
  const std::vector<HostNode> one{{0, {0, 1}, {{0, 10}}}};
  EXPECT_EQ(chosen(one, 0, Numa::near), "node 0");
  EXPECT_EQ(chosen(one, -1, Numa::near), "node 0");
  EXPECT_EQ(chosen(one, 0, Numa::far), "gpu:0: this machine has one NUMA node: no memory is far");
}

TEST(HostNodes, NothingIsGuessedWhereTheDevicesNodeIsNotKnown) {
  const std::string reason =
      "gpu:0: this machine has 5 NUMA nodes, and neither firmware nor kernel says which one is the "
      "device's own";
  EXPECT_EQ(chosen(two_sockets(), -1, Numa::near), reason);
  EXPECT_EQ(chosen(two_sockets(), -1, Numa::far), reason);
  EXPECT_EQ(chosen({}, 0, Numa::near), "gpu:0: the kernel tells of no NUMA nodes");
}

TEST(HostNodes, MemoryWithoutProcessorsIsNoFarNode) {
  const std::vector<HostNode> nodes{{0, {0}, {}}, {1, {}, {}}};
  EXPECT_EQ(chosen(nodes, 0, Numa::far),
            "gpu:0: no other NUMA node has memory and processors: no memory is far");
  EXPECT_EQ(chosen(nodes, 2, Numa::near), "gpu:0: its own NUMA node 2 has no memory");
}

TEST(HostNodes, ListsOfNumbersEndAtWhatIsNone) {
  EXPECT_EQ(numbers_in("0-2,5"), (std::vector<unsigned>{0, 1, 2, 5}));
  EXPECT_EQ(numbers_in("3,x"), (std::vector<unsigned>{3}));
  EXPECT_TRUE(numbers_in("").empty());
  EXPECT_TRUE(numbers_in("-1").empty());
  EXPECT_LE(numbers_in("0-4294967295").size(), 65536U);
}

}  // namespace
}  // namespace rackproof::host
