// SPDX-License-Identifier: Apache-2.0
// What must come out of collectives, against plain buffers moved and summed a second time.
#include "core/collective.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>
#include <vector>

namespace rackproof {
namespace {

constexpr std::uint64_t kPattern = 0x1234567890abcdefULL;
constexpr std::uint32_t kRanks = 3;
const std::vector<DType> kTypes{DType::i32, DType::fp16, DType::bf16, DType::fp32, DType::fp64};

Reduce reduce(Collective kind, DType type, std::uint32_t rank, std::uint32_t ranks = kRanks) {
  return {.type = type,
          .kind = kind,
          .size_bytes = std::uint64_t{ranks} * 4 * size_of(type),
          .rank = rank,
          .ranks = ranks,
          .id = {}};
}

using Buffer = std::vector<std::int64_t>;

Buffer input_of(const Reduce& shape, std::uint32_t rank) {
  const std::int64_t bound = collective_bound(shape.type, shape.ranks);
  Buffer input;
  for (std::uint64_t i = 0; i < input_elements(shape); ++i)
    input.push_back(collective_input(rank_pattern(kPattern, rank), i, bound));
  return input;
}

// As MPI defines them, on whole buffers.
Buffer plain_result(const Reduce& shape) {
  const auto share = static_cast<std::ptrdiff_t>(share_elements(shape));
  Buffer sum(input_elements(shape), 0), gathered, received;
  for (std::uint32_t rank = 0; rank < shape.ranks; ++rank) {
    const Buffer input = input_of(shape, rank);
    for (std::size_t i = 0; i < input.size(); ++i) sum[i] += input[i];
    gathered.insert(gathered.end(), input.begin(), input.end());
    if (shape.kind != Collective::all_to_all) continue;
    const auto mine = input.begin() + shape.rank * share;
    received.insert(received.end(), mine, mine + share);
  }
  if (shape.kind == Collective::all_reduce) return sum;
  if (shape.kind == Collective::all_gather) return gathered;
  if (shape.kind == Collective::all_to_all) return received;
  return {sum.begin() + shape.rank * share, sum.begin() + (shape.rank + 1) * share};
}

double value_of(DType type, std::uint64_t bits) {
  if (type == DType::i32) return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
  if (type == DType::fp64) return std::bit_cast<double>(bits);
  if (type == DType::fp32) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (type == DType::bf16) return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  const auto exponent = static_cast<int>(bits >> 10 & 0x1f);
  if (exponent == 0) return 0;
  return sign * std::ldexp(static_cast<double>(1024 + (bits & 0x3ff)), exponent - 25);
}

TEST(Collective, ResultsAreWhatPlainBuffersHold) {
  for (int kind = 0; kind < kCollectives; ++kind) {
    for (std::uint32_t rank = 0; rank < kRanks; ++rank) {
      for (const DType type : kTypes) {
        const Reduce shape = reduce(static_cast<Collective>(kind), type, rank);
        const Buffer right = plain_result(shape);
        ASSERT_EQ(right.size(), result_elements(shape));
        std::uint64_t digest = 0;
        for (std::uint64_t i = 0; i < right.size(); ++i) {
          const std::uint64_t bits = collective_expected(shape, kPattern, i);
          EXPECT_EQ(value_of(type, bits), static_cast<double>(right[i])) << describe(shape);
          digest += digest_term(bits, i);
        }
        EXPECT_EQ(golden({describe(shape), kPattern}).value(), digest) << describe(shape);
      }
    }
  }
}

// No partial sum leaves the integers that the type holds exactly, however many ranks there are.
TEST(Collective, SumsStayExact) {
  for (const DType type : kTypes) {
    for (const std::uint32_t ranks : {2U, 3U, 8U, 72U, 256U}) {
      const std::int64_t bound = collective_bound(type, ranks);
      EXPECT_GE(bound, 1) << name(type);
      EXPECT_EQ(bound % 2, 1);
      EXPECT_LE(bound * ranks, collective_largest(type)) << name(type) << " " << ranks;
      for (const std::int64_t sum : {-bound * ranks, bound * ranks})
        EXPECT_EQ(value_of(type, collective_bits(type, sum)), static_cast<double>(sum));
    }
  }
  EXPECT_EQ(collective_bound(DType::bf16, 257), 0);
  EXPECT_EQ(collective_bound(DType::i8, 2), 0);
}

TEST(Collective, GoldenRefusesWhatIsNone) {
  for (const char* work : {"reduce all_reduce fp32 100 0 3", "reduce all_reduce fp32 96 3 3",
                           "reduce all_reduce int8 96 0 3", "reduce all_reduce fp32 96 0 1",
                           "reduce all_reduce fp32 0 0 3", "reduce broadcast fp32 96 0 3",
                           "reduce all_reduce bf16 600 0 300", "reduce all_reduce fp32 96 0 3 4"}) {
    const auto answer = golden({work, kPattern});
    ASSERT_FALSE(answer) << work;
    EXPECT_EQ(answer.error().message, std::string("unknown work '") + work + "'");
  }
}

TEST(Collective, SaysWhyThereIsNone) {
  Reduce shape = reduce(Collective::all_reduce, DType::fp32, 0);
  EXPECT_EQ(why_no_collective(shape), "");
  shape.size_bytes = 100;
  EXPECT_EQ(why_no_collective(shape), "a collective of 100 bytes: a multiple of 12");
  EXPECT_EQ(why_no_collective(reduce(Collective::all_reduce, DType::i8, 0)),
            "a collective of int8: int32, fp16, bf16, fp32 or fp64");
  EXPECT_EQ(why_no_collective(reduce(Collective::all_reduce, DType::bf16, 0, 300)),
            "bf16 sums of 300 ranks are not exact");
}

TEST(Collective, BusFactorsAreThoseOfNcclTests) {
  EXPECT_EQ(bus_factor(Collective::all_reduce, 8), 2.0 * 7 / 8);
  for (const auto kind :
       {Collective::all_gather, Collective::reduce_scatter, Collective::all_to_all})
    EXPECT_EQ(bus_factor(kind, 8), 7.0 / 8);
}

}  // namespace
}  // namespace rackproof
