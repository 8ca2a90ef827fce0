// SPDX-License-Identifier: Apache-2.0
// Every kind of fault in every workload that reads memory: what the observer saw change is what the
// check finds, element by element and bit by bit, and nothing is left of it afterwards.
#include <algorithm>

#include "backends/cpu/device_under_test.h"
#include "backends/cpu/half.h"

namespace rackproof::cpu {
namespace {

constexpr FaultKind kKinds[] = {FaultKind::flip,  FaultKind::stuck,   FaultKind::zero,
                                FaultKind::nan,   FaultKind::inf,     FaultKind::swap,
                                FaultKind::lanes, FaultKind::scramble};
constexpr std::uint64_t kWord = 0x5555555555555555ULL, kLines = 53;
constexpr RunFor kOnce{.iterations = 1, .pattern = 4};

Fault fault_of(FaultSite site, FaultKind kind, std::uint64_t element) {
  return {
      .site = site, .kind = kind, .element = element, .mask = 1ULL << 50, .count = 5, .stride = 16};
}

// One run is enough for the fault, and the miscompares are exactly the activations.
void expect_found(Prepared& work, const Fault& fault, const std::string& what) {
  SCOPED_TRACE(what + " " + std::string(name(fault.kind)));
  auto armed = work.arm(fault);
  ASSERT_NE(armed, nullptr);
  const Burst burst = work.run(kOnce);
  const auto flips = armed->activations();
  const bool several = fault.kind == FaultKind::lanes || fault.kind == FaultKind::scramble;
  EXPECT_EQ(flips.size(), several ? 5U : fault.kind == FaultKind::swap ? 2U : 1U);
  EXPECT_EQ(burst.miscompares, flips.size());
  for (const Activation& flip : flips) {
    EXPECT_TRUE(std::ranges::any_of(burst.samples, [&](const Miscompare& m) {
      return m.element == flip.element && m.expected == flip.before && m.got == flip.after;
    }));
  }
  armed.reset();
  EXPECT_EQ(work.run(kOnce).miscompares, 0U);
}

// A workload that reads, and the one that writes what it expects there.
struct Pair {
  Workload reads, writes;
};

std::vector<Pair> memory_pairs(const Region& region) {
  std::vector<Pair> all;
  for (const Content what : {Content::seeded, Content::address, Content::inverse_address})
    all.push_back({Check{region, what}, Fill{region, what}});
  for (const bool others : {false, true}) {
    for (const bool inverted : {false, true}) {
      all.push_back({Stripe{region, MarchOp::Kind::read, 7, others, inverted},
                     Stripe{region, MarchOp::Kind::write, 7, others, inverted}});
    }
  }
  all.push_back(
      {Sweep{region, {MarchOp::Kind::read, kWord}}, Sweep{region, {MarchOp::Kind::write, kWord}}});
  return all;
}

bool all_alike(const Workload& work) {
  return std::holds_alternative<Stripe>(work) || std::holds_alternative<Sweep>(work);
}

TEST(CpuMemoryFault, OfEveryKindIsFoundWhereItStruck) {
  const auto device = device_with_cores(3);
  const Region region = device->allocate(64 * kLines);
  for (const Pair& pair : memory_pairs(region)) {
    (void)ready(*device, pair.writes)->run(kOnce);
    const auto reads = ready(*device, pair.reads);
    for (const FaultKind kind : kKinds) {
      for (const std::uint64_t element : {1UL, 10007UL, ~0UL}) {
        const Fault fault = fault_of(FaultSite::memory, kind, element);
        if (all_alike(pair.reads) && kind == FaultKind::swap)
          EXPECT_EQ(reads->arm(fault), nullptr);
        else
          expect_found(*reads, fault, describe(pair.reads));
      }
    }
  }
}

TEST(CpuMemoryFault, ThatFlipsOneBitInTwoWordsShowsInTheDigest) {
  const auto device = device_with_cores(3);
  const Region region = device->allocate(64 * kLines);
  for (const Pair& pair : memory_pairs(region)) {
    (void)ready(*device, pair.writes)->run(kOnce);
    const auto reads = ready(*device, pair.reads);
    for (const int bit : {63, 62, 33, 32, 31}) {
      Fault fault = fault_of(FaultSite::memory, FaultKind::lanes, 99);
      fault.mask = 1ULL << bit;
      fault.count = 2;
      const auto armed = reads->arm(fault);
      const Burst burst = reads->run(kOnce);
      EXPECT_EQ(burst.miscompares, 2U);
      EXPECT_NE(burst.digest, golden_of(pair.reads, kOnce)) << describe(pair.reads) << " " << bit;
    }
  }
}

TEST(CpuMemoryFault, StrikesNoWorkThatOnlyWritesAndNoOtherSite) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(4096);
  for (const Pair& pair : memory_pairs(region)) {
    EXPECT_EQ(ready(*device, pair.writes)->arm({.site = FaultSite::memory}), nullptr);
    for (const FaultSite site : {FaultSite::result, FaultSite::transfer, FaultSite::operand})
      EXPECT_EQ(ready(*device, pair.reads)->arm({.site = site}), nullptr);
  }
}

TEST(CpuMemoryFault, ThatIsStuckComesBackInEveryIteration) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(4096);
  for (const Pair& pair : memory_pairs(region)) {
    (void)ready(*device, pair.writes)->run(kOnce);
    const auto reads = ready(*device, pair.reads);
    const auto armed = reads->arm(fault_of(FaultSite::memory, FaultKind::stuck, 99));
    EXPECT_EQ(reads->run({.iterations = 3, .pattern = 4}).miscompares, 3U);
  }
}

