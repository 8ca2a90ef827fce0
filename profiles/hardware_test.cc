// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiles/sample_profile.h"

namespace rackproof {
namespace {

using testing::ElementsAre;

std::string hardware(const std::string& part) {
  return "hardware: {node: {accelerators: [{kind: synthetic, " + part + "}]}}";
}

TEST(Hardware, GivesCeilingsByTheDevicesOwnKeys) {
  const auto profile = parse_profile(
      sample_with(4, hardware("count: 8, name: H200, pci: '10de:2335', memory: {size: 143771 MiB, "
                              "bandwidth: 4.8 TB/s}, pcie: {generation: 5, width: 16}, "
                              "peak: {fp32: 67 TFLOP/s, fp8_e4m3: 1979 TFLOP/s}")),
      "p.yaml");
  ASSERT_TRUE(profile);
  const ExpectedDevices& devices = profile->accelerators.at(0);
  EXPECT_EQ(devices.count, 8u);
  EXPECT_EQ(devices.pci, "10de:2335");
  EXPECT_EQ(devices.memory_bytes, 143771.0 * 1024 * 1024);
  EXPECT_EQ(devices.ceilings,
            (std::map<std::string, double>{
                {"gemm.fp32", 67e12}, {"gemm.fp8_e4m3", 1979e12}, {"memory", 4.8e12}}));
  EXPECT_EQ(devices.pcie_generation, 5u);
  EXPECT_EQ(devices.pcie_width, 16u);
}

TEST(Hardware, WithoutACountMeansAtLeastOneOnOneNode) {
  const auto profile = parse_profile(sample_with(4, hardware("name: x")), "p.yaml");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->accelerators.at(0).count, 0u);
  EXPECT_EQ(profile->nodes, 1u);
}

TEST(Hardware, ReportsEachMistakeOnceAtItsPlace) {
  const std::vector<WrongLine> table = {
      {4, hardware("memory: {size: 256 MB/s}"),
       "p.yaml:4:67: size: '256 MB/s' is in bytes_per_second, expected byte, for example "
       "'64 MiB'"},
      {4, hardware("peak: {fp32: 0 FLOP/s}"), "p.yaml:4:65: fp32: '0 FLOP/s' must be above zero"},
      {4, hardware("peak: {int16: 9 TOP/s}"),
       "p.yaml:4:59: unknown key 'int16'; known here: bf16, fp16, fp32, fp4_e2m1, fp64, "
       "fp8_e4m3, fp8_e5m2, int32, int8, tf32"},
      {4, hardware("power: {limit: 700 W}"),
       "p.yaml:4:52: unknown key 'power'; known here: count, kind, memory, name, pci, pcie, peak"},
      {4, hardware("count: 2}, {kind: synthetic"),
       "p.yaml:4:63: accelerators of kind 'synthetic' stand here twice; tell them apart by "
       "'name' or 'pci'"},
      {4, "hardware: {rack: {nodes: 2}}",
       "p.yaml:1:1: 'hardware.node.accelerators' is missing; only an 'abstract: true' profile "
       "can do without"},
  };
  for (const WrongLine& wrong : table) {
    EXPECT_THAT(problems(sample_with(wrong.number, wrong.text)), ElementsAre(wrong.message));
  }
}

TEST(Coverage, KeepsWhatIsDemandedAndOnlyThat) {
  const auto profile = parse_profile(
      sample_with(
          8,
          "coverage: {memory: {installed: 97 %}, links: 100 %, sensors: [power, \"hwmon*\"], "
          "kernel_log: no gap}"),
      "p.yaml");
  ASSERT_TRUE(profile);
  EXPECT_DOUBLE_EQ(profile->coverage.memory_installed.value(), 0.97);
  EXPECT_FALSE(profile->coverage.memory_allocatable);
  EXPECT_FALSE(profile->coverage.cores);
  EXPECT_DOUBLE_EQ(profile->coverage.links.value(), 1);
  EXPECT_EQ(profile->coverage.sensors, (std::vector<std::string>{"power", "hwmon*"}));
  EXPECT_TRUE(profile->coverage.kernel_log);
}

TEST(Coverage, RefusesSharesThatAreNone) {
  const std::vector<WrongLine> table = {
      {8, "coverage: {cores: 101 %}",
       "p.yaml:8:19: cores: '101 %' must be above 0 % and at most 100 %"},
      {8, "coverage: {cores: 0 %}",
       "p.yaml:8:19: cores: '0 %' must be above 0 % and at most 100 %"},
      {8, "coverage: {cores: 1}",
       "p.yaml:8:19: cores: '1' lacks its unit: expected ratio, for example '5 %'"},
      {8, "coverage: {sensors: [power, power]}", "p.yaml:8:29: sensor 'power' stands here twice"},
      {8, "coverage: {memory: {instaled: 5 %}}",
       "p.yaml:8:21: unknown key 'instaled'; did you mean 'installed'?"},
  };
  for (const WrongLine& wrong : table) {
    EXPECT_THAT(problems(sample_with(wrong.number, wrong.text)), ElementsAre(wrong.message));
  }
}

}  // namespace
}  // namespace rackproof
