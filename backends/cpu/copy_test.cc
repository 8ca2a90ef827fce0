// SPDX-License-Identifier: Apache-2.0
#include <atomic>

#include "backends/cpu/device_under_test.h"
#include "backends/cpu/prepared.h"

namespace rackproof::cpu {
namespace {

Sweep write(const Region& on, std::uint64_t word) { return {on, {MarchOp::Kind::write, word}}; }

TEST(CpuCopy, ArrivesAtTheGoldenAndRefillsWhatOthersOverwrote) {
  const auto device = device_with_cores(3);
  const Region from = device->allocate(64 * 21, Place::host), to = device->allocate(64 * 21);
  const Workload work = Copy{from, to};
  const auto prepared = ready(*device, work);
  for (const std::uint64_t pattern : {8, 8, 9}) {
    const RunFor how{.iterations = 2, .pattern = pattern};
    const Burst burst = prepared->run(how);
    expect_clean(burst, work, how);
    EXPECT_EQ(burst.bytes, 2 * 64 * 21);
    (void)ready(*device, write(from, 1))->run({.iterations = 1});
  }
}

TEST(CpuCopy, NoticesASourceThatWentBad) {
  const auto device = device_with_cores(2);
  const Region from = device->allocate(4096), to = device->allocate(4096);
  const auto prepared = ready(*device, Copy{from, to});
  EXPECT_EQ(prepared->run({.iterations = 1, .pattern = 8}).miscompares, 0U);
  memory_of(from)->as<std::uint64_t>()[77] ^= 1;
  const Burst burst = prepared->run({.iterations = 1, .pattern = 8});
  ASSERT_EQ(burst.miscompares, 1U);
  EXPECT_EQ(burst.samples[0].element, 77U);
}

TEST(CpuCopy, ThatMovedNothingIsNotTakenForTheOneBefore) {
  static std::atomic<int> copies;
  WordKernels kernels = word_kernels();
  kernels.copy = [](const std::uint64_t* from, std::uint64_t* to, std::uint64_t first,
                    std::uint64_t last) {
    if (copies++ < 3) word_kernels().copy(from, to, first, last);
  };
  const auto node = node_with_cores(1);
  CpuDevice device(node, {});
  const Region from = device.allocate(4096), to = device.allocate(4096);
  const auto prepared =
      std::get<std::unique_ptr<Prepared>>(prepare_copy(node, Copy{from, to}, kernels));
  EXPECT_EQ(prepared->run({.iterations = 2, .pattern = 8}).miscompares, 0U);
  const Burst burst = prepared->run({.iterations = 2, .pattern = 8});
  EXPECT_EQ(burst.miscompares, 512U);
  EXPECT_GT(burst.moving_s, 0);
  EXPECT_LT(burst.moving_s, burst.seconds());
}

// As between two NUMA nodes: the device that it arrives at copies and checks.
TEST(CpuCopy, FetchesFromAnotherDevicesMemory) {
  const auto there = device_with_cores(2), here = device_with_cores(3);
  const Region from = there->allocate(64 * 21), to = here->allocate(64 * 21);
  const Workload work = Copy{from, to};
  const auto prepared = ready(*here, work);
  const RunFor how{.iterations = 2, .pattern = 8};
  expect_clean(prepared->run(how), work, how);
  memory_of(from)->as<std::uint64_t>()[77] ^= 1;
  const Burst burst = prepared->run(how);
  EXPECT_EQ(burst.samples.at(0).element, 77U);
}

TEST(CpuCollective, IsNotForHosts) {
  const auto device = device_with_cores(1);
  EXPECT_EQ(std::get<Unsupported>(device->prepare(Reduce{})).reason,
            "NUMA nodes of a host take part in no collectives");
  EXPECT_EQ(std::get<Unsupported>(device->collective_id()).reason,
            device->info().id + " takes part in no collectives");
}

TEST(CpuCopy, RefusesUnequalRegions) {
  const auto device = device_with_cores(1);
  const Region small = device->allocate(64), large = device->allocate(128);
  EXPECT_EQ(std::get<Unsupported>(device->prepare(Copy{small, large})).reason,
            "a copy needs two regions of the same size");
  EXPECT_EQ(std::get<Unsupported>(device->prepare(Copy{small, small})).reason,
            "a copy needs two regions");
}

}  // namespace
}  // namespace rackproof::cpu
