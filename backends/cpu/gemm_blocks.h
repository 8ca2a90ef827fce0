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

[[nodiscard]] constexpr std::uint64_t panels_of(std::uint64_t count, std::uint64_t each) {
  return (count + each - 1) / each;
}

/// Writes panel `panel` of the kernel's rows of a, padded with zeros.
template <class T>
void pack_a(const TileKernel<T>& kernel, const Problem<T>& problem, std::uint64_t pattern,
            std::uint64_t panel, T* packed);
/// Writes panel `panel` of the kernel's columns of b, padded with zeros, and, for a biased kernel,
/// the offset of each of its columns.
template <class T>
void pack_b(const TileKernel<T>& kernel, const Problem<T>& problem, std::uint64_t pattern,
            std::uint64_t panel, T* packed, T* offsets);

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

/// All panels of a product's operands.
template <class T>
struct Packed {
  const T *a = nullptr, *b = nullptr;
  const T* offsets = nullptr;  ///< for a biased kernel, one for each column of b's panels
};

/// c = a b, or -(a b) where `negated`, within one slice, given in panels; c is m x n, row-major.
template <class T>
void multiply_slice(const TileKernel<T>& kernel, const Problem<T>& problem,
                    const Packed<T>& operands, const Slice& slice, T* c, bool negated);

}  // namespace rackproof::cpu
