// SPDX-License-Identifier: Apache-2.0
#include <hwloc.h>
#include <hwloc/export.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "backends/cpu/device_under_test.h"
#include "backends/cpu/peaks.h"
#include "core/folder_for_test.h"

namespace rackproof::cpu {
namespace {

const Backend& backend() { return *std::ranges::find(backends(), "cpu", &Backend::name); }

TEST(CpuDiscovery, DescribesThisMachinesNodes) {
  const auto devices = backend().discover("").value();
  ASSERT_FALSE(devices.empty());
  for (const auto& device : devices) {
    const DeviceInfo& info = device->info();
    EXPECT_EQ(info.id, "cpu:" + std::to_string(info.numa_node));
    EXPECT_EQ(info.kind, "cpu");
    EXPECT_GT(info.cores, 0U);
    EXPECT_GT(info.memory_bytes, info.allocatable_bytes);
    for (const auto& [key, ceiling] : info.ceilings) {
      EXPECT_GT(info.nominals.at(key), 0) << key;
      EXPECT_GT(ceiling, info.nominals.at(key)) << key;
    }
  }
}

TEST(CpuDiscovery, MakesADeviceOfEveryNumaNode) {
  const auto devices = backend().discover("pack:2 numa:2 core:3 pu:2").value();
  ASSERT_EQ(devices.size(), 4U);
  EXPECT_EQ(devices[3]->info().id, "cpu:3");
  EXPECT_EQ(devices[3]->info().cores, 6U);
}

TEST(CpuDiscovery, RefusesAnUnreadableSpec) {
  const auto devices = backend().discover("pack:two");
  ASSERT_FALSE(devices.has_value());
  EXPECT_EQ(devices.error().text(),
            "'pack:two' is no hwloc synthetic topology; one is 'pack:2 numa:1 core:4 pu:2'");
}

// The XML of a machine that hwloc makes up, in a file.
std::string xml_of(const TestFolder& folder, const char* description) {
  const std::string path = folder / "foreign.xml";
  hwloc_topology_t topology = nullptr;
  hwloc_topology_init(&topology);
  EXPECT_EQ(hwloc_topology_set_synthetic(topology, description), 0);
  EXPECT_EQ(hwloc_topology_load(topology), 0);
  hwloc_obj_add_info(hwloc_get_root_obj(topology), "OSRelease", "6.1.0-30-arm64");
  EXPECT_EQ(hwloc_topology_export_xml(topology, path.c_str(), 0), 0);
  hwloc_topology_destroy(topology);
  return path;
}

TEST(CpuDiscovery, StatesNothingThatAnotherMachinesTopologyDoesNotShow) {
  const TestFolder folder;
  const std::string xml = xml_of(folder, "pack:2 [numa(memory=1000000)] core:4 pu:1");
  const auto devices = backend().discover("xml:" + xml).value();
  ASSERT_EQ(devices.size(), 2U);
  const DeviceInfo& info = devices[1]->info();
  EXPECT_EQ(info.id, "cpu:1");
  EXPECT_EQ(info.cores, 4U);
  EXPECT_EQ(info.memory_bytes, 1000000U);
  EXPECT_EQ(info.driver, "6.1.0-30-arm64");
  EXPECT_EQ(info.allocatable_bytes, 0U);
  EXPECT_TRUE(info.ceilings.empty() && info.nominals.empty());
}

TEST(CpuDiscovery, RefusesAnXmlThatIsNone) {
  const auto devices = backend().discover("xml:/no/such.xml");
  ASSERT_FALSE(devices.has_value());
  EXPECT_EQ(devices.error().text(), "/no/such.xml: is no hwloc XML (`lstopo --of xml`)");
}

std::string refusal(Device& device, std::uint64_t size_bytes) {
  try {
    (void)device.allocate(size_bytes);
  } catch (const DeviceError& error) {
    return error.what();
  }
  return "";
}

TEST(CpuMemory, IsRefusedOnANodeThatIsOnlyDescribed) {
  const auto devices = backend().discover("numa:1 core:1 pu:1").value();
  EXPECT_EQ(refusal(*devices[0], 64), "NUMA node 0 is only described, not in this machine");
}

TEST(CpuMemory, IsRefusedWithSizeAndReasonBeforeTheSystemRunsOut) {
  const auto device = device_with_cores(1);
  EXPECT_TRUE(refusal(*device, 1ULL << 50).starts_with("cannot allocate 1024 TiB on NUMA node "))
      << refusal(*device, 1ULL << 50);
  EXPECT_NE(refusal(*device, ~0ULL).find(" available, of which "), std::string::npos);
}

TEST(CpuMemory, StaysOnItsNodeWhateverThePageCacheHolds) {
  const auto device = device_with_cores(1);
  const auto memory = memory_of(device->allocate(4096));
  int mode = -1;
  if (syscall(SYS_get_mempolicy, &mode, nullptr, 0UL, memory->data(), 2UL /* MPOL_F_ADDR */) != 0)
    GTEST_SKIP() << "this system does not tell memory policies";
  EXPECT_EQ(mode, 2);  // MPOL_BIND, not MPOL_PREFERRED
}

TEST(CpuMemory, MustBeBoundOnANodeWithoutPusOfItsOwn) {
  const auto topology = Topology::load("").value();
  NodePlace place = topology->nodes().at(0);
  place.index = 500;
  place.own_pus = false;
  Node node(topology, place, place.index);
  EXPECT_THROW((void)node.allocate(4096, Place::device), DeviceError);
}

TEST(CpuMemory, IsRoundedUpZeroedAndAligned) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(5000);
  EXPECT_EQ(region.size_bytes, 5056U);
  const auto memory = memory_of(region);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory->data()) % 4096, 0U);
  for (std::uint64_t i = 0; i < region.words(); ++i) EXPECT_EQ(memory->as<std::uint64_t>()[i], 0U);
  EXPECT_THROW((void)memory_of(Region{}), DeviceError);
}

