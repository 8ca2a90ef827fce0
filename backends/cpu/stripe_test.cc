// SPDX-License-Identifier: Apache-2.0
// Stripes: every phase, own words and others, in regions of every odd size.
#include "backends/cpu/device_under_test.h"
#include "backends/cpu/each_target_for_test.h"
#include "backends/cpu/stripe_words.h"

namespace rackproof::cpu {
namespace {

using Kind = MarchOp::Kind;
constexpr RunFor kOnce{.iterations = 1, .pattern = 4};

class StripesOn : public OnEachTarget {
 protected:
  // Every phase, own words and others, plain and inverted.
  template <class Act>
  void each_stripe(const Region& region, const Act& act) {
    for (std::uint64_t phase = 0; phase < kStripe; ++phase) {
      for (const bool others : {false, true}) {
        for (const bool inverted : {false, true}) {
          act(Stripe{region, Kind::write, phase, others, inverted});
        }
      }
    }
  }
};

Stripe reading(Stripe stripe) {
  stripe.kind = Kind::read;
  return stripe;
}

TEST_P(StripesOn, WriteTheirWordsAndNoOther) {
  const auto device = device_with_cores(3);
  for (const std::uint64_t lines : {1, 3, 5, 23}) {
    const Region region = device->allocate(64 * lines);
    auto* const words = memory_of(region)->as<std::uint64_t>();
    each_stripe(region, [&](const Stripe& stripe) {
      for (std::uint64_t i = 0; i < region.words(); ++i) words[i] = i;
      (void)ready(*device, stripe)->run(kOnce);
      const std::uint64_t word = stripe_word(4, stripe.phase, stripe.inverted);
      for (std::uint64_t i = 0; i < region.words(); ++i)
        ASSERT_EQ(words[i], (i % kStripe == stripe.phase) != stripe.others ? word : i)
            << describe(stripe) << " word " << i;
    });
  }
}

TEST_P(StripesOn, ReadToTheGoldenAndCountTheirWordsOnly) {
  for (const unsigned cores : {1U, 3U}) {
    const auto device = device_with_cores(cores);
    for (const std::uint64_t lines : {1, 5, 171}) {
      const Region region = device->allocate(64 * lines);
      each_stripe(region, [&](const Stripe& stripe) {
        (void)ready(*device, stripe)->run(kOnce);
        const Burst burst = ready(*device, reading(stripe))->run(kOnce);
        expect_clean(burst, reading(stripe), kOnce);
        const StripeWords chosen(stripe.phase, stripe.others);
        EXPECT_EQ(burst.bytes, 8.0 * static_cast<double>(chosen.count(region.words())));
      });
    }
  }
}

TEST_P(StripesOn, FindAFlippedWordOfTheirsAndNoneOfTheOthers) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(64 * 13);
  auto* const words = memory_of(region)->as<std::uint64_t>();
  each_stripe(region, [&](const Stripe& stripe) {
    (void)ready(*device, stripe)->run(kOnce);
    const auto prepared = ready(*device, reading(stripe));
    for (const std::uint64_t at : {0, 19, 20, 39, 40, 77, 103}) {
      words[at] ^= 1ULL << 63;
      const Burst burst = prepared->run(kOnce);
      words[at] ^= 1ULL << 63;
      const bool theirs = (at % kStripe == stripe.phase) != stripe.others;
      ASSERT_EQ(burst.miscompares, theirs ? 1U : 0U) << describe(stripe) << " word " << at;
      EXPECT_EQ(burst.digest == golden_of(reading(stripe), kOnce), !theirs);
      if (theirs) {
        EXPECT_EQ(burst.samples[0].element, at);
        EXPECT_EQ(burst.samples[0].got, words[at] ^ 1ULL << 63);
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(EachTarget, StripesOn, ::testing::ValuesIn(kEachTarget));

TEST(CpuStripe, HasWhatItWroteReadByAnotherCore) {
  const auto device = device_with_cores(3);
  const Region region = device->allocate(64 * 5 * 3);
  (void)ready(*device, Stripe{region, Kind::write})->run(kOnce);
  memory_of(region)->as<std::uint64_t>()[0] ^= 1;
  const auto prepared = ready(*device, Stripe{region});
  for (int turn = 0; turn < 3; ++turn) {
    const Burst burst = prepared->run(kOnce);
    ASSERT_EQ(burst.samples.size(), 1U);
    EXPECT_EQ(burst.samples[0].core, 0U);
    EXPECT_EQ(burst.cores[2].iterations, 1U);
  }
}

TEST(CpuStripe, RefusesAPhaseThatThereIsNotAndStrikesNoWrite) {
  const auto device = device_with_cores(1);
  const Region region = device->allocate(64);
  EXPECT_EQ(std::get<Unsupported>(device->prepare(Stripe{region, Kind::read, 20})).reason,
            "stripe 20 of 20: phases are 0 ... 19");
  EXPECT_EQ(ready(*device, Stripe{region, Kind::write})->arm({.site = FaultSite::memory}), nullptr);
}

TEST(StripeWords, NumberTheirWordsInOrderAndCountThem) {
  for (std::uint64_t words = 0; words < 90; ++words) {
    for (std::uint64_t phase = 0; phase < kStripe; ++phase) {
      for (const bool others : {false, true}) {
        const StripeWords chosen(phase, others);
        std::uint64_t number = 0;
        for (std::uint64_t i = 0; i < words; ++i) {
          if (!chosen.holds(i)) continue;
          ASSERT_EQ(chosen.word(number++), i);
        }
        ASSERT_EQ(chosen.count(words), number);
      }
    }
  }
}

}  // namespace
}  // namespace rackproof::cpu
