// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/memory.h"

#include <gtest/gtest.h>

#include <set>

#include "core/error.h"

namespace rackproof {
namespace {

TEST(Selection, ListsExactlyTheWordsThatItHolds) {
  for (int bit = -1; bit < 6; ++bit) {
    for (int half = 0; half < (bit < 0 ? 1 : 2); ++half) {
      const Selection selection{bit, half};
      std::set<std::uint64_t> held, listed;
      for (std::uint64_t word = 0; word < 40; ++word) {
        if (selection.holds(word)) held.insert(word);
      }
      for (std::uint64_t n = 0; n < selection.count(40); ++n) listed.insert(selection.word(n));
      EXPECT_EQ(held, listed) << bit << " " << half;
    }
  }
}

TEST(Selection, ListsExactlyTheWordsOfAStripe) {
  for (int phase = 0; phase < 20; ++phase) {
    for (const bool others : {false, true}) {
      for (const std::uint64_t words : {8, 24, 40, 136}) {
        const Selection selection{.stripe = phase, .others = others};
        std::set<std::uint64_t> held, listed;
        for (std::uint64_t word = 0; word < words; ++word) {
          if (selection.holds(word)) held.insert(word);
        }
        for (std::uint64_t n = 0; n < selection.count(words); ++n) listed.insert(selection.word(n));
        EXPECT_EQ(held, listed) << phase << " " << others << " " << words;
      }
    }
  }
}

TEST(SyntheticMemory, ReusesRoomThatWasGivenBack) {
  const auto memory = std::make_shared<SyntheticMemory>(256, 256);
  Region first = memory->allocate(128);
  const Region second = memory->allocate(128);
  EXPECT_THROW((void)memory->allocate(64), DeviceError);
  first = {};
  EXPECT_EQ(memory->allocate(128).size_bytes, 128U);
}

TEST(SyntheticMemory, KeepsWhatWasWrittenLast) {
  const auto memory = std::make_shared<SyntheticMemory>(4096, 4096);
  const Region region = memory->allocate(4096);
  memory->visit(region, {}, [](std::uint64_t index, std::uint64_t& stored) { stored = index; });
  memory->visit(region, {0, 1}, [](std::uint64_t, std::uint64_t& stored) { stored = 77; });
  std::uint64_t seen = 0;
  memory->visit(region, {}, [&](std::uint64_t index, std::uint64_t& stored) {
    ++seen;
    EXPECT_EQ(stored, index % 2 == 1 ? 77 : index);
  });
  EXPECT_GE(seen, 16U);
  EXPECT_EQ(memory->load(region, 511), 77U);
}

TEST(SyntheticMemory, WrapsAddressesThatItOnlyClaims) {
  const auto memory = std::make_shared<SyntheticMemory>(4096, 8192);
  const Region region = memory->allocate(8192);
  memory->visit(region, {}, [](std::uint64_t index, std::uint64_t& stored) { stored = index; });
  EXPECT_EQ(memory->load(region, 0), 512U);
  EXPECT_EQ(memory->load(region, 512), 512U);
}

TEST(SyntheticMemory, HoldsAnythingBeforeTheFirstWrite) {
  const auto memory = std::make_shared<SyntheticMemory>(4096, 4096);
  const Region region = memory->allocate(4096);
  EXPECT_NE(memory->load(region, 0), memory->load(region, 511));
}

}  // namespace
}  // namespace rackproof
