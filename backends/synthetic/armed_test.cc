// SPDX-License-Identifier: Apache-2.0
// An armed fault must look like a real one to an honest checker: the same element, the same bits
// and the digest of the result that holds them.
#include "backends/synthetic/armed.h"

#include <gtest/gtest.h>

#include "backends/synthetic/device_on_test.h"

namespace rackproof {
namespace {

Fault fault_of(FaultSite site, FaultKind kind, std::uint64_t element = 57, std::uint64_t mask = 6) {
  return {.id = 1, .site = site, .kind = kind, .element = element, .mask = mask};
}

Fault result_fault(FaultKind kind) { return fault_of(FaultSite::result, kind); }

// The product itself, computed the long way.
std::vector<std::int64_t> small_product(std::uint64_t pattern) {
  const std::int64_t bound = exact_bound(DType::fp32, DType::fp32, 10);
  std::vector<std::int64_t> c(100, 0);
  for (std::uint64_t i = 0; i < 10; ++i) {
    for (std::uint64_t j = 0; j < 10; ++j) {
      for (std::uint64_t p = 0; p < 10; ++p) {
        c[i * 10 + j] += exact_operand(stream_word(pattern, Stream::a, i * 10 + p), bound) *
                         exact_operand(stream_word(pattern, Stream::b, p * 10 + j), bound);
      }
    }
  }
  return c;
}

// The fingerprint of a result by its definition, with some elements replaced.
std::uint64_t fingerprint(std::uint64_t pattern, const std::vector<Activation>& changed) {
  const std::vector<std::int64_t> c = small_product(pattern);
  std::uint64_t sum = 0;
  for (std::uint64_t e = 0; e < 100; ++e) {
    auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(c[e]));
    for (const Activation& a : changed) {
      if (a.element == e) bits = static_cast<std::uint32_t>(a.after);
    }
    const std::uint64_t weight =
        mod_mul(fingerprint_u(pattern, e / 10), fingerprint_v(pattern, e % 10));
    sum = mod_reduce(Wide{sum} + mod_mul(residue_fp32(std::bit_cast<float>(bits)), weight));
  }
  return sum;
}

void expect_honest_gemm_fault(FaultKind kind) {
  SCOPED_TRACE(name(kind));
  const auto device = small_device();
  const auto gemm = prepared_on(*device, kSmallGemm);
  const auto armed = gemm->arm(result_fault(kind));
  ASSERT_NE(armed, nullptr);
  const Burst burst = gemm->run(once());
  const auto changed = armed->activations();
  ASSERT_FALSE(changed.empty());
  const std::uint64_t operands = *operand_golden(describe(kSmallGemm), 7);
  EXPECT_EQ(burst.digest, join_digests(fingerprint(7, changed), operands));
  ASSERT_EQ(burst.samples.size(), changed.size());
  for (std::size_t i = 0; i < changed.size(); ++i) {
    const std::int64_t right = small_product(7)[changed[i].element];
    EXPECT_EQ(changed[i].before, std::bit_cast<std::uint32_t>(static_cast<float>(right)));
    EXPECT_EQ(burst.samples[i].element, changed[i].element);
    EXPECT_EQ(burst.samples[i].expected, changed[i].before);
    EXPECT_EQ(burst.samples[i].got, changed[i].after);
  }
}

TEST(ArmedFault, ShowsInTheFingerprintExactlyAsInARealResult) {
  for (const FaultKind kind :
       {FaultKind::flip, FaultKind::stuck, FaultKind::zero, FaultKind::nan, FaultKind::swap}) {
    expect_honest_gemm_fault(kind);
  }
}

TEST(ArmedFault, StrikesTheNextRunAndNoOther) {
  const auto device = small_device();
  const auto gemm = prepared_on(*device, kSmallGemm);
  const auto armed = gemm->arm(result_fault(FaultKind::flip));
  EXPECT_TRUE(armed->activations().empty());
  EXPECT_EQ(gemm->run({.iterations = 5, .pattern = 7}).miscompares, 1U);
  EXPECT_EQ(gemm->run(once()).digest, small_golden());
  EXPECT_EQ(armed->activations().size(), 1U);
}

TEST(ArmedFault, IsHarmlessOnceItIsGone) {
  const auto device = small_device();
  const auto gemm = prepared_on(*device, kSmallGemm);
  gemm->arm(result_fault(FaultKind::flip)).reset();
  EXPECT_EQ(gemm->run(once()).digest, small_golden());
}

TEST(ArmedFault, StuckStrikesEveryIterationOfItsBurst) {
  const auto device = small_device();
  const auto gemm = prepared_on(*device, kSmallGemm);
  const auto armed = gemm->arm(result_fault(FaultKind::stuck));
  EXPECT_EQ(gemm->run({.iterations = 100, .pattern = 7}).miscompares, 100U);
}

TEST(ArmedFault, CutsTheMaskToTheElementAndNeverToNothing) {
  const auto device = small_device();
  const auto gemm = prepared_on(*device, kSmallGemm);
  const auto armed = gemm->arm(fault_of(FaultSite::result, FaultKind::flip, 0, 1ULL << 40));
  (void)gemm->run(once());
  const Activation flip = armed->activations().at(0);
  EXPECT_EQ(flip.before ^ flip.after, mask_for(1ULL << 40, 4));
}

TEST(ArmedFault, IsRefusedWhereItCannotStrike) {
  const auto device = small_device();
  const Region region = device->allocate(4096);
  const auto write = prepared_on(*device, Sweep{region, {MarchOp::Kind::write, 0}});
  const auto zeros = prepared_on(*device, Sweep{region, {MarchOp::Kind::read, 0}});
  const auto ones = prepared_on(*device, Sweep{region, {MarchOp::Kind::read, ~0ULL}});
  const auto memory = [](FaultKind kind) { return fault_of(FaultSite::memory, kind); };
  EXPECT_EQ(write->arm(memory(FaultKind::flip)), nullptr);
  EXPECT_EQ(zeros->arm(memory(FaultKind::zero)), nullptr);
  EXPECT_EQ(zeros->arm(memory(FaultKind::swap)), nullptr);
  EXPECT_EQ(ones->arm(memory(FaultKind::nan)), nullptr);
  EXPECT_EQ(zeros->arm(result_fault(FaultKind::flip)), nullptr);
  EXPECT_EQ(prepared_on(*device, Fill{region})->arm(memory(FaultKind::flip)), nullptr);
  EXPECT_EQ(prepared_on(*device, kSmallGemm)->arm(memory(FaultKind::flip)), nullptr);
  EXPECT_NE(zeros->arm(memory(FaultKind::flip)), nullptr);
}

TEST(ArmedFault, StaysInTheHalfThatIsSwept) {
  const auto device = small_device();
  const Region region = device->allocate(4096);
  (void)prepared_on(*device, Sweep{region, {MarchOp::Kind::write, 0}})->run(once());
  const auto read = prepared_on(*device, Sweep{region, {MarchOp::Kind::read, 0}});
  const auto armed = read->arm(fault_of(FaultSite::memory, FaultKind::flip));
  RunFor odd = once();
  odd.address_bit = 0;
  odd.half = 1;
  const Burst burst = read->run(odd);
  const Activation flip = armed->activations().at(0);
  EXPECT_EQ(flip.element % 2, 1U);
  const std::uint64_t clean =
      **golden({describe(Sweep{region, {MarchOp::Kind::read, 0}}), 7, 0, 1});
  EXPECT_EQ(burst.digest, clean - digest_term(0, flip.element) + digest_term(6, flip.element));
  EXPECT_EQ(read->run(once()).miscompares, 0U);  // flipped back
}

TEST(ArmedFault, ChangesWordDigestsByTheDifferenceOfTerms) {
  const auto device = small_device();
  const Region a = device->allocate(4096), host = device->allocate(4096, Place::host);
  const auto copy = prepared_on(*device, Copy{host, a});
  const auto armed = copy->arm(fault_of(FaultSite::transfer, FaultKind::flip, 512 + 9));
  const Burst burst = copy->run(once());
  std::uint64_t digest = 0;
  for (std::uint64_t i = 0; i < 512; ++i) {
    digest += digest_term(pattern_word(7, i) ^ (i == 9 ? 6 : 0), i);
  }
  EXPECT_EQ(burst.digest, digest);
  EXPECT_EQ(burst.samples.at(0).element, 9U);
  EXPECT_EQ(burst.samples.at(0).expected, pattern_word(7, 9));
}

}  // namespace
}  // namespace rackproof
