// SPDX-License-Identifier: Apache-2.0
// Sums of a row's elements times 61-bit weights, for the fingerprint of a product: exact, and a
// vector at a time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace rackproof::cpu {

/// Weights below 2^61 in three parts of 21 bits, the lowest first.
class Weights {
 public:
  static constexpr unsigned kBits = 21;
  explicit Weights(const std::vector<std::uint64_t>& words);
  [[nodiscard]] std::array<const std::int32_t*, 3> from(std::uint64_t first) const {
    return {parts_[0].data() + first, parts_[1].data() + first, parts_[2].data() + first};
  }

 private:
  std::array<std::vector<std::int32_t>, 3> parts_;
};

/// So many products of an int32 and a part sum up in 63 bits.
inline constexpr std::uint64_t kResidueChunk = 1024;

/// For the best instruction set of this CPU.
struct ResidueKernels {
  /// Sums of `count` <= kResidueChunk elements times each part.
  std::array<std::int64_t, 3> (*i32)(const std::int32_t* row,
                                     const std::array<const std::int32_t*, 3>& weights,
                                     std::uint64_t count);
  /// The same of integers up to 2^24 in magnitude. False: one of the elements is something else, or
  /// not that integer's own encoding (-0), and `sums` is of no use.
  bool (*fp32)(const float* row, const std::array<const std::int32_t*, 3>& weights,
               std::uint64_t count, std::array<std::int64_t, 3>& sums);
};
[[nodiscard]] const ResidueKernels& residue_kernels();

}  // namespace rackproof::cpu
