// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/device.h"

#include <gtest/gtest.h>

#include "backends/synthetic/device_on_test.h"
#include "core/folder_for_test.h"

namespace rackproof {
namespace {

std::string error_of(const std::string& spec) {
  const auto devices = discover_synthetic(spec);
  return devices ? "" : devices.error().text();
}

std::string refusal(Device& device, const Workload& work) {
  const Preparation preparation = device.prepare(work);
  const auto* unsupported = std::get_if<Unsupported>(&preparation);
  return unsupported == nullptr ? "" : unsupported->reason;
}

template <class Act>
std::string device_error(const Act& act) {
  try {
    act();
    return {};
  } catch (const DeviceError& problem) {
    return problem.what();
  }
}

TEST(SyntheticBackend, IsRegistered) {
  ASSERT_EQ(backends().size(), 1U);
  EXPECT_EQ(backends()[0].name, "synthetic");
}

TEST(SyntheticBackend, ShowsNothingOnARealMachine) {
  const auto devices = discover_synthetic("");
  ASSERT_TRUE(devices);
  EXPECT_TRUE(devices->empty());
}

TEST(SyntheticBackend, LeavesAbsentDevicesOutAndKeepsTheOthersNames) {
  const auto devices = discover_synthetic("rack nodes=2 devices=2; n0-d1 absent");
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 3U);
  EXPECT_EQ((*devices)[1]->info().id, "n1-d0");
  EXPECT_EQ((*devices)[1]->info().serial, "SYN-0002");
}

TEST(SyntheticBackend, ReadsAFileAndNamesItInErrors) {
  const TestFolder folder;
  const auto path = folder.file("two.rack", "rack devices=2\nn0-d9 absent\n");
  EXPECT_EQ(error_of(path.string()),
            path.string() + ":2:1: there is no n0-d9: nodes are n0 ... n0, devices d0 ... d1");
  EXPECT_NE(error_of("/nowhere/a.rack").find("/nowhere/a.rack"), std::string::npos);
  EXPECT_EQ(error_of("rack x=1"),
            "synthetic rack:1:6: unknown key 'x'; one of kind, name, memory, cores, numa_nodes, "
            "numa_node, bandwidth, host_link, peer_link, int8, fp16, bf16, tf32, fp4_e2m1, "
            "fp8_e4m3, fp8_e5m2, fp32, fp64, spread, nodes, devices");
}

TEST(SyntheticDevice, StandsForAnotherKindOfDeviceWhenItIsAskedTo) {
  const auto device = small_device("kind=gpu name=NVIDIA_H200");
  EXPECT_EQ(device->info().kind + ", " + device->info().name, "gpu, NVIDIA H200");
  EXPECT_EQ(device->info().backend, "synthetic");
  EXPECT_EQ(error_of("rack kind=toaster"),
            "synthetic rack:1:11: kind: unknown kind 'toaster'; one of synthetic, gpu, npu, tpu, "
            "accelerator");
}

TEST(SyntheticDevice, SaysWhatItIsAndCanDo) {
  const auto device = small_device("hot=95degC");
  const DeviceInfo& info = device->info();
  EXPECT_EQ(info.node + " " + info.backend + " " + info.kind, "n0 synthetic synthetic");
  EXPECT_EQ(info.name, "synthetic accelerator, 95 degC");
  EXPECT_EQ(info.memory_bytes, 1U << 20);
  EXPECT_EQ(info.cores, 4U);
  EXPECT_EQ(info.nominals.at("memory"), 1e9);
  EXPECT_DOUBLE_EQ(info.ceilings.at("gemm.fp32"), 1.1e9);
  EXPECT_DOUBLE_EQ(info.ceilings.at("host_link"), 5.5e8);
  EXPECT_GT(info.shortest_burst_s, 0);
}

TEST(SyntheticDevice, GivesNoMoreMemoryThanItHas) {
  const auto device = small_device();
  const Region half = device->allocate(512 << 10);
  EXPECT_EQ(device_error([&] { (void)device->allocate((512 << 10) + 1); }),
            "allocate 524.4 kB: out of memory, 512 KiB of 1 MiB in use on n0-d0");
  EXPECT_EQ(device->allocate(512 << 10).size_bytes, 512U << 10);  // given back at once
  EXPECT_EQ(device->allocate(1).size_bytes, 64U);
  EXPECT_EQ(device->allocate(1 << 30, Place::host).size_bytes, 1U << 30);
}

std::string why_no_host_memory(const std::string& words, Numa numa) {
  const auto made = small_device(words)->allocate_host(4096, Place::host, numa);
  const auto* none = std::get_if<Unsupported>(&made);
  return none ? none->reason : "";
}

TEST(SyntheticDevice, HasNearAndFarMemoryWhereItsNodeIsKnown) {
  EXPECT_EQ(why_no_host_memory("", Numa::near), "");
  EXPECT_EQ(why_no_host_memory("", Numa::far),
            "n0-d0 does not support far memory with one NUMA node");
  EXPECT_EQ(why_no_host_memory("numa_nodes=2", Numa::near),
            "n0-d0 does not support a choice of NUMA nodes: its own is not known");
  for (const Numa numa : {Numa::any, Numa::near, Numa::far})
    EXPECT_EQ(why_no_host_memory("numa_nodes=2 numa_node=1", numa), "");
  EXPECT_EQ(small_device("numa_nodes=2 numa_node=1")->info().numa_node, 1);
}

TEST(SyntheticDevice, RefusesWorkThatItCannotDo) {
  const auto device = small_device("unsupported=copy");
  const Region region = device->allocate(64), host = device->allocate(64, Place::host);
  Gemm gemm = kSmallGemm;
  gemm.in = DType::bf16;
  EXPECT_EQ(refusal(*device, gemm), "n0-d0 does not support gemm of bf16 into fp32");
  gemm.in = DType::fp32;
  gemm.acc = DType::fp64;
  EXPECT_EQ(refusal(*device, gemm), "n0-d0 does not support gemm of fp32 into fp64");
  EXPECT_EQ(refusal(*device, Gemm{DType::i8, DType::i32, 8, 8, 8, Operands::error_free}),
            "n0-d0 does not support gemm of int8 with error_free operands");
  EXPECT_EQ(refusal(*device, Triad{region, region, region, DType::fp32}),
            "n0-d0 does not support triad of fp32");
  EXPECT_EQ(refusal(*device, Copy{host, region}), "n0-d0 does not support copy");
}

TEST(SyntheticDevice, TakesMisuseForAFailingDriver) {
  const auto device = small_device(), other = small_device();
  const Region mine = device->allocate(64), theirs = other->allocate(64),
               large = device->allocate(128);
  EXPECT_EQ(device_error([&] { (void)device->prepare(Fill{theirs}); }),
            "a region that is not of n0-d0");
  EXPECT_EQ(device_error([&] {
              (void)device->prepare(Copy{mine, large});
            }),
            "regions of different sizes on n0-d0");
  EXPECT_EQ(device_error([&] {
              (void)device->prepare(Gemm{DType::fp32, DType::fp32, 512, 512, 512, Operands::exact});
            }),
            "matrices of 3 MiB on n0-d0: out of memory");
}

}  // namespace
}  // namespace rackproof
