// SPDX-License-Identifier: Apache-2.0
// The order of the March, and what it covers: run on a small memory whose cells have one fault
// each. Fault models: van de Goor & Al-Ars, VTS 2000; functional fault primitives.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kWords = 16;
constexpr std::uint64_t kCells = kWords * 64;

enum class Defect {
  none,
  stuck_at,          // the victim always holds `x`
  transition,        // it cannot change to `x`
  write_disturb,     // writing `x` where `x` is stored flips it
  read_destructive,  // reading `x` flips it, and the flipped value is read
  deceptive_read,    // reading `x` flips it after the right value was read
  incorrect_read,    // reading `x` gives the other value
  state_coupling,    // the victim becomes `y` while the aggressor holds `x`
  idempotent,        // the aggressor's change to `x` makes the victim `y`
  inversion,         // the aggressor's change to `x` flips the victim
  write_coupling,    // writing `x` into an aggressor that holds `x` makes the victim `y`
  read_coupling,     // reading `x` from the aggressor makes the victim `y`
  alias,             // the victim's word is the aggressor's word
  no_access,         // the victim's word cannot be written, and reads as all `x`
};
constexpr int kDefects = static_cast<int>(Defect::no_access) + 1;

// Cells are word * 64 + bit.
struct CellFault {
  Defect defect = Defect::none;
  std::uint64_t victim = 0, aggressor = 0;
  bool x = false, y = false;
};

// Words of 64 one-bit cells with at most one faulty cell.
class Cells {
 public:
  Cells(CellFault fault, std::mt19937_64& random) : f_(fault) {
    for (std::uint64_t& word : words_) word = random();  // whatever was there before
    settle();
  }

  void write(std::uint64_t word, std::uint64_t value) {
    if (f_.defect == Defect::no_access && word == f_.victim / 64) return;
    const std::uint64_t at = physical(word), old = words_[at];
    words_[at] = at == f_.victim / 64 ? victim_write(old, value) : value;
    if (at == f_.aggressor / 64)
      disturb_by_write(bit_of(old, f_.aggressor), bit_of(value, f_.aggressor));
    settle();
  }

  std::uint64_t read(std::uint64_t word) {
    if (f_.defect == Defect::no_access && word == f_.victim / 64) return f_.x ? ~0ULL : 0;
    const std::uint64_t at = physical(word), stored = words_[at];
    std::uint64_t seen = stored;
    if (at == f_.victim / 64 && bit_of(stored, f_.victim) == f_.x) seen = victim_read(stored);
    if (at == f_.aggressor / 64 && is(Defect::read_coupling) &&
        bit_of(stored, f_.aggressor) == f_.x) {
      set(f_.victim, f_.y);
    }
    settle();
    return seen;
  }

 private:
  [[nodiscard]] bool is(Defect defect) const { return f_.defect == defect; }
  static bool bit_of(std::uint64_t word, std::uint64_t cell) {
    return (word >> cell % 64 & 1) != 0;
  }
  [[nodiscard]] bool get(std::uint64_t cell) const { return bit_of(words_[cell / 64], cell); }
  void set(std::uint64_t cell, bool value) {
    if (get(cell) != value) words_[cell / 64] ^= 1ULL << cell % 64;
  }
  [[nodiscard]] std::uint64_t physical(std::uint64_t word) const {
    return is(Defect::alias) && word == f_.victim / 64 ? f_.aggressor / 64 : word;
  }

  [[nodiscard]] std::uint64_t victim_write(std::uint64_t old, std::uint64_t value) const {
    const bool was = bit_of(old, f_.victim), now = bit_of(value, f_.victim);
    const bool blocked = is(Defect::transition) && was != now && now == f_.x;
    const bool upset = is(Defect::write_disturb) && was == now && now == f_.x;
    return blocked || upset ? value ^ 1ULL << f_.victim % 64 : value;
  }