TEST(Topology, PutsHostCopiesOnTheNextNodeThatHasMemory) {
  std::vector<NodePlace> nodes(3);
  for (int i = 0; i < 3; ++i) nodes[static_cast<std::size_t>(i)].index = i;
  nodes[0].memory_bytes = nodes[2].memory_bytes = 1;
  EXPECT_EQ(far_node(nodes, 0), 2);
  EXPECT_EQ(far_node(nodes, 2), 0);
  nodes[2].memory_bytes = 0;
  EXPECT_EQ(far_node(nodes, 0), 0);
}

TEST(Peaks, CountLanesUnitsAndClocks) {
  const Speed speed{.pus = 4,
                    .cores = 2,
                    .widest_bytes = 64,
                    .dispatched_bytes = 32,
                    .fma_units = 2,
                    .max_hz = 4e9,
                    .base_hz = 2e9};
  EXPECT_DOUBLE_EQ(ceilings(speed).at("gemm.fp32"), 16.0 * 2 * 2 * 4 * 4e9);
  EXPECT_DOUBLE_EQ(ceilings(speed).at("gemm.fp64"), 8.0 * 2 * 2 * 4 * 4e9);
  EXPECT_DOUBLE_EQ(ceilings(speed).at("gemm.bf16"), ceilings(speed).at("gemm.fp32"));
  EXPECT_DOUBLE_EQ(ceilings(speed).at("memory"), 128.0 * 4 * 4e9);
  EXPECT_DOUBLE_EQ(nominals(speed).at("gemm.fp32"), 8.0 * 2 * 2 * 2e9);
  EXPECT_DOUBLE_EQ(nominals(speed).at("memory"), 16e9);
}

TEST(Peaks, AssumeTheFastestClockWhereTheKernelLeavesBoostOut) {
  const TestFolder root;
  root.file("sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "3000000\n");
  root.file("sys/devices/system/cpu/cpu0/cpufreq/scaling_driver", "intel_pstate\n");
  EXPECT_DOUBLE_EQ(speed_of(1, 1, root.path()).max_hz, 3.3e9);
  for (const char* driver : {"acpi-cpufreq", "cppc_cpufreq", "somebodys-cpufreq"}) {
    root.file("sys/devices/system/cpu/cpu0/cpufreq/scaling_driver", driver);
    EXPECT_DOUBLE_EQ(speed_of(1, 1, root.path()).max_hz, 6.5e9) << driver;
  }
}

TEST(Peaks, RestOnTheGuaranteedClockNotThePresentOne) {
  const TestFolder root;
  root.file("proc/cpuinfo", "cpu MHz\t\t: 3700.0\n");
  EXPECT_DOUBLE_EQ(speed_of(1, 1, root.path()).base_hz, 3.7e9);
  root.file("sys/devices/system/cpu/cpu0/cpufreq/base_frequency", "2100000\n");
  EXPECT_DOUBLE_EQ(speed_of(1, 1, root.path()).base_hz, 2.1e9);
}

}  // namespace
}  // namespace rackproof::cpu
