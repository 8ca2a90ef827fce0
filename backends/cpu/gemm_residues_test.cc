// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_residues.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <limits>

#include "core/oracle.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kCounts[] = {1, 7, 16, 33, 1000, kResidueChunk};

std::vector<std::uint64_t> weights(std::uint64_t count) {
  std::vector<std::uint64_t> all(count, kPrime - 1);  // the largest
  for (std::uint64_t i = 0; i < count; i += 2) all[i] = fingerprint_v(7, i);
  return all;
}

// The three sums put together again.
Wide joined(const std::array<std::int64_t, 3>& sums) {
  Wide total = 0;
  for (unsigned part = 0; part < 3; ++part) {
    total += static_cast<Wide>(static_cast<std::int64_t>(sums[part])) << (Weights::kBits * part);
  }
  return total;
}

template <class T>
Wide one_by_one(const std::vector<T>& row, const std::vector<std::uint64_t>& by) {
  Wide total = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    total += static_cast<Wide>(static_cast<std::int64_t>(row[i])) * by[i];
  return total;
}

// On every instruction set of this CPU, the best one at the end.
template <class Check>
void on_each_target(const Check& check) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

TEST(GemmResidues, SumExtremeIntegersExactly) {
  on_each_target([] {
    for (const std::uint64_t count : kCounts) {
      std::vector<std::int32_t> row(count, std::numeric_limits<std::int32_t>::min());
      for (std::uint64_t i = 0; i < count; i += 3) row[i] = static_cast<std::int32_t>(mix64(i));
      const auto by = weights(count);
      EXPECT_TRUE(joined(residue_kernels().i32(row.data(), Weights(by).from(0), count)) ==
                  one_by_one(row, by));
    }
  });
}

TEST(GemmResidues, SumWholeFloatsExactly) {
  on_each_target([] {
    for (const std::uint64_t count : kCounts) {
      std::vector<float> row(count, -16777216.0F);
      for (std::uint64_t i = 0; i < count; i += 3)
        row[i] = static_cast<float>(static_cast<std::int32_t>(mix64(i)) >> 8);
      const auto by = weights(count);
      std::array<std::int64_t, 3> sums{};
      ASSERT_TRUE(residue_kernels().fp32(row.data(), Weights(by).from(0), count, sums));
      EXPECT_TRUE(joined(sums) == one_by_one(row, by));
    }
  });
}

TEST(GemmResidues, RefuseWhatIsNoIntegersOwnEncoding) {
  constexpr float kNone[] = {-0.0F,
                             0.5F,
                             16777218.0F,
                             -2147483648.0F,
                             std::numeric_limits<float>::infinity(),
                             std::numeric_limits<float>::quiet_NaN()};
  on_each_target([&] {
    const Weights by(weights(21));
    for (const float odd : kNone) {
      for (std::size_t at = 0; at < 21; ++at) {
        std::vector<float> row(21, 3);
        row[at] = odd;
        std::array<std::int64_t, 3> sums{};
        EXPECT_FALSE(residue_kernels().fp32(row.data(), by.from(0), row.size(), sums))
            << odd << " at " << at;
      }
    }
  });
}

}  // namespace
}  // namespace rackproof::cpu
