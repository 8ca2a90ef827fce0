// SPDX-License-Identifier: Apache-2.0
#include "hardware/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwloc.h>
#include <hwloc/export.h>

#include <cstdlib>

#include "core/folder_for_test.h"

// hwloc 2.9 loses the object in hand when an XML breaks off within it; a topology of ours that is
// not destroyed still counts as a leak.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:hwloc_alloc_setup_object\nleak:hwloc_bitmap_alloc\n";
}

namespace rackproof {
namespace {

using testing::Contains;
using testing::HasSubstr;

// The XML of a machine that hwloc makes up, for example "pack:2 core:8 pu:2".
std::string synthetic_xml(const char* description) {
  hwloc_topology_t topology = nullptr;
  hwloc_topology_init(&topology);
  EXPECT_EQ(hwloc_topology_set_synthetic(topology, description), 0);
  hwloc_topology_set_icache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL);
  EXPECT_EQ(hwloc_topology_load(topology), 0);
  char* buffer = nullptr;
  int length = 0;
  EXPECT_EQ(hwloc_topology_export_xmlbuffer(topology, &buffer, &length, 0), 0);
  std::string xml(buffer);
  hwloc_free_xmlbuffer(topology, buffer);
  hwloc_topology_destroy(topology);
  return xml;
}

Expected<Inventory> read_xml(const std::string& xml) {
  const TestFolder tree;
  Inventory inventory;
  const InventorySources sources{.hwloc_xml = tree.file("node.xml", xml)};
  if (const auto done = read_topology(sources, inventory); !done)
    return tl::unexpected(done.error());
  return inventory;
}

TEST(Topology, CountsWhatASyntheticMachineHas) {
  const auto inventory = read_xml(synthetic_xml(
      "pack:2 [numa(memory=274877906944)] l3:2(size=33554432) core:8 l1d:1(size=32768) pu:2"));
  ASSERT_TRUE(inventory) << inventory.error().text();
  ASSERT_EQ(inventory->packages.size(), 2u);
  EXPECT_EQ(inventory->packages[0].cores, 16u);
  EXPECT_EQ(inventory->packages[0].pus, 32u);
  ASSERT_EQ(inventory->numa_nodes.size(), 2u);
  EXPECT_EQ(inventory->numa_nodes[1].index, 1);
  EXPECT_EQ(inventory->numa_nodes[1].pus, 32u);
  EXPECT_EQ(inventory->numa_nodes[1].memory_bytes, 274877906944u);
  EXPECT_EQ(inventory->memory_bytes, 2 * 274877906944u);
}

TEST(Topology, CountsCachesByKindAndSize) {
  const auto inventory =
      read_xml(synthetic_xml("pack:2 l3:2(size=33554432) core:8 l1d:1(size=32768) pu:2"));
  ASSERT_TRUE(inventory) << inventory.error().text();
  ASSERT_EQ(inventory->caches.size(), 2u);
  EXPECT_EQ(inventory->caches[0].level, 1);
  EXPECT_EQ(inventory->caches[0].kind, "data");
  EXPECT_EQ(inventory->caches[0].count, 32u);
  EXPECT_EQ(inventory->caches[1].kind, "unified");
  EXPECT_EQ(inventory->caches[1].size_bytes, 33554432u);
  EXPECT_EQ(inventory->caches[1].count, 4u);
}

constexpr const char* kWithDevices = R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0">
 <object type="Machine" os_index="0" cpuset="0x1" complete_cpuset="0x3" allowed_cpuset="0x1"
         nodeset="0x1" complete_nodeset="0x1" allowed_nodeset="0x1" gp_index="1">
  <object type="Package" os_index="0" cpuset="0x1" complete_cpuset="0x3" nodeset="0x1" complete_nodeset="0x1" gp_index="2">
   <info name="CPUModel" value="Example 9000"/>
   <info name="CPUVendor" value="ExampleVendor"/>
   <object type="NUMANode" os_index="0" cpuset="0x1" complete_cpuset="0x3" nodeset="0x1" complete_nodeset="0x1" gp_index="3" local_memory="1073741824"/>
   <object type="Core" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1" complete_nodeset="0x1" gp_index="4">
    <object type="PU" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1" complete_nodeset="0x1" gp_index="5"/>
   </object>
  </object>
  <object type="Bridge" gp_index="6" bridge_type="0-1" depth="0" bridge_pci="0000:[00-1b]">
   <object type="PCIDev" gp_index="7" pci_busid="0000:1b:00.0" pci_type="0108 [144d:a80a] [0000:0000] 00" pci_link_speed="7.9">
    <object type="OSDev" gp_index="8" name="nvme0n1" subtype="Disk" osdev_type="0">
     <info name="SerialNumber" value="S5XNNG0N"/>
    </object>
   </object>
  </object>
 </object>
</topology>
)";

TEST(Topology, ListsOsDevicesWithTheirPciDeviceAndDetails) {
  const auto inventory = read_xml(kWithDevices);
  ASSERT_TRUE(inventory) << inventory.error().text();
  ASSERT_EQ(inventory->os_devices.size(), 1u);
  EXPECT_EQ(inventory->os_devices[0].name, "nvme0n1");
  EXPECT_EQ(inventory->os_devices[0].kind, "block");
  EXPECT_EQ(inventory->os_devices[0].bdf, "0000:1b:00.0");
  EXPECT_EQ(inventory->os_devices[0].details.at("SerialNumber"), "S5XNNG0N");
  EXPECT_EQ(inventory->packages.at(0).model, "Example 9000");
}

TEST(Topology, NotesOfflineProcessorsAndMissingCaches) {
  const auto inventory = read_xml(kWithDevices);
  ASSERT_TRUE(inventory) << inventory.error().text();
  EXPECT_THAT(inventory->notes, Contains("topology: 1 of 2 processors are offline"));
  EXPECT_THAT(inventory->notes, Contains("topology: no cache is shown"));
}

TEST(Topology, XmlThatIsNoneIsAnErrorThatNamesTheFile) {
  const std::string whole = synthetic_xml("pack:1 core:2 pu:1");
  for (const std::string& xml :
       {std::string(), std::string("no xml"), std::string("<html></html>\n"),
        std::string("<topology version=\"2.0\"></topology>"), whole.substr(0, whole.size() / 2),
        whole.substr(0, whole.size() / 4)}) {
    const auto inventory = read_xml(xml);
    ASSERT_FALSE(inventory) << xml;
    EXPECT_THAT(inventory.error().file, HasSubstr("node.xml"));
    EXPECT_THAT(inventory.error().message, HasSubstr("lstopo --of xml"));
  }
}

TEST(Topology, AMissingXmlIsAnErrorThatSaysSo) {
  Inventory inventory;
  const auto done = read_topology({.hwloc_xml = "/no/such.xml"}, inventory);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text(), HasSubstr("/no/such.xml: cannot read: No such file"));
}

TEST(Topology, AnEnvironmentThatReplacesTheMachineIsNoted) {
  ASSERT_EQ(::setenv("HWLOC_SYNTHETIC", "pack:4 core:4 pu:1", 1), 0);
  Inventory inventory;
  const auto done = read_topology({}, inventory);
  ::unsetenv("HWLOC_SYNTHETIC");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_THAT(inventory.notes, Contains(HasSubstr("something else than this machine")));
}

}  // namespace
}  // namespace rackproof
