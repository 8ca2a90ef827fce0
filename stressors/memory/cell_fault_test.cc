// SPDX-License-Identifier: Apache-2.0
// The simulated faults do what their classes say, by hand: the victim is bit 0 of word 0, the
// aggressor bit 1 of word 1, words of 4 bits.
#include <gtest/gtest.h>

#include "stressors/memory/cell_fault_for_test.h"

namespace rackproof {
namespace {

constexpr CellShape kShape{8, 4};
constexpr std::uint32_t kVictim = 0, kAggressor = 5;

CellMemory with(CellDefect defect, bool x = false, bool y = false) {
  CellMemory memory({defect, kVictim, kAggressor, x, y}, kShape, 1);
  memory.write(1, 0);
  memory.write(0, 0);
  return memory;
}

// What is read from the victim's word after these were written into it.
std::uint64_t after(CellMemory memory, std::initializer_list<std::uint64_t> words) {
  for (const std::uint64_t word : words) memory.write(0, word);
  return memory.read(0);
}

TEST(CellMemory, KeepsTheLowBitsOfWhatIsWritten) {
  CellMemory memory = with(CellDefect::none);
  memory.write(0, 0x123456789abcdef6);
  memory.write(1, 0x9);
  EXPECT_EQ(memory.read(0), 0x6U);
  EXPECT_EQ(memory.read(1), 0x9U);
}

TEST(CellMemory, HoldsWhatItIsStuckAt) {
  EXPECT_EQ(after(with(CellDefect::saf, true), {0x0}), 0x1U);
  EXPECT_EQ(after(with(CellDefect::saf, false), {0xf}), 0xeU);
}

TEST(CellMemory, FailsOnWritesOfOneValue) {
  EXPECT_EQ(after(with(CellDefect::tf, true), {0xf}), 0xeU);
  EXPECT_EQ(after(with(CellDefect::tf, false), {0xf}), 0xfU);
  EXPECT_EQ(after(with(CellDefect::wdf, false), {0x0}), 0x1U);
  EXPECT_EQ(after(with(CellDefect::wdf, true), {0xf}), 0xfU);
  EXPECT_EQ(after(with(CellDefect::wdf, true), {0xf, 0xf}), 0xeU);
}

// First and second read of a cell that holds 0.
std::pair<std::uint64_t, std::uint64_t> two_reads(CellMemory memory) {
  const std::uint64_t first = memory.read(0);
  return {first, memory.read(0)};
}

TEST(CellMemory, FailsOnReadsOfOneValue) {
  using Reads = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(two_reads(with(CellDefect::rdf, false)), Reads(1, 1));
  EXPECT_EQ(two_reads(with(CellDefect::drdf, false)), Reads(0, 1));
  EXPECT_EQ(two_reads(with(CellDefect::irf, false)), Reads(1, 1));
  EXPECT_EQ(after(with(CellDefect::irf, false), {0x1}), 0x1U);
  EXPECT_EQ(two_reads(with(CellDefect::rdf, true)), Reads(0, 0));
}

TEST(CellMemory, CouplesTheVictimToTheAggressorsState) {
  CellMemory memory = with(CellDefect::cfst, true, true);
  EXPECT_EQ(memory.read(0), 0x0U);
  memory.write(1, 0x2);
  EXPECT_EQ(memory.read(0), 0x1U);
  memory.write(0, 0x0);
  EXPECT_EQ(memory.read(0), 0x1U);
}

// The victim's word after the aggressor's was written twice.
std::uint64_t victim_after(CellMemory memory, std::uint64_t first, std::uint64_t second) {
  memory.write(1, first);
  memory.write(1, second);
  return memory.read(0);
}

TEST(CellMemory, CouplesTheVictimToTheAggressorsWrites) {
  EXPECT_EQ(victim_after(with(CellDefect::cfid, true, true), 0x2, 0x2), 0x1U);
  EXPECT_EQ(victim_after(with(CellDefect::cfid, true, true), 0x0, 0x5), 0x0U);
  EXPECT_EQ(victim_after(with(CellDefect::cfin, true), 0x2, 0x0), 0x1U);
  EXPECT_EQ(victim_after(with(CellDefect::cfds_write, true, true), 0x2, 0x0), 0x0U);
  EXPECT_EQ(victim_after(with(CellDefect::cfds_write, true, true), 0x2, 0x2), 0x1U);
}

TEST(CellMemory, CouplesTheVictimToTheAggressorsReads) {
  CellMemory memory = with(CellDefect::cfds_read, false, true);
  EXPECT_EQ(memory.read(0), 0x0U);
  EXPECT_EQ(memory.read(1), 0x0U);
  EXPECT_EQ(memory.read(0), 0x1U);
}

TEST(CellMemory, FailsOnlyWhileTheAggressorHoldsItsValue) {
  EXPECT_EQ(after(with(CellDefect::cftr, true, false), {0x1}), 0x0U);
  EXPECT_EQ(after(with(CellDefect::cftr, true, true), {0x1}), 0x1U);
  EXPECT_EQ(after(with(CellDefect::cfwd, true, false), {0x1, 0x1}), 0x0U);
  EXPECT_EQ(after(with(CellDefect::cfwd, true, true), {0x1, 0x1}), 0x1U);
  EXPECT_EQ(after(with(CellDefect::cfrd, true, false), {0x1}), 0x0U);
  EXPECT_EQ(after(with(CellDefect::cfrd, true, true), {0x1}), 0x1U);
}

TEST(CellMemory, DecodesOneWordsAddressWrong) {
  EXPECT_EQ(after(with(CellDefect::af_none, true), {0x5}), 0xfU);
  EXPECT_EQ(after(with(CellDefect::af_none, false), {0x5}), 0x0U);
  CellMemory alias = with(CellDefect::af_alias);
  alias.write(0, 0x5);
  EXPECT_EQ(alias.read(1), 0x5U);
  CellMemory both = with(CellDefect::af_multi, true);
  both.write(0, 0x5);
  EXPECT_EQ(both.read(1), 0x5U);
  both.write(1, 0xa);
  EXPECT_EQ(both.read(0), 0xfU);
}

}  // namespace
}  // namespace rackproof
