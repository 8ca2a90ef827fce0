// SPDX-License-Identifier: Apache-2.0
// Packing operands into panels, and multiplying one slice of C block by block through the caches.
#pragma once

#include <cstdint>

#include "backends/cpu/gemm_kernels.h"
#include "backends/cpu/gemm_problem.h"
#include "backends/cpu/threads.h"

namespace rackproof::cpu {

/// So many steps are summed in registers before they join C: a panel of b of this depth stays in
/// the first-level cache.
inline constexpr std::uint64_t kDepthBlock = 192;

/// Steps of the inner loop: int8 takes two products a step.
template <class T>
[[nodiscard]] constexpr std::uint64_t depth_of(std::uint64_t k) {
  return std::is_same_v<T, std::int32_t> ? (k + 1) / 2 : k;
}
[[nodiscard]] constexpr std::uint64_t panels_of(std::uint64_t count, std::uint64_t each) {
  return (count + each - 1) / each;
}

/// Writes panel `panel` of `rows` rows of a, padded with zeros.
template <class T>
void pack_a(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t panel,
            std::uint64_t rows, T* packed);
/// Writes panel `panel` of `columns` columns of b, padded with zeros.
template <class T>
void pack_b(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t panel,
            std::uint64_t columns, T* packed);

/// A rectangle of C.
struct Slice {
  Range rows, columns;
  [[nodiscard]] bool empty() const { return rows.empty() || columns.empty(); }
};

/// C cut into one slice a core at most: by rows, and where these are too few, by columns too.
class Grid {
 public:
  Grid(std::uint64_t row_panels, std::uint64_t column_panels, unsigned cores);
  [[nodiscard]] std::uint64_t slices() const { return row_parts_ * column_parts_; }
  /// Empty from slices() on.
  [[nodiscard]] Slice slice(std::uint64_t index) const;

 private:
  std::uint64_t row_panels_, column_panels_, row_parts_, column_parts_;
};

/// c = a b within one slice; c is m x n, row-major.
template <class T>
void multiply_slice(const TileKernel<T>& kernel, const Problem<T>& problem, const T* a, const T* b,
                    const Slice& slice, T* c);

}  // namespace rackproof::cpu
