// SPDX-License-Identifier: Apache-2.0
// The loops of sweeps on every instruction set, and the choice of what to ask for ahead.
#include <algorithm>
#include <numeric>

#include "backends/cpu/device_under_test.h"
#include "backends/cpu/each_target_for_test.h"
#include "backends/cpu/half.h"
#include "backends/cpu/sweep_kernels.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kWord = 0x123456789abcdef0ULL;

// Lines that neither fill a block nor a run, so that every loop ends early somewhere.
class SweepOn : public OnEachTarget {
 protected:
  const std::unique_ptr<CpuDevice> device_ = device_with_cores(3);
  const Region region_ = device_->allocate(64 * 1337);
  std::uint64_t* words_ = memory_of(region_)->as<std::uint64_t>();
};

TEST_P(SweepOn, ArrivesAtTheGoldenForEveryBit) {
  std::fill_n(words_, region_.words(), kWord);
  const Workload work = Sweep{region_, {MarchOp::Kind::read, kWord}};
  const auto prepared = ready(*device_, work);
  for (int bit = -1; bit < 15; ++bit) {
    for (const int half : {0, 1}) {
      const RunFor how{.iterations = 1, .address_bit = bit, .half = half};
      expect_clean(prepared->run(how), work, how);
    }
  }
}

TEST_P(SweepOn, FindsOneFlippedBitInTheRightHalfOnly) {
  std::fill_n(words_, region_.words(), kWord);
  const auto prepared = ready(*device_, Sweep{region_, {MarchOp::Kind::read, kWord}});
  for (int bit = 0; bit < 13; ++bit) {
    for (const std::uint64_t word : {1, 4096, 6003, 1337 * 8 - 1}) {
      words_[word] ^= 1ULL << 63;
      for (const std::uint64_t half : {0, 1}) {
        const Burst burst =
            prepared->run({.iterations = 1, .address_bit = bit, .half = static_cast<int>(half)});
        ASSERT_EQ(burst.miscompares, (word >> bit & 1) == half ? 1U : 0U) << bit << " " << word;
        if (burst.miscompares > 0) {
          EXPECT_EQ(burst.samples[0].element, word);
        }
      }
      words_[word] ^= 1ULL << 63;
    }
  }
}

TEST_P(SweepOn, WritesTheChosenWordsAndNoOther) {
  const auto prepared = ready(*device_, Sweep{region_, {MarchOp::Kind::write, kWord}});
  for (int bit = 0; bit < 13; ++bit) {
    std::iota(words_, words_ + region_.words(), 0ULL);
    (void)prepared->run({.iterations = 1, .address_bit = bit, .half = 1});
    for (std::uint64_t i = 0; i < region_.words(); ++i)
      ASSERT_EQ(words_[i], (i >> bit & 1) == 1 ? kWord : i) << bit;
  }
}

INSTANTIATE_TEST_SUITE_P(EachTarget, SweepOn, ::testing::ValuesIn(kEachTarget));

// Which order changes speed only: whatever is asked for, every chosen word is read once.
TEST(SweepKernels, ArriveAtTheSameDigestWithEveryOrder) {
  const auto device = device_with_cores(1);
  const Region region = device->allocate(64 * 1000);
  std::fill_n(memory_of(region)->as<std::uint64_t>(), region.words(), kWord);
  for (const int bit : {-1, 1, 3, 6, 9}) {
    const Half half(region.words(), bit, 1);
    const RunFor how{.address_bit = bit, .half = 1};
    for (const Ahead& ahead : aheads()) {
      Findings findings;
      const std::uint64_t digest =
          sweep_kernels().read(memory_of(region)->as<std::uint64_t>(),
                               {half, 0, half.count(), half.count()}, kWord, ahead, findings);
      EXPECT_EQ(digest, golden_of(Sweep{region, {MarchOp::Kind::read, kWord}}, how));
      EXPECT_EQ(findings.miscompares, 0U);
    }
  }
}

TEST(Aheads, AskForEveryLineOfABlockOnce) {
  for (const Ahead& ahead : aheads()) {
    EXPECT_GE(ahead.blocks, 1U);
    std::array<std::uint8_t, kBlockLines> sorted = ahead.lines;
    std::ranges::sort(sorted);
    for (std::size_t i = 0; i < kBlockLines; ++i) EXPECT_EQ(sorted[i], i);
  }
}

TEST(AheadChoice, SettlesOnTheFastestDespiteOneDisturbedPieceEach) {
  AheadChoice choice;
  for (std::size_t pieces = 0; !choice.settled(); ++pieces) {
    const bool disturbed = pieces < 2 * kAheads;
    choice.took(disturbed ? 9 : &choice.next() == &aheads()[7] ? 1 : 2);
  }
  EXPECT_EQ(&choice.next(), &aheads()[7]);
  choice.took(100);
  EXPECT_EQ(&choice.next(), &aheads()[7]);
}

}  // namespace
}  // namespace rackproof::cpu
