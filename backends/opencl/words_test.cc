// SPDX-License-Identifier: Apache-2.0
// Fill, Check, Sweep, Stripe, Copy and Triad: goldens, faults, chunks.
#include <array>

#include "backends/opencl/device_under_test.h"

namespace rackproof::opencl {
namespace {

constexpr std::uint64_t kWord = 0x5555555555555555ULL;
constexpr std::uint64_t kOddSize = 64 * 171;  // three chunks of 4 KiB where chunks are that small

Sweep write(const Region& on, std::uint64_t word) { return {on, {MarchOp::Kind::write, word}}; }
Sweep read(const Region& on, std::uint64_t word) { return {on, {MarchOp::Kind::read, word}}; }

std::uint64_t word_of(const Region& region, std::uint64_t i) {
  return dynamic_cast<const Memory&>(*region.memory).peek(8 * i, 8);
}

std::shared_ptr<Card> card_in_small_buffers() {
  Traits traits = traits_of(first_device());
  traits.largest_buffer_bytes = 5000;
  return card_with(traits, kAllocatable);
}

class OpenClWords : public OnDevice {};
RACKPROOF_ON_BOTH(OpenClWords);

TEST_P(OpenClWords, FillWritesItsContentAndCheckArrivesAtTheGolden) {
  const Region region = device().allocate(kOddSize);
  for (const Content what : {Content::seeded, Content::address, Content::inverse_address}) {
    const RunFor how{.iterations = 2, .pattern = 4};
    const auto filling = ready(device(), Fill{region, what});
    const Burst filled = filling->run(how);
    EXPECT_FALSE(filled.digest.has_value());
    EXPECT_EQ(filled.bytes, 2 * kOddSize);
    EXPECT_EQ(filling->arm({.site = FaultSite::memory}), nullptr);
    for (const std::uint64_t i : {0UL, 511UL, 512UL, region.words() - 1})
      EXPECT_EQ(word_of(region, i), content_word(what, 4, i));
    expect_clean(ready(device(), Check{region, what})->run(how), Check{region, what}, how);
  }
}

TEST_P(OpenClWords, SweepsArriveAtTheGoldenInEveryHalf) {
  for (const std::uint64_t lines : {1, 5, 171}) {
    const Region region = device().allocate(64 * lines);
    const std::array words{kWord, ~kWord};
    const std::array writing{ready(device(), write(region, words[0])),
                             ready(device(), write(region, words[1]))};
    const std::array reading{ready(device(), read(region, words[0])),
                             ready(device(), read(region, words[1]))};
    for (int bit = -1; bit < 12; ++bit) {
      for (const int half : {0, 1}) {
        const RunFor how{.iterations = 1, .address_bit = bit, .half = half};
        (void)writing[half]->run(how);
        expect_clean(reading[half]->run(how), read(region, words[half]), how);
      }
    }
  }
}

TEST_P(OpenClWords, StripesTouchTheirWordsOnlyAndArriveAtTheGolden) {
  const Region region = device().allocate(kOddSize);
  for (const std::uint64_t phase : {0, 7, 19}) {
    const RunFor how{.iterations = 1, .pattern = phase};
    const auto op = [&](MarchOp::Kind kind, bool others) {
      return Stripe{region, kind, phase, others, others};
    };
    for (const bool others : {false, true})
      (void)ready(device(), op(MarchOp::Kind::write, others))->run(how);
    for (const bool others : {false, true}) {
      const Stripe reading = op(MarchOp::Kind::read, others);
      expect_clean(ready(device(), reading)->run(how), reading, how);
    }
  }
  EXPECT_EQ(refusal(device(), Stripe{region, MarchOp::Kind::read, 20, false, false}),
            "a stripe's phase is 0 ... 19, not 20");
}

TEST_P(OpenClWords, FindEveryKindOfMemoryFaultInTheSweptHalfAndUndoIt) {
  const Region region = device().allocate(kOddSize);
  (void)ready(device(), write(region, kWord))->run({.iterations = 1});
  const auto prepared = ready(device(), read(region, kWord));
  for (const FaultKind kind : kKinds) {
    for (const int bit : {-1, 0, 4, 9, 10}) {
      const RunFor how{.iterations = 1, .address_bit = bit, .half = 1};
      auto armed = prepared->arm({.site = FaultSite::memory,
                                  .kind = kind,
                                  .element = 10007,
                                  .mask = 6,
                                  .count = 5,
                                  .stride = 3});
      const Burst burst = prepared->run(how);
      expect_found(burst, *armed, std::string(name(kind)));
      EXPECT_EQ(armed->activations().empty(), kind == FaultKind::swap);
      EXPECT_EQ(burst.digest == golden_of(read(region, kWord), how), kind == FaultKind::swap);
      armed.reset();
      EXPECT_EQ(prepared->run(how).miscompares, 0U);
    }
  }
}

TEST_P(OpenClWords, ShowOneBitFlippedInTwoWordsInTheDigest) {
  const Region region = device().allocate(kOddSize);
  const RunFor how{.iterations = 1, .pattern = 4};
  (void)ready(device(), Fill{region})->run(how);
  const auto prepared = ready(device(), Check{region});
  for (const int bit : {63, 62, 33, 32, 31}) {
    const auto armed = prepared->arm({.site = FaultSite::memory,
                                      .kind = FaultKind::lanes,
                                      .element = 99,
                                      .mask = 1ULL << bit,
                                      .count = 2,
                                      .stride = 16});
    const Burst burst = prepared->run(how);
    EXPECT_EQ(burst.miscompares, 2U);
    EXPECT_NE(burst.digest, golden_of(Check{region}, how)) << bit;
  }
}

TEST_P(OpenClWords, KeepTheFirstSamplesAndCountAll) {
  const Region region = device().allocate(1 << 14);
  (void)ready(device(), write(region, 3))->run({.iterations = 1});
  const Burst burst = ready(device(), read(region, 4))->run({.iterations = 2});
  EXPECT_EQ(burst.miscompares, 2 * region.words());
  ASSERT_EQ(burst.samples.size(), kMaxSamples);
  EXPECT_EQ(burst.samples[0].expected, 4U);
  EXPECT_EQ(burst.samples[0].got, 3U);
  std::uint64_t by_cores = 0;
  for (const CoreTally& core : burst.cores) by_cores += core.miscompares;
  EXPECT_EQ(by_cores, 2 * region.words());
}

// The fault left zeros, and zeros are right by now: "undoing" it would break good memory.
TEST_P(OpenClWords, AStruckWordIsLeftAloneOnceItWasWrittenAgain) {
  const Region region = device().allocate(64 * 50);
  (void)ready(device(), write(region, kWord))->run({.iterations = 1});
  const auto prepared = ready(device(), read(region, kWord));
  auto armed = prepared->arm({.site = FaultSite::memory, .kind = FaultKind::zero, .element = 7});
  EXPECT_EQ(prepared->run({.iterations = 1}).miscompares, 1U);
  (void)ready(device(), write(region, 0))->run({.iterations = 1});
  armed.reset();
  EXPECT_EQ(ready(device(), read(region, 0))->run({.iterations = 1}).miscompares, 0U);
}

TEST_P(OpenClWords, ATimingFaultIsNotTheirs) {
  const Region region = device().allocate(64);
  const auto prepared = ready(device(), read(region, 0));
  EXPECT_EQ(prepared->arm({.site = FaultSite::memory, .kind = FaultKind::late}), nullptr);
  EXPECT_EQ(prepared->arm({.site = FaultSite::result}), nullptr);
}

class OpenClChunks : public OnDevice {};
RACKPROOF_ON_BOTH(OpenClChunks);

TEST_P(OpenClChunks, ARegionOfSeveralBuffersIsSweptAsOne) {
  if (GetParam() == As::gpu) GTEST_SKIP() << "the same as for the device itself";
  KernelDevice device(card_in_small_buffers());
  const Region region = device.allocate(kOddSize), other = device.allocate(kOddSize);
  ASSERT_EQ(dynamic_cast<const Memory&>(*region.memory).chunks().size(), 3U);
  const auto writing = ready(device, write(region, kWord));
  const auto reading = ready(device, read(region, kWord));
  for (const int bit : {-1, 8, 9, 10, 11}) {
    for (const int half : {0, 1}) {
      const RunFor how{.iterations = 1, .address_bit = bit, .half = half};
      (void)writing->run(how);
      expect_clean(reading->run(how), read(region, kWord), how);
    }
  }
  for (const bool others : {false, true}) {
    const Stripe put{region, MarchOp::Kind::write, 3, others, false},
        get{region, MarchOp::Kind::read, 3, others, false};
    (void)ready(device, put)->run({.iterations = 1});
    expect_clean(ready(device, get)->run({.iterations = 1}), get, {});
  }
  const RunFor how{.iterations = 3, .pattern = 7};
  expect_clean(ready(device, Copy{region, other})->run(how), Copy{region, other}, how);
  const auto armed = reading->arm({.site = FaultSite::memory, .element = 1300});
  (void)writing->run({.iterations = 1});
  const Burst burst = reading->run({.iterations = 1});
  expect_found(burst, *armed, "in the last chunk");
  EXPECT_EQ(burst.samples[0].element, 1300U);
}

class OpenClCopy : public OnDevice {};
RACKPROOF_ON_BOTH(OpenClCopy);

struct Ends {
  Place from, to;
};
constexpr Ends kEnds[] = {{Place::host, Place::device},
                          {Place::device, Place::host},
                          {Place::pageable, Place::device},
                          {Place::device, Place::pageable},
                          {Place::device, Place::device}};

TEST_P(OpenClCopy, ArrivesAtTheGoldenAndRefillsWhatOthersOverwrote) {
  for (const Ends& ends : kEnds) {
    const Region from = device().allocate(kOddSize, ends.from),
                 to = device().allocate(kOddSize, ends.to);
    const Workload work = Copy{from, to};
    const auto prepared = ready(device(), work);
    for (const std::uint64_t pattern : {8, 8, 9}) {
      const RunFor how{.iterations = 2, .pattern = pattern};
      const Burst burst = prepared->run(how);
      expect_clean(burst, work, how);
      EXPECT_EQ(burst.bytes, 2 * kOddSize);
      if (ends.from == Place::device) (void)ready(device(), write(from, 1))->run({.iterations = 1});
    }
  }
}

TEST_P(OpenClCopy, FindsEveryKindOfTransferFault) {
  for (const Ends& ends : kEnds) {
    const Region from = device().allocate(64 * 21, ends.from),
                 to = device().allocate(64 * 21, ends.to);
    const auto prepared = ready(device(), Copy{from, to});
    for (const FaultKind kind : kKinds) {
      const RunFor how{.iterations = 2, .pattern = 8};
      const auto armed = prepared->arm(
          {.site = FaultSite::transfer, .kind = kind, .element = 1000, .count = 3, .stride = 7});
      const Burst burst = prepared->run(how);
      ASSERT_FALSE(armed->activations().empty());
      expect_found(burst, *armed, std::string(name(kind)));
      EXPECT_NE(burst.digest, golden_of(Copy{from, to}, how));
    }
    const auto stuck =
        prepared->arm({.site = FaultSite::transfer, .kind = FaultKind::stuck, .element = 5});
    EXPECT_EQ(prepared->run({.iterations = 3, .pattern = 8}).miscompares, 3U);
  }
}

TEST_P(OpenClCopy, RefusesWhatIsNoCopyOfThisDevice) {
  const Region small = device().allocate(64), large = device().allocate(128);
  const Region host = device().allocate(64, Place::host),
               other = device().allocate(64, Place::host);
  EXPECT_EQ(refusal(device(), Copy{small, large}), "a copy needs two regions of the same size");
  EXPECT_EQ(refusal(device(), Copy{small, small}), "a copy needs two regions");
  EXPECT_EQ(refusal(device(), Copy{host, other}),
            "a copy within the host's memory has no part of this device in it");
  EXPECT_EQ(refusal(device(), Fill{host}),
            "words are swept in device memory; this region is the host's");
}

class OpenClTriad : public OnDevice {
 protected:
  static Triad arrays() {
    return {device().allocate(64 * 21), device().allocate(64 * 21), device().allocate(64 * 21)};
  }
};
RACKPROOF_ON_BOTH(OpenClTriad);

TEST_P(OpenClTriad, ArrivesAtTheGoldenAfterAnyNumberOfPasses) {
  const Triad work = arrays();
  const auto prepared = ready(device(), work);
  for (std::uint64_t passes = 1; passes < 5; ++passes) {
    const RunFor how{.iterations = passes, .pattern = 5 + passes / 3};
    const Burst burst = prepared->run(how);
    expect_clean(burst, work, how);
    EXPECT_EQ(burst.bytes, 24.0 * 8 * 21 * static_cast<double>(passes));
  }
  (void)ready(device(), write(work.b, 1))->run({.iterations = 1});
  expect_clean(prepared->run({.iterations = 1}), work, {});
}

TEST_P(OpenClTriad, FindsEveryKindOfMemoryFaultOnceInEitherDirection) {
  const Triad work = arrays();
  const auto prepared = ready(device(), work);
  for (const FaultKind kind : kKinds) {
    for (int direction = 0; direction < 2; ++direction) {
      const auto armed = prepared->arm({.site = FaultSite::memory,
                                        .kind = kind,
                                        .element = 101,
                                        .mask = 1ULL << 50,
                                        .count = 3,
                                        .stride = 5});
      const Burst burst = prepared->run({.iterations = 1, .pattern = 8});
      ASSERT_FALSE(armed->activations().empty());
      expect_found(burst, *armed, std::string(name(kind)));
      EXPECT_EQ(prepared->run({.iterations = 2, .pattern = 8}).miscompares, 0U);
    }
  }
}

TEST_P(OpenClTriad, RefusesOtherTypesSizesAndSharedRegions) {
  Triad work = arrays();
  work.type = DType::fp32;
  EXPECT_EQ(refusal(device(), work), "triad runs in fp64 only");
  work.type = DType::fp64;
  EXPECT_EQ(refusal(device(), Triad{work.a, work.b, work.b}),
            "triad needs three different regions");
  EXPECT_EQ(refusal(device(), Triad{work.a, work.b, device().allocate(64)}),
            "triad needs three regions of the same size");
  Traits traits = traits_of(first_device());
  traits.fp64 = false;
  KernelDevice single(card_with(traits, kAllocatable));
  EXPECT_EQ(refusal(single, work), "opencl:test has no fp64 (CL_DEVICE_DOUBLE_FP_CONFIG)");
}

}  // namespace
}  // namespace rackproof::opencl
