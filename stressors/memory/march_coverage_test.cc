// SPDX-License-Identifier: Apache-2.0
// What memory.march finds: all of the 17 static fault classes, in whatever order its sweeps are
// carried out. And that the simulator can tell: lesser tests find less on the same memories.
#include <gtest/gtest.h>

#include <algorithm>

#include "stressors/memory/coverage_campaign_for_test.h"

namespace rackproof {
namespace {

constexpr CellOrder kOrders[]{CellOrder::word_by_word, CellOrder::sweep_by_sweep,
                              CellOrder::any_order};

MemoryTest the_march() { return registered("memory.march", march_order); }

// In percent.
double share(const std::vector<char>& found) {
  const auto count = std::count(found.begin(), found.end(), 1);
  return 100.0 * static_cast<double>(count) / static_cast<double>(found.size());
}

double march_finds(CellDefect defect, CellOrder order, CellShape shape) {
  return share(found_by(the_march(), order, shape, every_fault(defect, shape)));
}

// What the test finds of all classes together, where words have 4 bits and all pairs are tried.
double finds(const MemoryTest& test, CellOrder order) {
  constexpr CellShape kShape{8, 4};
  std::vector<CellFault> faults;
  for (int d = 1; d <= kCellDefects; ++d) {
    const auto more = every_fault(static_cast<CellDefect>(d), kShape);
    faults.insert(faults.end(), more.begin(), more.end());
  }
  return share(found_by(test, order, kShape, faults));
}

double finds(const MemoryTest& test, CellDefect defect, CellOrder order) {
  constexpr CellShape kShape{8, 4};
  return share(found_by(test, order, kShape, every_fault(defect, kShape)));
}

class MarchCoverage : public ::testing::TestWithParam<int> {
 protected:
  [[nodiscard]] static CellDefect defect() { return static_cast<CellDefect>(GetParam()); }
};

TEST_P(MarchCoverage, FindsEveryFaultInMemoriesOf4Bits) {
  for (const CellOrder order : kOrders)
    EXPECT_EQ(march_finds(defect(), order, {16, 4}), 100) << name(order);
}

TEST_P(MarchCoverage, FindsEveryFaultInMemoriesOf8Bits) {
  for (const CellOrder order : kOrders)
    EXPECT_EQ(march_finds(defect(), order, {8, 8}), 100) << name(order);
}

TEST_P(MarchCoverage, FindsEverySampledFaultInMemoriesOf64Bits) {
  constexpr CellShape kShape{16, 64};
  for (const CellOrder order : kOrders) {
    const auto faults = some_faults(defect(), kShape, 2000, 7);
    EXPECT_EQ(share(found_by(the_march(), order, kShape, faults)), 100) << name(order);
  }
}

TEST_P(MarchCoverage, FindsThemWhateverTheMemoryHeldAndTheThreadsDid) {
  for (std::uint64_t seed = 2; seed < 12; ++seed) {
    const auto faults = every_fault(defect(), {8, 4});
    EXPECT_EQ(share(found_by(the_march(), CellOrder::any_order, {8, 4}, faults, seed)), 100);
  }
}

INSTANTIATE_TEST_SUITE_P(AllClasses, MarchCoverage, ::testing::Range(1, kCellDefects + 1),
                         [](const auto& tested) {
                           std::string text(name(static_cast<CellDefect>(tested.param)));
                           std::replace(text.begin(), text.end(), ' ', '_');
                           return text;
                         });

TEST(MarchFalseAlarm, NeverOnGoodMemory) {
  for (const CellShape shape : {CellShape{16, 4}, CellShape{24, 8}, CellShape{16, 64}}) {
    for (const CellOrder order : kOrders) {
      for (std::uint64_t seed = 0; seed < 50; ++seed) {
        EXPECT_EQ(share(found_by(the_march(), order, shape, good_memories(shape), seed)), 0);
      }
    }
  }
}

// From here on: what makes the order necessary.

MarchOrder without_phases(std::uint64_t) { return unphased(kMarchSs, kBackgrounds); }

TEST(MarchControl, WithoutPhasesOnlyTheTextbooksOrderFindsAll) {
  const MemoryTest test = march_in<without_phases>("unphased");
  EXPECT_EQ(finds(test, CellOrder::word_by_word), 100);
  EXPECT_LT(finds(test, CellOrder::sweep_by_sweep), 90);
  EXPECT_LT(finds(test, CellOrder::any_order), 95);
  EXPECT_EQ(finds(test, CellDefect::af_alias, CellOrder::sweep_by_sweep), 0);
}

constexpr std::array kOnceRise{kR0, kW0, kR0, kW1}, kOnceFall{kR1, kW1, kR1, kW0};
constexpr std::array<MarchElement, 6> kReadsOnce{{{false, march_steps::kClear},
                                                  {false, kOnceRise},
                                                  {false, kOnceFall},
                                                  {true, kOnceRise},
                                                  {true, kOnceFall},
                                                  {false, march_steps::kVerify}}};

MarchOrder reading_once(std::uint64_t words) {
  MarchOrder order = phased(kReadsOnce, words);
  const MarchOrder rest = unphased(kReadsOnce, kBackgrounds);
  order.insert(order.end(), rest.begin(), rest.end());
  return order;
}

TEST(MarchControl, WithoutTheSecondReadNoDeceptiveReadIsFound) {
  const MemoryTest test = march_in<reading_once>("one read");
  EXPECT_EQ(finds(test, CellDefect::drdf, CellOrder::any_order), 0);
  EXPECT_EQ(finds(test, CellDefect::saf, CellOrder::any_order), 100);
}

MarchOrder one_background(std::uint64_t words) { return phased(kMarchSs, words); }

TEST(MarchControl, OneBackgroundMissesCouplingWithinAWord) {
  constexpr CellShape kShape{8, 4};
  const MemoryTest test = march_in<one_background>("one background");
  const auto faults = every_fault(CellDefect::cfst, kShape);
  const auto found = found_by(test, CellOrder::any_order, kShape, faults);
  std::uint64_t missed_within = 0, missed_across = 0;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const bool within = faults[i].victim / kShape.bits == faults[i].aggressor / kShape.bits;
    (within ? missed_within : missed_across) += found[i] == 0 ? 1 : 0;
  }
  EXPECT_GT(missed_within, 0U);
  EXPECT_EQ(missed_across, 0U);
}

MarchOrder element_by_element(std::uint64_t words) {
  MarchOrder order;
  for (const MarchElement& element : kMarchSs) {
    const MarchOrder phases = phased(std::span(&element, 1), words);
    order.insert(order.end(), phases.begin(), phases.end());
  }
  return order;
}

TEST(MarchControl, ElementByElementOverAllBitsAlarmsOnGoodMemory) {
  const MemoryTest test = march_in<element_by_element>("element by element");
  const auto found = found_by(test, CellOrder::any_order, {16, 4}, good_memories({16, 4}));
  EXPECT_EQ(share(found), 100);
}

}  // namespace
}  // namespace rackproof