  std::uint64_t victim_read(std::uint64_t stored) {
    const std::uint64_t flipped = stored ^ 1ULL << f_.victim % 64;
    const bool destroyed = is(Defect::read_destructive) || is(Defect::deceptive_read);
    if (destroyed) words_[f_.victim / 64] = flipped;
    return is(Defect::read_destructive) || is(Defect::incorrect_read) ? flipped : stored;
  }

  void disturb_by_write(bool was, bool now) {
    if (now != f_.x) return;
    if (is(Defect::idempotent) && was != now) set(f_.victim, f_.y);
    if (is(Defect::inversion) && was != now) set(f_.victim, !get(f_.victim));
    if (is(Defect::write_coupling) && was == now) set(f_.victim, f_.y);
  }

  // What holds at every moment.
  void settle() {
    if (is(Defect::stuck_at)) set(f_.victim, f_.x);
    if (is(Defect::state_coupling) && get(f_.aggressor) == f_.x) set(f_.victim, f_.y);
  }

  CellFault f_;
  std::array<std::uint64_t, kWords> words_{};
};

struct Done {
  MarchOp op;
  int address_bit = -1, half = 0;
};

// Sweeps the cells one by one, in no particular order: that is all that threads promise.
class CellDevice : public Device {
 public:
  explicit CellDevice(CellFault fault, std::uint64_t seed = 1)
      : random_(seed), cells_(fault, random_) {
    info_.id = "cells";
    info_.allocatable_bytes = kWords * 8;
  }
  const DeviceInfo& info() const override { return info_; }
  Region allocate(std::uint64_t size_bytes, Place) override { return {nullptr, size_bytes}; }
  Preparation prepare(const Workload& workload) override {
    ++prepared;
    return std::make_unique<Sweeping>(*this, std::get<Sweep>(workload).op);
  }

  std::vector<Done> done;
  std::uint64_t miscompares = 0, prepared = 0;

 private:
  class Sweeping : public Prepared {
   public:
    Sweeping(CellDevice& device, MarchOp op) : device_(device), op_(op) {}
    Burst run(const RunFor& how) override { return device_.sweep(op_, how); }
    std::unique_ptr<ArmedFault> arm(const Fault&) override { return nullptr; }

   private:
    CellDevice& device_;
    MarchOp op_;
  };

  Burst sweep(MarchOp op, const RunFor& how) {
    done.push_back({op, how.address_bit, how.half});
    std::array<std::uint64_t, kWords> order{};
    std::iota(order.begin(), order.end(), 0ULL);
    std::shuffle(order.begin(), order.end(), random_);
    Burst burst;
    burst.iterations = 1;
    for (const std::uint64_t word : order) {
      if (how.address_bit >= 0 && (word >> how.address_bit & 1) != std::uint64_t(how.half))
        continue;
      if (op.kind == MarchOp::Kind::write)
        cells_.write(word, op.word);
      else
        burst.miscompares += cells_.read(word) != op.word ? 1 : 0;
    }
    miscompares += burst.miscompares;
    burst.start = burst.end = Clock::now();
    return burst;
  }

  DeviceInfo info_;
  std::mt19937_64 random_;
  Cells cells_;
};

void march_once(CellDevice& device) {
  StepSettings settings = short_step("memory.march", {{"memory", "100 %"}});
  settings.duration_s = 0;
  settings.passes = 1;
  run_recorded(device, settings);
}

bool detects(CellFault fault, std::uint64_t seed) {
  CellDevice device(fault, seed);
  march_once(device);
  return device.miscompares > 0;
}

// "w0" in half 1 reads "1:w0"; unphased operations have no half.
std::string spelled(const Done& done, std::uint64_t background) {
  const char kind = done.op.kind == MarchOp::Kind::read ? 'r' : 'w';
  const std::string half = done.address_bit < 0 ? "" : std::to_string(done.half) + ":";
  return half + kind + (done.op.word == background ? "0" : "1") + " ";
}

