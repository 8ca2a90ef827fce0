// SPDX-License-Identifier: Apache-2.0
#include "core/strikes.h"

#include <gtest/gtest.h>

namespace rackproof {
namespace {

struct Memory {
  std::vector<std::uint64_t> words;
  std::uint64_t generation = 0;
  bool lost = false;
};

class Word : public StruckCell {
 public:
  Word(std::shared_ptr<Memory> memory, std::uint64_t at) : memory_(std::move(memory)), at_(at) {}
  std::uint64_t load() const override {
    if (memory_->lost) throw DeviceError("gone");
    return memory_->words.at(at_);
  }
  void store(std::uint64_t bits) const override { memory_->words.at(at_) = bits; }
  std::uint64_t generation() const override { return memory_->generation; }
  std::uint64_t shown(std::uint64_t bits) const override { return bits + 1000; }

 private:
  std::shared_ptr<Memory> memory_;
  std::uint64_t at_;
};

class StrikesOnWords : public testing::Test {
 protected:
  std::shared_ptr<Memory> memory = std::make_shared<Memory>(Memory{{10, 11, 12, 13, 14, 15}});
  Strikes strikes;

  StrikeTarget target() const {
    StrikeTarget target;
    target.count = memory->words.size();
    target.words = true;
    target.cell = [m = memory](std::uint64_t e) { return std::make_unique<Word>(m, e); };
    return target;
  }
  // Armed, and hit once.
  std::unique_ptr<ArmedFault> strike(const Fault& fault) { return strike(fault, target()); }
  std::unique_ptr<ArmedFault> strike(const Fault& fault, const StrikeTarget& where) {
    auto armed = strikes.arm(fault, FaultSite::memory);
    strikes.begin();
    strikes.hit(where);
    return armed;
  }
  static Fault fault(FaultKind kind, std::uint64_t element) {
    return {.site = FaultSite::memory, .kind = kind, .element = element, .mask = 0x100};
  }
  using Words = std::vector<std::uint64_t>;
};

TEST_F(StrikesOnWords, FlipTheElementModuloTheirNumberAndSayWhatChanged) {
  const auto armed = strike(fault(FaultKind::flip, 6 * 1000 + 2));
  EXPECT_EQ(memory->words[2], 0x10cU);
  const auto flips = armed->activations();
  ASSERT_EQ(flips.size(), 1U);
  EXPECT_EQ(flips[0].element, 2U);
  EXPECT_EQ(flips[0].before, 1012U);
  EXPECT_EQ(flips[0].after, 0x10cU + 1000);
}

TEST_F(StrikesOnWords, NameElementsFromTheFirstAndKeepToThoseThatAreRead) {
  StrikeTarget odd = target();
  odd.first = 100;
  odd.place = [](std::uint64_t element) { return element | 1; };
  const auto armed = strike(fault(FaultKind::zero, 2), odd);
  EXPECT_EQ(memory->words, (Words{10, 11, 12, 0, 14, 15}));
  EXPECT_EQ(armed->activations().at(0).element, 103U);
}

TEST_F(StrikesOnWords, PutBackWhatStillStands) {
  auto armed = strike(fault(FaultKind::scramble, 0));
  EXPECT_NE(memory->words[0], 10U);
  armed.reset();
  EXPECT_EQ(memory->words[0], 10U);
}

TEST_F(StrikesOnWords, LeaveAloneWhatWasWrittenMeanwhile) {
  for (const bool same_bits : {false, true}) {
    memory->words[1] = 11;
    auto armed = strike(fault(FaultKind::flip, 1));
    memory->generation += same_bits ? 1 : 0;
    if (!same_bits) memory->words[1] = 77;
    const std::uint64_t written = memory->words[1];
    armed.reset();
    EXPECT_EQ(memory->words[1], written) << same_bits;
  }
}

TEST_F(StrikesOnWords, OnlyAStuckOneComesBackInTheSameRun) {
  for (const FaultKind kind : {FaultKind::flip, FaultKind::stuck}) {
    const auto armed = strike(fault(kind, 3));
    memory->words[3] = 5;  // made anew
    strikes.hit(target());
    EXPECT_EQ(memory->words[3], kind == FaultKind::stuck ? 0x10dU : 5U);
    EXPECT_EQ(armed->activations().size(), 1U);
    memory->words[3] = 13;
  }
}

TEST_F(StrikesOnWords, LastForOneRun) {
  const auto armed = strike(fault(FaultKind::stuck, 3));
  EXPECT_TRUE(strikes.any());
  memory->words[3] = 13;
  strikes.begin();
  EXPECT_FALSE(strikes.any());
  strikes.hit(target());
  EXPECT_EQ(memory->words[3], 13U);
}

TEST_F(StrikesOnWords, NeverHitOneElementTwice) {
  Fault lanes = fault(FaultKind::lanes, 4);
  lanes.count = 100;
  lanes.stride = 4;  // 4, 2, 0, and then around again
  const auto armed = strike(lanes);
  EXPECT_EQ(armed->activations().size(), 3U);
  EXPECT_EQ(memory->words, (Words{10 ^ 0x100, 11, 12 ^ 0x100, 13, 14 ^ 0x100, 15}));
}

TEST_F(StrikesOnWords, SwapWithTheNextThatIsDifferent) {
  memory->words = {7, 7, 7, 8, 9, 9};
  const auto armed = strike(fault(FaultKind::swap, 1));
  EXPECT_EQ(memory->words, (Words{7, 8, 7, 7, 9, 9}));
  EXPECT_EQ(armed->activations().size(), 2U);
}

TEST_F(StrikesOnWords, ActivateNothingWhereNothingChanges) {
  memory->words.assign(6, 0);
  EXPECT_TRUE(strike(fault(FaultKind::zero, 1))->activations().empty());
  EXPECT_TRUE(strike(fault(FaultKind::swap, 1))->activations().empty());
  StrikeTarget none = target();
  none.count = 0;
  EXPECT_TRUE(strike(fault(FaultKind::flip, 1), none)->activations().empty());
}

TEST_F(StrikesOnWords, TakeTheBitsOfTheElementsType) {
  StrikeTarget bytes = target();
  bytes.words = false;
  bytes.type = DType::fp8_e4m3;
  const auto inf = strike(fault(FaultKind::inf, 0), bytes);
  const auto flip = strike(fault(FaultKind::flip, 1), bytes);
  EXPECT_EQ(memory->words[0], 0x7eU);
  EXPECT_EQ(memory->words[1], 10U);  // bit 8 of 64 is bit 0 of 8
}

TEST_F(StrikesOnWords, RefuseWhatIsNoChangeOfBitsThere) {
  EXPECT_EQ(strikes.arm(fault(FaultKind::late, 0), FaultSite::memory), nullptr);
  EXPECT_EQ(strikes.arm(fault(FaultKind::missing, 0), FaultSite::memory), nullptr);
  EXPECT_EQ(strikes.arm(fault(FaultKind::flip, 0), FaultSite::result), nullptr);
}

TEST_F(StrikesOnWords, SurviveALostDeviceWhenUndone) {
  auto armed = strike(fault(FaultKind::flip, 0));
  memory->lost = true;
  EXPECT_NO_THROW(armed.reset());
}

}  // namespace
}  // namespace rackproof