TEST(CpuTransferFault, OfEveryKindIsFoundWhereItStruck) {
  const auto device = device_with_cores(3);
  for (const Place place : {Place::device, Place::host, Place::pageable}) {
    const Region far = device->allocate(64 * kLines, place), near = device->allocate(64 * kLines);
    for (const Copy& copy : {Copy{far, near}, Copy{near, far}}) {
      const auto prepared = ready(*device, copy);
      for (const FaultKind kind : kKinds)
        expect_found(*prepared, fault_of(FaultSite::transfer, kind, 10007), "copy");
    }
  }
}

TEST(CpuTransferFault, ThatIsStuckComesBackInEveryCopyAndAFlipDoesNot) {
  const auto device = device_with_cores(2);
  const auto prepared =
      ready(*device, Copy{device->allocate(64 * kLines), device->allocate(64 * kLines)});
  for (const bool stuck : {false, true}) {
    const auto armed = prepared->arm(
        fault_of(FaultSite::transfer, stuck ? FaultKind::stuck : FaultKind::flip, 99));
    EXPECT_EQ(prepared->run({.iterations = 3, .pattern = 4}).miscompares, stuck ? 3U : 1U);
  }
}

// The pass after a fault of b computes a from the array put right, and the other way round.
TEST(CpuTriadFault, OfEveryKindIsFoundWhereItStruckInEitherDirection) {
  const auto device = device_with_cores(2);
  const auto allocate = [&] { return device->allocate(64 * kLines); };
  const auto prepared = ready(*device, Triad{allocate(), allocate(), allocate()});
  for (const FaultKind kind : kKinds) {
    for (int direction = 0; direction < 3; ++direction)
      expect_found(*prepared, fault_of(FaultSite::memory, kind, 333 + 8 * kLines), "triad");
  }
}

TEST(CpuSweepFault, StaysInTheSweptHalf) {
  const auto device = device_with_cores(3);
  const Region region = device->allocate(64 * 50);
  (void)ready(*device, Sweep{region, {MarchOp::Kind::write, kWord}})->run(kOnce);
  const auto prepared = ready(*device, Sweep{region, {MarchOp::Kind::read, kWord}});
  for (int bit = -1; bit < 10; ++bit) {
    const RunFor how{.iterations = 1, .address_bit = bit, .half = 1};
    const auto armed = prepared->arm({.site = FaultSite::memory, .element = 10007, .mask = 6});
    const Burst burst = prepared->run(how);
    const auto flips = armed->activations();
    ASSERT_EQ(flips.size(), Half(region.words(), bit, 1).count() == 0 ? 0U : 1U);
    ASSERT_EQ(burst.miscompares, flips.size());
    if (flips.empty()) continue;
    EXPECT_EQ(burst.samples[0].element, flips[0].element);
    EXPECT_NE(burst.digest, golden_of(Sweep{region, {MarchOp::Kind::read, kWord}}, how));
    EXPECT_EQ(burst.cores[burst.samples[0].core].miscompares, 1U);
  }
}

// Zero where zeros are right, and the like: that is no fault, so that none is counted.
TEST(CpuSweepFault, ThatWouldChangeNothingIsNotArmed) {
  const auto device = device_with_cores(1);
  const Region region = device->allocate(64);
  const auto arm = [&](std::uint64_t word, FaultKind kind) {
    return ready(*device, Sweep{region, {MarchOp::Kind::read, word}})
        ->arm({.site = FaultSite::memory, .kind = kind});
  };
  EXPECT_EQ(arm(0, FaultKind::zero), nullptr);
  EXPECT_NE(arm(1, FaultKind::zero), nullptr);
  EXPECT_EQ(arm(~0ULL, FaultKind::nan), nullptr);
  EXPECT_EQ(arm(~0ULL >> 1, FaultKind::inf), nullptr);
  EXPECT_NE(arm(0, FaultKind::inf), nullptr);
}

}  // namespace
}  // namespace rackproof::cpu