std::string one_march(const std::vector<Done>& done, std::size_t from, std::size_t count,
                      std::uint64_t background) {
  std::string text;
  for (std::size_t i = from; i < from + count; ++i) text += spelled(done[i], background);
  return text;
}

TEST(MarchOrder, RunsTheWholeMarchForEachAddressBitHalfByHalf) {
  CellDevice device({});
  march_once(device);
  ASSERT_EQ(device.done.size(), 4U * 44 + 7 * 22);  // 16 words have 4 address bits
  const std::string wanted =
      "0:w0 1:w0 "
      "0:r0 0:r0 0:w0 0:r0 0:w1 1:r0 1:r0 1:w0 1:r0 1:w1 "
      "0:r1 0:r1 0:w1 0:r1 0:w0 1:r1 1:r1 1:w1 1:r1 1:w0 "
      "1:r0 1:r0 1:w0 1:r0 1:w1 0:r0 0:r0 0:w0 0:r0 0:w1 "
      "1:r1 1:r1 1:w1 1:r1 1:w0 0:r1 0:r1 0:w1 0:r1 0:w0 "
      "0:r0 1:r0 ";
  for (std::size_t bit = 0; bit < 4; ++bit) {
    EXPECT_EQ(device.done[bit * 44].address_bit, static_cast<int>(bit));
    EXPECT_EQ(one_march(device.done, bit * 44, 44, 0), wanted);
  }
}

TEST(MarchOrder, EndsUnphasedWithSevenBackgrounds) {
  CellDevice device({});
  march_once(device);
  const std::vector<std::uint64_t> backgrounds{0,
                                               0x5555555555555555,
                                               0x3333333333333333,
                                               0x0f0f0f0f0f0f0f0f,
                                               0x00ff00ff00ff00ff,
                                               0x0000ffff0000ffff,
                                               0x00000000ffffffff};
  const std::string wanted = "w0 r0 r0 w0 r0 w1 r1 r1 w1 r1 w0 r0 r0 w0 r0 w1 r1 r1 w1 r1 w0 r0 ";
  for (std::size_t i = 0; i < backgrounds.size(); ++i) {
    EXPECT_EQ(one_march(device.done, 4 * 44 + i * 22, 22, backgrounds[i]), wanted);
  }
}

TEST(MarchOrder, PreparesEachDistinctSweepOnce) {
  CellDevice device({});
  march_once(device);
  EXPECT_EQ(device.prepared, 7U * 2 * 2);
}

TEST(MarchCoverage, RaisesNoAlarmOnGoodMemoryWhateverItHeld) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) EXPECT_FALSE(detects({}, seed)) << seed;
}

// Every class with both values, at random places, aggressor and victim in one word and in two.
class MarchCoverage : public ::testing::TestWithParam<int> {};

TEST_P(MarchCoverage, FindsEveryFaultOfItsClass) {
  const auto defect = static_cast<Defect>(GetParam());
  std::mt19937_64 random(static_cast<std::uint64_t>(GetParam()));
  for (std::uint64_t i = 0; i < 60; ++i) {
    const std::uint64_t victim = random() % kCells;
    const bool whole_words = defect == Defect::alias;
    const std::uint64_t near = victim / 64 * 64 + (victim + 1 + random() % 63) % 64;
    const std::uint64_t far = (victim + 64 * (1 + random() % (kWords - 1))) % kCells;
    const std::uint64_t aggressor = i % 2 == 0 || whole_words ? far : near;
    const CellFault fault{defect, victim, aggressor, (i & 2) != 0, (i & 4) != 0};
    EXPECT_TRUE(detects(fault, i)) << "victim " << victim << ", aggressor " << aggressor << ", x "
                                   << fault.x << ", y " << fault.y;
  }
}

INSTANTIATE_TEST_SUITE_P(AllClasses, MarchCoverage, ::testing::Range(1, kDefects));

}  // namespace
}  // namespace rackproof
