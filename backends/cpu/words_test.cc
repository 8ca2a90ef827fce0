// SPDX-License-Identifier: Apache-2.0
// Fill, Sweep, Copy and Triad: goldens, faults, halves.
#include <hwy/targets.h>

#include <algorithm>

#include "backends/cpu/device_under_test.h"
#include "backends/cpu/half.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kWord = 0x5555555555555555ULL;
constexpr FaultKind kKinds[] = {FaultKind::flip, FaultKind::stuck, FaultKind::zero, FaultKind::nan,
                                FaultKind::swap};

Sweep write(const Region& on, std::uint64_t word) { return {on, {MarchOp::Kind::write, word}}; }
Sweep read(const Region& on, std::uint64_t word) { return {on, {MarchOp::Kind::read, word}}; }

TEST(CpuFill, WritesThePatternAndReadsNothing) {
  const auto device = device_with_cores(3);
  const Region region = device->allocate(64 * 7);
  const auto prepared = ready(*device, Fill{region});
  const Burst burst = prepared->run({.iterations = 2, .pattern = 4});
  EXPECT_FALSE(burst.digest.has_value());
  EXPECT_EQ(burst.bytes, 2 * 64 * 7);
  for (std::uint64_t i = 0; i < region.words(); ++i)
    EXPECT_EQ(memory_of(region)->as<std::uint64_t>()[i], pattern_word(4, i));
  EXPECT_EQ(prepared->arm({.site = FaultSite::memory}), nullptr);
}

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

TEST(CpuSweep, FindsAStruckWordInTheSweptHalfAndUndoesIt) {
  const auto device = device_with_cores(3);
  const Region region = device->allocate(64 * 50);
  (void)ready(*device, write(region, kWord))->run({.iterations = 1});
  const auto prepared = ready(*device, read(region, kWord));
  for (const FaultKind kind : kKinds) {
    for (int bit = -1; bit < 10; ++bit) {
      const RunFor how{.iterations = 1, .address_bit = bit, .half = 1};
      auto armed =
          prepared->arm({.site = FaultSite::memory, .kind = kind, .element = 10007, .mask = 6});
      const Burst burst = prepared->run(how);
      const auto flips = armed->activations();
      ASSERT_EQ(flips.size(),
                kind == FaultKind::swap || Half(region.words(), bit, 1).count() == 0 ? 0U : 1U);
      ASSERT_EQ(burst.miscompares, flips.size());
      armed.reset();
      EXPECT_EQ(prepared->run(how).miscompares, 0U);
      if (flips.empty()) continue;
      EXPECT_EQ(burst.samples[0].element, flips[0].element);
      EXPECT_EQ(burst.samples[0].got, flips[0].after);
      EXPECT_NE(burst.digest, golden_of(read(region, kWord), how));
      EXPECT_EQ(burst.cores[burst.samples[0].core].miscompares, 1U);
    }
  }
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

TEST(CpuCopy, FindsEveryKindOfTransferFault) {
  const auto device = device_with_cores(2);
  const Region from = device->allocate(64 * 21), to = device->allocate(64 * 21);
  const auto prepared = ready(*device, Copy{from, to});
  for (const FaultKind kind : kKinds) {
    const RunFor how{.iterations = 2, .pattern = 8};
    const auto armed = prepared->arm({.site = FaultSite::transfer, .kind = kind, .element = 1000});
    const Burst burst = prepared->run(how);
    const std::size_t flips = kind == FaultKind::swap ? 2 : 1;
    ASSERT_EQ(armed->activations().size(), flips);
    EXPECT_EQ(burst.miscompares, kind == FaultKind::stuck ? 2 : flips);
    EXPECT_EQ(burst.samples[0].element, 1000 % to.words());
    EXPECT_EQ(burst.samples[0].got, armed->activations()[0].after);
    EXPECT_NE(burst.digest, golden_of(Copy{from, to}, how));
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

TEST(CpuCopy, RefusesUnequalRegions) {
  const auto device = device_with_cores(1);
  const Region small = device->allocate(64), large = device->allocate(128);
  EXPECT_EQ(std::get<Unsupported>(device->prepare(Copy{small, large})).reason,
            "a copy needs two regions of the same size");
  EXPECT_EQ(std::get<Unsupported>(device->prepare(Copy{small, small})).reason,
            "a copy needs two regions");
}

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

TEST(CpuTriad, FindsEveryKindOfMemoryFaultOnceInEitherDirection) {
  const auto device = device_with_cores(2);
  const TriadRegions x(*device);
  const auto prepared = ready(*device, x.work);
  for (const FaultKind kind : kKinds) {
    for (int direction = 0; direction < 2; ++direction) {
      const auto armed = prepared->arm(
          {.site = FaultSite::memory, .kind = kind, .element = 333, .mask = 1ULL << 50});
      const Burst burst = prepared->run({.iterations = 1, .pattern = 8});
      const auto flips = armed->activations();
      ASSERT_EQ(flips.size(), kind == FaultKind::swap ? 2U : 1U);
      ASSERT_EQ(burst.miscompares, flips.size());
      for (const Miscompare& m : burst.samples) {
        EXPECT_TRUE(std::ranges::any_of(flips, [&](const Activation& f) {
          return f.element == m.element && f.after == m.got;
        }));
      }
      EXPECT_EQ(prepared->run({.iterations = 2, .pattern = 8}).miscompares, 0U);
    }
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
