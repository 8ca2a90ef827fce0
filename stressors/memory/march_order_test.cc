// SPDX-License-Identifier: Apache-2.0
#include "stressors/memory/march_order.h"

#include <gtest/gtest.h>

#include "stressors/memory/coverage_campaign_for_test.h"

namespace rackproof {
namespace {

// "w0" in half 1 reads "1:w0"; operations on all words have no half.
std::string spelled(const MarchVisit& visit) {
  std::string text;
  for (const MarchStep step : visit.element.steps) {
    if (visit.address_bit >= 0) text += std::to_string(visit.half) + ":";
    text += step.kind == MarchOp::Kind::read ? 'r' : 'w';
    text += step.inverted ? "1 " : "0 ";
  }
  return text;
}

std::string spelled(const MarchOrder& order, std::size_t from, std::size_t count) {
  std::string text;
  for (std::size_t i = from; i < from + count; ++i) text += spelled(order[i]);
  return text;
}

TEST(MarchOrder, RunsTheWholeMarchForEachAddressBitHalfByHalf) {
  const MarchOrder order = march_order(16);  // 4 address bits
  const std::string wanted =
      "0:w0 1:w0 "
      "0:r0 0:r0 0:w0 0:r0 0:w1 1:r0 1:r0 1:w0 1:r0 1:w1 "
      "0:r1 0:r1 0:w1 0:r1 0:w0 1:r1 1:r1 1:w1 1:r1 1:w0 "
      "1:r0 1:r0 1:w0 1:r0 1:w1 0:r0 0:r0 0:w0 0:r0 0:w1 "
      "1:r1 1:r1 1:w1 1:r1 1:w0 0:r1 0:r1 0:w1 0:r1 0:w0 "
      "0:r0 1:r0 ";
  for (std::size_t bit = 0; bit < 4; ++bit) {
    EXPECT_EQ(order[bit * 12].address_bit, static_cast<int>(bit));
    EXPECT_EQ(order[bit * 12].background, 0U);
    EXPECT_EQ(spelled(order, bit * 12, 12), wanted);
  }
}

TEST(MarchOrder, EndsUnphasedWithSevenBackgrounds) {
  const MarchOrder order = march_order(16);
  ASSERT_EQ(order.size(), 4U * 12 + 7 * 6);
  const std::vector<std::uint64_t> backgrounds{0,
                                               0x5555555555555555,
                                               0x3333333333333333,
                                               0x0f0f0f0f0f0f0f0f,
                                               0x00ff00ff00ff00ff,
                                               0x0000ffff0000ffff,
                                               0x00000000ffffffff};
  const std::string wanted = "w0 r0 r0 w0 r0 w1 r1 r1 w1 r1 w0 r0 r0 w0 r0 w1 r1 r1 w1 r1 w0 r0 ";
  for (std::size_t i = 0; i < backgrounds.size(); ++i) {
    EXPECT_EQ(order[4 * 12 + i * 6].background, backgrounds[i]);
    EXPECT_EQ(spelled(order, 4 * 12 + i * 6, 6), wanted);
  }
}

TEST(MarchOrder, TakesOneMarchMoreForEachBitOfTheAddress) {
  EXPECT_EQ(sweeps(march_order(16)), 4U * 44 + 7 * 22);
  EXPECT_EQ(sweeps(march_order(17)), 5U * 44 + 7 * 22);
  EXPECT_EQ(sweeps(march_order(141'000'000'000 / 8)), 35U * 44 + 7 * 22);
}

TEST(MarchOrder, IsWhatTheStressorDoes) {
  CellDevice device({16, 64}, {}, CellOrder::sweep_by_sweep);
  run_pass(registered("memory.march"), device);
  std::size_t n = 0;
  for (const MarchVisit& visit : march_order(16)) {
    for (const MarchStep step : visit.element.steps) {
      const SweepSeen& seen = device.sweeps().at(n++);
      EXPECT_EQ(seen.op.kind, step.kind);
      EXPECT_EQ(seen.op.word, operation(step, visit.background).word);
      EXPECT_EQ(seen.address_bit, visit.address_bit);
      EXPECT_EQ(seen.half, visit.half);
    }
  }
  EXPECT_EQ(device.sweeps().size(), n);
}

TEST(MarchOrder, PreparesEachDistinctSweepOnce) {
  CellDevice device({16, 64}, {}, CellOrder::sweep_by_sweep);
  run_pass(registered("memory.march"), device);
  EXPECT_EQ(device.prepared(), 7U * 2 * 2);
}

}  // namespace
}  // namespace rackproof
