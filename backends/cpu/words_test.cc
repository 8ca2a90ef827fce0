// SPDX-License-Identifier: Apache-2.0
// Sweeps as a whole: goldens, halves, who is told what.
#include "backends/cpu/device_under_test.h"
#include "backends/cpu/half.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kWord = 0x5555555555555555ULL;

Sweep write(const Region& on, std::uint64_t word) { return {on, {MarchOp::Kind::write, word}}; }
Sweep read(const Region& on, std::uint64_t word) { return {on, {MarchOp::Kind::read, word}}; }

TEST(CpuSweep, ArrivesAtTheGoldenInEveryHalf) {
  const auto device = device_with_cores(3);
  for (const std::uint64_t lines : {1, 5, 64, 171}) {
    const Region region = device->allocate(64 * lines);
    for (int bit = -1; bit < 13; ++bit) {
      for (const int half : {0, 1}) {
        const RunFor how{.iterations = 1, .address_bit = bit, .half = half};
        (void)ready(*device, write(region, kWord + static_cast<std::uint64_t>(half)))->run(how);
        const Workload reading = read(region, kWord + static_cast<std::uint64_t>(half));
        expect_clean(ready(*device, reading)->run(how), reading, how);
      }
    }
  }
}

TEST(CpuSweep, WritesAndReadsOnlyTheHalfItWasAskedFor) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(64 * 9);
  for (int bit = 0; bit < 8; ++bit) {
    (void)ready(*device, write(region, 1))->run({.iterations = 1});
    (void)ready(*device, write(region, 2))->run({.iterations = 1, .address_bit = bit, .half = 1});
    const auto* words = memory_of(region)->as<std::uint64_t>();
    for (std::uint64_t i = 0; i < region.words(); ++i)
      EXPECT_EQ(words[i], (i >> bit & 1) == 1 ? 2U : 1U);
    EXPECT_EQ(ready(*device, read(region, 1))
                  ->run({.iterations = 1, .address_bit = bit, .half = 0})
                  .miscompares,
              0U);
    const Burst burst =
        ready(*device, read(region, 1))->run({.iterations = 1, .address_bit = bit, .half = 1});
    EXPECT_EQ(burst.miscompares, Half(region.words(), bit, 1).count());
  }
}

TEST(CpuSweep, KeepsTheFirstSamplesAndCountsAll) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(1 << 14);
  (void)ready(*device, write(region, 3))->run({.iterations = 1});
  const Burst burst = ready(*device, read(region, 4))->run({.iterations = 1});
  EXPECT_EQ(burst.miscompares, region.words());
  EXPECT_EQ(burst.samples.size(), kMaxSamples);
  EXPECT_EQ(burst.cores[0].miscompares + burst.cores[1].miscompares, region.words());
  EXPECT_EQ(burst.samples[1].element, 1U);
  EXPECT_EQ(burst.samples[1].expected, 4U);
  EXPECT_EQ(burst.samples[1].got, 3U);
}

// The fault left zeros, and zeros are right by now: "undoing" it would break good memory.
TEST(CpuSweep, LeavesAStruckWordAloneOnceItWasWrittenAgain) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(64 * 50);
  (void)ready(*device, write(region, kWord))->run({.iterations = 1});
  const auto prepared = ready(*device, read(region, kWord));
  auto armed = prepared->arm({.site = FaultSite::memory, .kind = FaultKind::zero, .element = 7});
  EXPECT_EQ(prepared->run({.iterations = 1}).miscompares, 1U);
  (void)ready(*device, write(region, 0))->run({.iterations = 1});
  armed.reset();
  EXPECT_EQ(ready(*device, read(region, 0))->run({.iterations = 1}).miscompares, 0U);
}

TEST(CpuSweep, CannotBeStruckWhenWriting) {
  const auto device = device_with_cores(1);
  const auto prepared = ready(*device, write(device->allocate(64), 1));
  EXPECT_EQ(prepared->arm({.site = FaultSite::memory}), nullptr);
  EXPECT_THROW((void)prepared->run({.iterations = 1, .address_bit = 63}), DeviceError);
}

TEST(Half, NumbersItsWordsInOrderAndCountsThem) {
  for (const std::uint64_t words : {8, 24, 40, 128, 136}) {
    for (int bit = 0; bit < 9; ++bit) {
      for (const std::uint64_t half : {0, 1}) {
        const Half chosen(words, bit, static_cast<int>(half));
        std::uint64_t number = 0;
        for (std::uint64_t i = 0; i < words; ++i) {
          if ((i >> bit & 1) != half) continue;
          EXPECT_EQ(chosen.word(number++), i);
        }
        EXPECT_EQ(chosen.count(), number);
      }
    }
  }
  EXPECT_EQ(Half(1 << 20, 62, 0).count(), 1U << 20);
  EXPECT_EQ(Half(1 << 20, 62, 1).count(), 0U);
}

}  // namespace
}  // namespace rackproof::cpu
