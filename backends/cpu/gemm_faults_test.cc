// SPDX-License-Identifier: Apache-2.0
// Every fault that a product can suffer is found at its element, with its bits.
#include <algorithm>
#include <set>

#include "backends/cpu/gemm_kernels.h"
#include "backends/cpu/gemm_under_test.h"

namespace rackproof::cpu {
namespace {

constexpr std::array kKinds{FaultKind::flip,  FaultKind::stuck,   FaultKind::zero,
                            FaultKind::nan,   FaultKind::inf,     FaultKind::swap,
                            FaultKind::lanes, FaultKind::scramble};
constexpr std::int64_t kM = 29, kN = 70, kK = 33;
constexpr std::uint64_t kElements = kM * kN, kOfA = kM * kK;
constexpr RunFor kThree{.iterations = 3, .pattern = 3};

struct Case {
  Types types;
  Operands operands;
  [[nodiscard]] Workload work() const { return gemm_of(types, kM, kN, kK, operands); }
};

// One fault of each kind for every type and all operands, on one Prepared each.
template <class Fn>
void for_each_kind(const Fn& fn) {
  const auto device = device_with_cores(2);
  for (const Types& types : kAllTypes) {
    for (const Operands operands : kAllOperands) {
      if (!exists(types, operands)) continue;
      const Case c{types, operands};
      const auto prepared = ready(*device, c.work());
      for (const FaultKind kind : kKinds) {
        SCOPED_TRACE(describe(c.work()) + " " + std::string(name(kind)));
        fn(*prepared, c, kind);
      }
    }
  }
}

// Data that no burst had before.
RunFor fresh_data() {
  static std::uint64_t pattern = 100;
  return {.iterations = 3, .pattern = ++pattern};
}

Fault fault_at(FaultSite site, FaultKind kind, std::uint64_t element, std::uint64_t mask = 0x100) {
  return {.site = site, .kind = kind, .element = element, .mask = mask, .count = 5, .stride = 13};
}

bool holds(const Burst& burst, const Activation& flip) {
  return std::ranges::any_of(burst.samples, [&](const Miscompare& m) {
    return m.element == flip.element && m.expected == flip.before && m.got == flip.after;
  });
}

// Findings must be what the observer saw, `times` over, and nothing else.
void expect_found(const std::vector<Activation>& flips, const Burst& burst, std::uint64_t times) {
  ASSERT_FALSE(flips.empty());
  EXPECT_EQ(burst.miscompares, flips.size() * times);
  std::set<std::uint64_t> elements;
  for (const Miscompare& m : burst.samples) elements.insert(m.element);
  EXPECT_EQ(elements.size(), flips.size());
  for (const Activation& flip : flips) EXPECT_TRUE(holds(burst, flip)) << flip.element;
}

std::size_t reach(FaultKind kind) {
  if (kind == FaultKind::swap) return 2;
  return kind == FaultKind::lanes || kind == FaultKind::scramble ? 5 : 1;
}

// In the first burst of a pattern the struck result is the candidate itself, where it can be
// judged; that is one product more than iterations.
TEST(CpuGemmFaults, OfTheResultAreFoundFromTheFirstProductOn) {
  for_each_kind([](Prepared& prepared, const Case& c, FaultKind kind) {
    const auto armed = prepared.arm(fault_at(FaultSite::result, kind, 1234));
    const RunFor how = fresh_data();
    const Burst burst = prepared.run(how);
    EXPECT_EQ(armed->activations().size(), reach(kind));
    const std::uint64_t products = c.operands == Operands::exact ? 4 : 3;
    expect_found(armed->activations(), burst, kind == FaultKind::stuck ? products : 1);
    EXPECT_EQ(prepared.run(how).miscompares, 0U);
  });
}

TEST(CpuGemmFaults, OfTheResultAreFoundInALaterBurst) {
  for_each_kind([](Prepared& prepared, const Case&, FaultKind kind) {
    EXPECT_EQ(prepared.run(kThree).miscompares, 0U);
    const auto armed = prepared.arm(fault_at(FaultSite::result, kind, 1234));
    const Burst burst = prepared.run(kThree);
    expect_found(armed->activations(), burst, kind == FaultKind::stuck ? 3 : 1);
  });
}

TEST(CpuGemmFaults, OfTheVouchedCopyAreFoundAndMended) {
  for_each_kind([](Prepared& prepared, const Case&, FaultKind kind) {
    const auto armed = prepared.arm(fault_at(FaultSite::memory, kind, 777));
    const Burst burst = prepared.run(kThree);
    EXPECT_EQ(armed->activations().size(), reach(kind));
    expect_found(armed->activations(), burst, 1);
    EXPECT_EQ(prepared.run(kThree).miscompares, 0U);
  });
}

void expect_operand_fault_found(Prepared& prepared, const Case& c, FaultKind kind,
                                std::uint64_t operand, const RunFor& how) {
  const auto armed = prepared.arm(fault_at(FaultSite::operand, kind, operand));
  const Burst burst = prepared.run(how);
  const std::vector<Activation> flips = armed->activations();
  if (kind == FaultKind::zero && flips.empty()) return;  // of an operand that is zero
  ASSERT_FALSE(flips.empty());
  EXPECT_GE(flips[0].element, kElements);
  EXPECT_GE(burst.miscompares, flips.size());
  for (const Activation& flip : flips) EXPECT_TRUE(holds(burst, flip)) << flip.element;
  if (c.operands != Operands::random) {
    EXPECT_NE(burst.digest, golden_of(c.work(), how));
  }
  EXPECT_EQ(prepared.run(how).miscompares, 0U);
}

// Operands of a, of b, and on the border between them; what they do to the product comes on top.
TEST(CpuGemmFaults, OfOperandsAreFoundWhateverTheProductMakesOfThem) {
  for_each_kind([](Prepared& prepared, const Case& c, FaultKind kind) {
    for (const std::uint64_t operand : {std::uint64_t{5}, kOfA - 2, kOfA + 1200}) {
      expect_operand_fault_found(prepared, c, kind, operand, fresh_data());
      expect_operand_fault_found(prepared, c, kind, operand, kThree);
    }
  });
}

TEST(CpuGemmFaults, OfOperandsAreUndoneWithTheFault) {
  const auto device = device_with_cores(1);
  const Workload work = gemm_of(kI8, kM, kN, kK, Operands::exact);
  const auto prepared = ready(*device, work);
  (void)prepared->run(kThree);
  auto armed = prepared->arm(fault_at(FaultSite::operand, FaultKind::flip, 7));
  EXPECT_GE(prepared->run(kThree).miscompares, 1U);
  armed.reset();
  expect_clean(prepared->run(kThree), work, kThree);
}

// Each bit of an int8 operand, in both packings: the miscompare names the operand's own values.
TEST(CpuGemmFaults, NameAnOperandByItsValue) {
  const auto device = device_with_cores(1);
  const Workload work = gemm_of(kI8, kM, kN, kK, Operands::exact);
  const std::int64_t bound = exact_bound(DType::i8, DType::i32, kK);
  const auto right = static_cast<std::uint32_t>(
      exact_operand(stream_word(kThree.pattern, Stream::a, 2 * kK + 3), bound));
  const auto prepared = ready(*device, work);
  for (unsigned bit = 0; bit < 8; ++bit) {
    const auto armed =
        prepared->arm(fault_at(FaultSite::operand, FaultKind::flip, 2 * kK + 3, 1U << bit));
    (void)prepared->run(kThree);
    const Activation flip = armed->activations().at(0);
    EXPECT_EQ(flip.element, kElements + 2 * kK + 3);
    EXPECT_EQ(flip.before, right);
    EXPECT_EQ((flip.before ^ flip.after) & 0xff, 1U << bit);
  }
}

// Sums of words leave two flipped sign bits unseen, and four bits of which two are set and two
// cleared at equal distances; what seals the vouched copy and the operands must not.
TEST(CpuGemmFaults, DoNotCancelInWhatSealsMemory) {
  const auto device = device_with_cores(2);
  const auto prepared = ready(*device, gemm_of(kF64, kM, kN, kK, Operands::random));
  for (const FaultSite site : {FaultSite::memory, FaultSite::operand}) {
    for (std::uint64_t element = 0; element < 40; ++element) {
      for (const std::uint64_t count : {2, 4, 8}) {
        Fault fault = fault_at(site, FaultKind::lanes, element, 1ULL << 63);
        fault.count = count;
        fault.stride = 8;
        const auto armed = prepared->arm(fault);
        const Burst burst = prepared->run({.iterations = 1, .pattern = 3});
        for (const Activation& flip : armed->activations()) EXPECT_TRUE(holds(burst, flip));
        EXPECT_EQ(armed->activations().size(), count);
      }
    }
  }
}

TEST(CpuGemmFaults, AreNumberedByTheRegisterTile) {
  const auto device = device_with_cores(2);
  const auto prepared = ready(*device, gemm_of(kF32, 200, 200, 8, Operands::exact));
  const auto tile_of = [&](std::uint64_t row, std::uint64_t column) {
    const auto armed =
        prepared->arm(fault_at(FaultSite::result, FaultKind::flip, row * 200 + column));
    return prepared->run(kThree).samples.at(0).tile;
  };
  const TileKernel<float>& tile = gemm_kernels().fp32;
  EXPECT_EQ(tile_of(0, 0), 0U);
  EXPECT_EQ(tile_of(tile.rows - 1, tile.columns), 1U);
  EXPECT_EQ(tile_of(tile.rows, 0), (200 + tile.columns - 1) / tile.columns);
}

// Lanes wrap around and never undo one another.
TEST(CpuGemmFaults, StrikeEachElementOnce) {
  const auto device = device_with_cores(1);
  const auto prepared = ready(*device, gemm_of(kF32, 2, 3, 8, Operands::exact));
  Fault fault = fault_at(FaultSite::result, FaultKind::lanes, 4);
  fault.count = 100, fault.stride = 2;
  const auto armed = prepared->arm(fault);
  (void)prepared->run({.iterations = 1, .pattern = 3});
  std::set<std::uint64_t> elements;
  for (const Activation& flip : armed->activations()) elements.insert(flip.element);
  EXPECT_EQ(elements, (std::set<std::uint64_t>{0, 2, 4}));
}

}  // namespace
}  // namespace rackproof::cpu
