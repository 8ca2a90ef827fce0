// SPDX-License-Identifier: Apache-2.0
// What is made of drivers that are missing, old or failing, each in a process of its own.
#include "backends/cuda/claims_for_test.h"
#include "backends/cuda/fake_gpu_for_test.h"
#include "backends/host/host_for_test.h"
#include "core/folder_for_test.h"

namespace rackproof::cuda {
namespace {

// Prints what is found, or why nothing is, and ends the process.
[[noreturn]] void tell(const std::function<std::string()>& act) {
  std::string text;
  try {
    text = act();
  } catch (const Absent& absent) {
    text = "absent: " + absent.reason;
  } catch (const DeviceError& problem) {
    text = std::string("problem: ") + problem.what();
  }
  std::fprintf(stderr, "%s\n", text.c_str());
  std::_Exit(0);
}

std::string found(const std::filesystem::path& root = "/nowhere") {
  return std::to_string(find_devices(root).size()) + " devices";
}

bool has_driver() { return dlopen("libcuda.so.1", RTLD_LAZY) != nullptr; }

#define EXPECT_TOLD(act, text) \
  EXPECT_EXIT(tell([&]() -> std::string { act; }), testing::ExitedWithCode(0), text)

class CudaDiscovery : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(CudaDiscovery, AMachineWithoutDriverAndGpuHasNothingOfIt) {
  if (has_driver()) GTEST_SKIP() << "this machine has a driver";
  EXPECT_TOLD(return found(), "absent: no NVIDIA driver: libcuda.so.1: cannot open");
}

TEST_F(CudaDiscovery, AGpuOnTheBusWithoutADriverIsAProblem) {
  if (has_driver()) GTEST_SKIP() << "this machine has a driver";
  const TestFolder tree;
  for (const char* bdf : {"0000:1b:00.0", "0000:43:00.0"}) {
    tree.file(std::string("sys/bus/pci/devices/") + bdf + "/vendor", "0x10de\n");
    tree.file(std::string("sys/bus/pci/devices/") + bdf + "/class", "0x030200\n");
  }
  tree.file("sys/bus/pci/devices/0000:05:00.0/vendor", "0x10de\n");  // an NVSwitch
  tree.file("sys/bus/pci/devices/0000:05:00.0/class", "0x068000\n");
  EXPECT_TOLD(
      return found(tree.path()),
             "problem: 2 NVIDIA GPUs are on the PCI bus .the first at 0000:1b:00.0., but no NVIDIA "
             "driver");
}

TEST_F(CudaDiscovery, ADriverOlderThanTheProgramIsAProblem) {
  EXPECT_TOLD(load_fakes("driver 12040\n"); return found(),
                                                   "problem: the driver is for CUDA 12.4, and this "
                                                   "program was built for CUDA 13: update");
}

TEST_F(CudaDiscovery, ADriverWithoutGpusHasNothingOfIt) {
  EXPECT_TOLD(load_fakes("init 100\n"); return found(), "absent: the driver finds no GPU");
  EXPECT_TOLD(load_fakes("gpus 0\n"); return found(), "absent: the driver has no GPU");
}

TEST_F(CudaDiscovery, ADriverThatFailsIsNamedWithItsCall) {
  EXPECT_TOLD(load_fakes("init 999\n");
              return found(), "problem: cuInit on this machine: CUDA_ERROR_UNKNOWN");
  EXPECT_TOLD(load_fakes("init 802\n");
              return found(), "problem: cuInit on this machine: .*is nvidia-fabricmanager running");
  EXPECT_TOLD(load_fakes("gpus 2\nfail cuDeviceGet 1 2\n");
              return found(), "problem: cuDeviceGet on cuda:1: CUDA_ERROR_OUT_OF_MEMORY");
}

TEST_F(CudaDiscovery, AnOldChipIsFoundAndRunsNothing) {
  EXPECT_TOLD(load_fakes("capability 7.0\n"); return refusal(*find_devices("/nowhere")[0], Fill{}),
                                                     "cuda:0: its compute capability is 7.0, and "
                                                     "this build has programs for 8.0 and later");
}

TEST_F(CudaDiscovery, AnInstanceHasAnInstancesUuid) {
  EXPECT_TOLD(load_fakes("name NVIDIA H200 MIG 1g.18gb\n");
              return find_devices("/nowhere")[0]->info().uuid, "^MIG-00010203-0405-");
}

TEST_F(CudaDiscovery, AGpuThatFallsOffTheBusIsAnErrorOfEveryLaterCall) {
  EXPECT_TOLD(
      load_fakes("fail cuLaunchKernel 1 999\n"); const auto devices = find_devices("/nowhere");
      const Fill fill{devices[0]->allocate(4096)}; const auto prepared = ready(*devices[0], fill);
      (void)prepared->run({.iterations = 1, .pattern = 1});
      const std::string first = thrown_by([&] { (void)prepared->run({.iterations = 1}); });
      return first + "; " + thrown_by([&] { (void)prepared->run({.iterations = 1}); }),
             "cuLaunchKernel.write_words. on cuda:0: CUDA_ERROR_UNKNOWN: .*; cuCtxSetCurrent on "
             "cuda:0: "
             "CUDA_ERROR_UNKNOWN");
}

TEST_F(CudaDiscovery, ACopyThatMovedNothingIsNotTakenForTheOneBefore) {
  EXPECT_TOLD(load_fakes("lose_copies 2\n"); const auto devices = find_devices("/nowhere");
              const auto copy =
                  ready(*devices[0], Copy{devices[0]->allocate(4096), devices[0]->allocate(4096)});
              return std::to_string(copy->run({.iterations = 3, .pattern = 1}).miscompares),
                     "^512");
}

TEST_F(CudaDiscovery, AKernelThatDidNotMultiplyIsNotTakenForTheOneBefore) {
  EXPECT_TOLD(load_fakes("lose_kernel multiply 3\n"); const auto devices = find_devices("/nowhere");
              const auto prepared = ready(*devices[0], Gemm{DType::fp32, DType::fp32, 70, 33, 19});
              const Burst good = prepared->run({.iterations = 2, .pattern = 1});
              const Burst lost = prepared->run({.iterations = 1, .pattern = 1});
              return std::to_string(good.miscompares) + " " + std::to_string(lost.miscompares),
                     "^0 2310");
}

// Else all that it finds would be the first multiprocessor's. The second try loads it anew.
TEST_F(CudaDiscovery, AProgramThatCannotBeToldTheMultiprocessorsRunsNothing) {
  EXPECT_TOLD(
      load_fakes("fail cuModuleGetGlobal 0 500\n"); const auto devices = find_devices("/nowhere");
      const Region region = devices[0]->allocate(4096);
      const auto tried =
          [&] { return thrown_by([&] { (void)refusal(*devices[0], Fill{region}); }); };
      return tried() + "; " + tried(),
             "^cuModuleGetGlobal.words. on cuda:0: CUDA_ERROR_NOT_FOUND.*; "
             "cuModuleGetGlobal.words.");
}

TEST_F(CudaDiscovery, MemoryThatAnotherProcessTookIsNamedInBytes) {
  EXPECT_TOLD(load_fakes("memory_mib 600\nfail cuMemAlloc 0 2\n");
              const auto devices = find_devices("/nowhere");
              return thrown_by([&] { (void)devices[0]->allocate(64 << 20); }),
                     "cuMemAlloc.64 MiB. on cuda:0: CUDA_ERROR_OUT_OF_MEMORY");
}

TEST_F(CudaDiscovery, AMultiprocessorThatNoWorkReachesIsNotPassedOver) {
  EXPECT_TOLD(load_fakes("idle_core 2\n"); const auto devices = find_devices("/nowhere");
              const auto prepared = ready(*devices[0], Mix{MixKernel::multiply, 512});
              return thrown_by([&] { (void)prepared->run({.iterations = 1, .pattern = 1}); }),
                     "cuda:0: no work reached core 2 in 100 launches");
}

// What host memory of each kind is, and whether copies from and to it are right.
std::string copied(const host::Host& host, int node, Numa numa) {
  const TestFolder tree;
  tree.file("sys/bus/pci/devices/0000:1b:00.0/numa_node", std::to_string(node) + "\n");
  const auto devices = find_devices(tree.path(), host);
  const Region there = devices[0]->allocate(1 << 16);
  std::string text;
  for (const Place place : {Place::host, Place::pageable}) {
    const auto made = devices[0]->allocate_host(1 << 16, place, numa);
    if (const auto* none = std::get_if<Unsupported>(&made)) return none->reason;
    for (const Copy& copy :
         {Copy{std::get<Region>(made), there}, Copy{there, std::get<Region>(made)}})
      text += std::to_string(ready(*devices[0], copy)->run({.iterations = 2}).miscompares);
  }
  return text;
}

TEST_F(CudaDiscovery, CopiesFromTheNodeThatIsAskedFor) {
  EXPECT_TOLD(load_fakes(""); return copied(host::two_node_host(), 0, Numa::near), "^0000");
  EXPECT_TOLD(load_fakes(""); return copied(host::two_node_host(), 0, Numa::far), "^0000");
  EXPECT_TOLD(load_fakes(""); return copied(host::two_node_host(0, {1, 0}), 0, Numa::far),
                                     "problem: 64 KiB of host memory for NUMA node 1 lies "
                                     "elsewhere: of 16 pages 1 on node 0, 15 on node 1");
}

TEST_F(CudaDiscovery, SaysWhyItDoesNotChooseANode) {
  EXPECT_TOLD(load_fakes(""); return copied(host::two_node_host(), -1, Numa::near),
                                     "cuda:0: this machine has 2 NUMA nodes, and neither firmware");
  EXPECT_TOLD(load_fakes("fail cuMemHostRegister 0 801\n");
              return copied(host::two_node_host(), 0, Numa::near),
                     "cuda:0: the driver pins no memory that it did not allocate");
  EXPECT_TOLD(load_fakes("fail cuMemHostRegister 1 2\n");
              return copied(host::two_node_host(), 0, Numa::near) +
                         copied(host::two_node_host(), 0, Numa::near),
                     "problem: cuMemHostRegister.64 KiB. on cuda:0: CUDA_ERROR_OUT_OF_MEMORY");
}

TEST(CudaCeilings, AreThoseOfTheChipsOwnClocks) {
  const Chip h200{9, 0, 132, 1.98e9, 3.201e9, 6144};
  const auto ceilings = chip_ceilings(h200);
  EXPECT_NEAR(ceilings.at("gemm.bf16"), 1.07e15, 0.01e15);
  EXPECT_NEAR(ceilings.at("memory"), 4.917e12, 0.001e12);
  EXPECT_EQ(chip_ceilings({12, 0, 100, 2e9, 0, 0}).size(), 0U);
}

TEST(CudaCeilings, KnowTheSlotsLink) {
  const TestFolder tree;
  tree.file("sys/bus/pci/devices/0000:1b:00.0/max_link_speed", "32.0 GT/s PCIe\n");
  tree.file("sys/bus/pci/devices/0000:1b:00.0/max_link_width", "16\n");
  EXPECT_NEAR(link_ceilings(tree.path(), "0000:1b:00.0").at("host_link.h2d"), 63.0e9, 0.1e9);
  EXPECT_TRUE(link_ceilings(tree.path(), "0000:1c:00.0").empty());
}

}  // namespace
}  // namespace rackproof::cuda
