// SPDX-License-Identifier: Apache-2.0
// Fill and Check: every content, in regions of every odd size, on every instruction set.
#include <algorithm>

#include "backends/cpu/device_under_test.h"
#include "backends/cpu/each_target_for_test.h"

namespace rackproof::cpu {
namespace {

constexpr Content kContents[] = {Content::seeded, Content::address, Content::inverse_address};
constexpr RunFor kOnce{.iterations = 1, .pattern = 4};

void fill(Device& device, const Region& region, Content what) {
  (void)ready(device, Fill{region, what})->run(kOnce);
}

class ContentsOn : public OnEachTarget {};

TEST_P(ContentsOn, AreWhatTheOracleSaysInEveryWord) {
  const auto device = device_with_cores(3);
  for (const std::uint64_t lines : {1, 2, 7, 171}) {
    const Region region = device->allocate(64 * lines);
    for (const Content what : kContents) {
      fill(*device, region, what);
      for (std::uint64_t i = 0; i < region.words(); ++i)
        ASSERT_EQ(memory_of(region)->as<std::uint64_t>()[i], content_word(what, 4, i)) << i;
    }
  }
}

TEST_P(ContentsOn, AreCheckedToTheGolden) {
  for (const unsigned cores : {1U, 3U}) {
    const auto device = device_with_cores(cores);
    for (const std::uint64_t lines : {1, 5, 171}) {
      const Region region = device->allocate(64 * lines);
      for (const Content what : kContents) {
        const Workload work = Check{region, what};
        fill(*device, region, what);
        const Burst burst = ready(*device, work)->run(kOnce);
        expect_clean(burst, work, kOnce);
        EXPECT_EQ(burst.bytes, 64.0 * static_cast<double>(lines));
      }
    }
  }
}

TEST_P(ContentsOn, ShowOneFlippedBitInAnyWord) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(64 * 9);
  auto* const words = memory_of(region)->as<std::uint64_t>();
  for (const Content what : kContents) {
    fill(*device, region, what);
    const auto prepared = ready(*device, Check{region, what});
    for (std::uint64_t i = 0; i < region.words(); ++i) {
      words[i] ^= 1ULL << (i % 64);
      const Burst burst = prepared->run(kOnce);
      words[i] ^= 1ULL << (i % 64);
      ASSERT_EQ(burst.miscompares, 1U);
      EXPECT_EQ(burst.samples[0].element, i);
      EXPECT_EQ(burst.samples[0].expected, content_word(what, 4, i));
      EXPECT_EQ(burst.samples[0].got, content_word(what, 4, i) ^ 1ULL << (i % 64));
      EXPECT_NE(burst.digest, golden_of(Check{region, what}, kOnce));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EachTarget, ContentsOn, ::testing::ValuesIn(kEachTarget));

TEST(CpuFill, ReadsNothingAndCannotBeStruck) {
  const auto device = device_with_cores(3);
  const auto prepared = ready(*device, Fill{device->allocate(64 * 7)});
  const Burst burst = prepared->run({.iterations = 2, .pattern = 4});
  EXPECT_FALSE(burst.digest.has_value());
  EXPECT_EQ(burst.bytes, 2 * 64 * 7);
  EXPECT_EQ(prepared->arm({.site = FaultSite::memory}), nullptr);
}

TEST(CpuCheck, OfOtherDataThanWasWrittenFindsAll) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(4096);
  fill(*device, region, Content::seeded);
  const Burst other = ready(*device, Check{region})->run({.iterations = 1, .pattern = 5});
  EXPECT_EQ(other.miscompares, region.words());
  EXPECT_EQ(other.samples.size(), kMaxSamples);
  const Burst address = ready(*device, Check{region, Content::address})->run(kOnce);
  EXPECT_EQ(address.miscompares, region.words());
}

// Two addresses that share a cell hold what was written last.
TEST(CpuCheck, FindsWordsThatShareACell) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(4096);
  auto* const words = memory_of(region)->as<std::uint64_t>();
  for (const Content what : kContents) {
    fill(*device, region, what);
    words[3] = words[259];
    const Burst burst = ready(*device, Check{region, what})->run(kOnce);
    ASSERT_EQ(burst.miscompares, 1U) << name(what);
    EXPECT_EQ(burst.samples[0].got, content_word(what, 4, 259));
  }
}

// Core 0 wrote the first share; whoever reads it, the finding is core 0's.
TEST(CpuCheck, PutsAWrongWordOnTheCoreThatWroteIt) {
  const auto device = device_with_cores(3);
  const Region region = device->allocate(64 * 21);
  fill(*device, region, Content::seeded);
  memory_of(region)->as<std::uint64_t>()[0] ^= 1;
  const auto prepared = ready(*device, Check{region});
  for (int turn = 0; turn < 3; ++turn) {
    const Burst burst = prepared->run(kOnce);
    ASSERT_EQ(burst.samples.size(), 1U);
    EXPECT_EQ(burst.samples[0].core, 0U);
    for (const CoreTally& core : burst.cores) {
      EXPECT_EQ(core.iterations, 1U);
      EXPECT_EQ(core.miscompares, core.core == 0 ? 1U : 0U);
    }
  }
}

TEST(Node, HasEveryCoreCheckedByEachOther) {
  const auto topology = Topology::load("").value();
  NodePlace place = topology->nodes().at(0);
  place.pus.assign(4, place.pus.at(0));
  const Node four(topology, place, place.index);
  for (unsigned core = 0; core < 4; ++core) {
    std::vector<unsigned> checked;
    for (std::uint64_t turn = 0; turn < 3; ++turn) checked.push_back(four.checked_by(core, turn));
    checked.push_back(core);
    std::ranges::sort(checked);
    EXPECT_EQ(checked, (std::vector<unsigned>{0, 1, 2, 3}));
  }
  place.pus.resize(1);
  EXPECT_EQ(Node(topology, place, place.index).checked_by(0, 7), 0U);
}

}  // namespace
}  // namespace rackproof::cpu
