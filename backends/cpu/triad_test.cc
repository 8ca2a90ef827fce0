// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/device_under_test.h"

namespace rackproof::cpu {
namespace {

Sweep write(const Region& on, std::uint64_t word) { return {on, {MarchOp::Kind::write, word}}; }

struct TriadRegions {
  explicit TriadRegions(Device& d)
      : work{d.allocate(64 * 21), d.allocate(64 * 21), d.allocate(64 * 21)} {}
  Triad work;
};

TEST(CpuTriad, ArrivesAtTheGoldenAfterAnyNumberOfPasses) {
  const auto device = device_with_cores(3);
  const TriadRegions x(*device);
  const auto prepared = ready(*device, x.work);
  for (std::uint64_t passes = 1; passes < 5; ++passes) {
    const RunFor how{.iterations = passes, .pattern = 5 + passes / 3};
    const Burst burst = prepared->run(how);
    expect_clean(burst, x.work, how);
    EXPECT_EQ(burst.iterations, passes);
    EXPECT_EQ(burst.bytes, 24.0 * 8 * 21 * static_cast<double>(passes));
  }
}

TEST(CpuTriad, SeesEachOfItsThreeArrays) {
  const auto device = device_with_cores(2);
  const TriadRegions x(*device);
  const auto prepared = ready(*device, x.work);
  for (const Region& region : {x.work.a, x.work.b, x.work.c}) {
    (void)prepared->run({.iterations = 2, .pattern = 8});
    memory_of(region)->as<std::uint64_t>()[100] ^= 1ULL << 44;
    const Burst burst = prepared->run({.iterations = 2, .pattern = 8});
    // a is written before it is read here, so nothing of the upset is left to see.
    EXPECT_EQ(burst.miscompares, region.memory == x.work.a.memory ? 0U : 1U);
  }
}

// The first share is computed by core 0 in the first pass and read by core 2 in the second.
TEST(CpuTriad, PutsAWrongResultOnTheCoreThatWroteIt) {
  const auto device = device_with_cores(3);
  const TriadRegions x(*device);
  const auto prepared = ready(*device, x.work);
  (void)prepared->run({.iterations = 1, .pattern = 8});
  memory_of(x.work.a)->as<std::uint64_t>()[0] ^= 1ULL << 44;
  memory_of(x.work.c)->as<std::uint64_t>()[1] ^= 1ULL << 44;
  const Burst burst = prepared->run({.iterations = 1, .pattern = 8});
  ASSERT_EQ(burst.samples.size(), 2U);
  for (const Miscompare& m : burst.samples) EXPECT_EQ(m.core, m.element == 0 ? 0U : 2U);
}

TEST(CpuTriad, StartsOverAfterOthersWroteToItsArrays) {
  const auto device = device_with_cores(2);
  const TriadRegions x(*device);
  const auto prepared = ready(*device, x.work);
  const RunFor how{.iterations = 1, .pattern = 8};
  (void)prepared->run(how);
  (void)ready(*device, write(x.work.b, 1))->run({.iterations = 1});
  expect_clean(prepared->run(how), x.work, how);
}

}  // namespace
}  // namespace rackproof::cpu
