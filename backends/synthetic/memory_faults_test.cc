// SPDX-License-Identifier: Apache-2.0
// Every kind of fault in every workload that reads memory or moves it: what is said to have changed
// is what is found, and the digest is that of a result which holds it.
#include <gtest/gtest.h>

#include <algorithm>

#include "backends/synthetic/device_on_test.h"

namespace rackproof {
namespace {

constexpr FaultKind kKinds[] = {FaultKind::flip,  FaultKind::stuck,   FaultKind::zero,
                                FaultKind::nan,   FaultKind::inf,     FaultKind::swap,
                                FaultKind::lanes, FaultKind::scramble};

// A workload that reads, and the one that writes what it expects there.
struct Pair {
  Workload reads, writes;
};

std::vector<Pair> memory_pairs(const Region& region) {
  std::vector<Pair> all;
  for (const Content what : {Content::seeded, Content::address, Content::inverse_address})
    all.push_back({Check{region, what}, Fill{region, what}});
  for (std::uint64_t phase = 0; phase < kStripe; phase += 3) {
    for (const bool others : {false, true}) {
      for (const bool inverted : {false, true}) {
        all.push_back({Stripe{region, MarchOp::Kind::read, phase, others, inverted},
                       Stripe{region, MarchOp::Kind::write, phase, others, inverted}});
      }
    }
  }
  return all;
}

Fault fault_of(FaultSite site, FaultKind kind) {
  return {.site = site, .kind = kind, .element = 100057, .mask = 6, .count = 5, .stride = 3};
}

void expect_found(Device& device, const Workload& work, const Fault& fault) {
  SCOPED_TRACE(describe(work) + " " + std::string(name(fault.kind)));
  const auto prepared = prepared_on(device, work);
  const auto armed = prepared->arm(fault);
  ASSERT_NE(armed, nullptr);
  const Burst burst = prepared->run(once());
  const auto flips = armed->activations();
  const bool several = fault.kind == FaultKind::lanes || fault.kind == FaultKind::scramble;
  EXPECT_EQ(flips.size(), several ? 5U : fault.kind == FaultKind::swap ? 2U : 1U);
  EXPECT_EQ(burst.miscompares, flips.size());
  std::uint64_t digest = **golden({describe(work), 7});
  for (const Activation& flip : flips) {
    digest += digest_term(flip.after, flip.element) - digest_term(flip.before, flip.element);
    EXPECT_TRUE(std::ranges::any_of(burst.samples, [&](const Miscompare& m) {
      return m.element == flip.element && m.expected == flip.before && m.got == flip.after;
    }));
  }
  EXPECT_EQ(burst.digest, digest);
  EXPECT_EQ(prepared->run(once()).digest, golden({describe(work), 7}).value());
}

TEST(SyntheticMemoryFault, OfEveryKindIsFoundWhereItStruck) {
  const auto device = small_device();
  for (const std::uint64_t lines : {3, 53}) {
    const Region region = device->allocate(64 * lines);
    for (const Pair& pair : memory_pairs(region)) {
      (void)prepared_on(*device, pair.writes)->run(once());
      const bool alike = std::holds_alternative<Stripe>(pair.reads);
      for (const FaultKind kind : kKinds) {
        if (lines == 3 && alike) continue;  // too few words for several elements
        const Fault fault = fault_of(FaultSite::memory, kind);
        if (alike && kind == FaultKind::swap)
          EXPECT_EQ(prepared_on(*device, pair.reads)->arm(fault), nullptr);
        else
          expect_found(*device, pair.reads, fault);
      }
    }
  }
}

TEST(SyntheticMemoryFault, ThatFlipsOneBitInTwoWordsShowsInTheDigest) {
  const auto device = small_device();
  const Region region = device->allocate(64 * 53);
  for (const Pair& pair : memory_pairs(region)) {
    (void)prepared_on(*device, pair.writes)->run(once());
    const auto reads = prepared_on(*device, pair.reads);
    for (const int bit : {63, 62, 33, 32, 31}) {
      Fault fault = fault_of(FaultSite::memory, FaultKind::lanes);
      fault.mask = 1ULL << bit;
      fault.count = 2;
      const auto armed = reads->arm(fault);
      const Burst burst = reads->run(once());
      EXPECT_EQ(burst.miscompares, 2U);
      EXPECT_NE(burst.digest, golden({describe(pair.reads), 7}).value()) << bit;
    }
  }
}

TEST(SyntheticMemoryFault, OfEveryKindIsFoundInCopiesAndTriads) {
  const auto device = small_device();
  const Region a = device->allocate(4096), b = device->allocate(4096), c = device->allocate(4096);
  const Region pinned = device->allocate(4096, Place::host),
               pageable = device->allocate(4096, Place::pageable);
  for (const FaultKind kind : kKinds) {
    for (const Copy& copy : {Copy{a, b}, Copy{pinned, a}, Copy{a, pinned}, Copy{pageable, a}})
      expect_found(*device, copy, fault_of(FaultSite::transfer, kind));
    expect_found(*device, Triad{a, b, c}, fault_of(FaultSite::memory, kind));
  }
}

TEST(SyntheticMemoryFault, StrikesNoElementTwice) {
  const auto device = small_device();
  const Region region = device->allocate(64);
  (void)prepared_on(*device, Fill{region})->run(once());
  const auto check = prepared_on(*device, Check{region});
  for (const std::uint64_t stride : {0, 1, 2, 8}) {
    const auto armed = check->arm({.site = FaultSite::memory,
                                   .kind = FaultKind::lanes,
                                   .mask = 1,
                                   .count = 100,
                                   .stride = stride});
    EXPECT_EQ(check->run(once()).miscompares, stride == 1 ? 8U : stride == 2 ? 4U : 1U) << stride;
  }
}

TEST(SyntheticContent, ArrivesAtTheGoldenOfEveryStripeAndContent) {
  const auto device = small_device();
  for (const std::uint64_t lines : {1, 2, 5, 37}) {
    const Region region = device->allocate(64 * lines);
    for (const Pair& pair : memory_pairs(region)) {
      EXPECT_FALSE(prepared_on(*device, pair.writes)->run(once()).digest);
      const Burst burst = prepared_on(*device, pair.reads)->run(once());
      EXPECT_EQ(burst.miscompares, 0U) << describe(pair.reads);
      EXPECT_EQ(burst.digest, golden({describe(pair.reads), 7}).value()) << describe(pair.reads);
    }
  }
}

TEST(SyntheticContent, ShowsThatOthersWroteInBetween) {
  const auto device = small_device();
  const Region region = device->allocate(1 << 16);
  for (const Pair& pair : memory_pairs(region)) {
    (void)prepared_on(*device, pair.writes)->run(once());
    (void)prepared_on(*device, Sweep{region, {MarchOp::Kind::write, 5}})->run(once());
    const auto* stripe = std::get_if<Stripe>(&pair.reads);
    if (stripe != nullptr && !stripe->others) continue;  // few watched words, perhaps none of them
    EXPECT_GE(prepared_on(*device, pair.reads)->run(once()).miscompares, 1U);
  }
}

TEST(SyntheticQuirk, WrongMemoryStrikesChecksAndStripes) {
  for (const bool stripe : {false, true}) {
    const auto device = small_device("wrong=memory every=1");
    const Region region = device->allocate(1 << 16);
    const Workload writes =
        stripe ? Workload{Stripe{region, MarchOp::Kind::write, 0, true}} : Workload{Fill{region}};
    const Workload reads =
        stripe ? Workload{Stripe{region, MarchOp::Kind::read, 0, true}} : Workload{Check{region}};
    (void)prepared_on(*device, writes)->run(once());
    const Burst burst = prepared_on(*device, reads)->run(once());
    EXPECT_EQ(burst.miscompares, 1U);
    EXPECT_NE(burst.digest, golden({describe(reads), 7}).value());
  }
}

// Where twice the memory is claimed than there is, two addresses share a cell.
TEST(SyntheticQuirk, SizeLiarIsFoundByAddressesInAddresses) {
  const auto device = small_device("lies=size");
  const Region region = device->allocate(2 << 20);
  for (const Content what : {Content::address, Content::inverse_address}) {
    (void)prepared_on(*device, Fill{region, what})->run(once());
    EXPECT_GE(prepared_on(*device, Check{region, what})->run(once()).miscompares, 1U);
  }
}

TEST(SyntheticQuirk, NamesChecksAndStripesAsWork) {
  const auto device = small_device("unsupported=stripe"), failing = small_device("error=check");
  const Region region = device->allocate(64), other = failing->allocate(64);
  const auto reason = [&](const Workload& work) {
    return std::get<Unsupported>(device->prepare(work)).reason;
  };
  EXPECT_EQ(reason(Stripe{region}), "n0-d0 does not support stripe");
  EXPECT_THROW((void)prepared_on(*failing, Check{other})->run(once()), DeviceError);
  EXPECT_EQ(std::get<Unsupported>(failing->prepare(Stripe{other, MarchOp::Kind::read, 20})).reason,
            "n0-d0 does not support stripe 20 of 20");
}

}  // namespace
}  // namespace rackproof
