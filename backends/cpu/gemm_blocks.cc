// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_blocks.h"

#include <cstring>

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kRowBlock = 20;  // so much of a stays in the second-level cache
constexpr std::uint64_t kMaxTile = 12 * 2 * 16;

std::int32_t pair_of(std::int32_t even, std::int32_t odd) {
  return static_cast<std::int32_t>(static_cast<std::uint16_t>(even) |
                                   static_cast<std::uint32_t>(static_cast<std::uint16_t>(odd))
                                       << 16);
}

// Step `step` of a line whose element p is at(p), zero from k on.
template <class T, class At>
T packed_step(std::uint64_t step, std::uint64_t k, const At& at) {
  if constexpr (std::is_same_v<T, std::int32_t>) {
    return pair_of(at(2 * step), 2 * step + 1 < k ? at(2 * step + 1) : 0);
  } else {
    return at(step);
  }
}

// A tile that sticks out of C is made aside, by the same arithmetic, and its inner part moved.
template <class T>
void multiply_edge(const TileKernel<T>& kernel, const T* a, const T* b, std::uint64_t depth, T* c,
                   std::uint64_t stride, bool first, std::uint64_t rows, std::uint64_t columns) {
  alignas(64) T tile[kMaxTile];
  for (std::uint64_t r = 0; r < rows && !first; ++r)
    std::memcpy(tile + r * kernel.columns, c + r * stride, columns * sizeof(T));
  for (std::uint64_t r = 0; r < kernel.rows && !first; ++r) {
    const std::uint64_t from = r < rows ? columns : 0;
    std::fill(tile + r * kernel.columns + from, tile + (r + 1) * kernel.columns, T{0});
  }
  kernel.multiply(a, b, depth, tile, kernel.columns, first);
  for (std::uint64_t r = 0; r < rows; ++r)
    std::memcpy(c + r * stride, tile + r * kernel.columns, columns * sizeof(T));
}

}  // namespace

template <class T>
void pack_a(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t panel,
            std::uint64_t rows, T* packed) {
  const std::uint64_t depth = depth_of<T>(problem.k);
  for (std::uint64_t r = 0; r < rows; ++r) {
    const std::uint64_t i = panel * rows + r;
    const std::uint64_t only = i < problem.m ? problem.only_column(pattern, i) : 0;
    const auto at = [&](std::uint64_t p) { return problem.a(pattern, i, p, only); };
    for (std::uint64_t step = 0; step < depth; ++step) {
      packed[step * rows + r] = i < problem.m ? packed_step<T>(step, problem.k, at) : T{0};
    }
  }
}

template <class T>
void pack_b(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t panel,
            std::uint64_t columns, T* packed) {
  const std::uint64_t depth = depth_of<T>(problem.k);
  for (std::uint64_t step = 0; step < depth; ++step) {
    for (std::uint64_t c = 0; c < columns; ++c) {
      const std::uint64_t j = panel * columns + c;
      const auto at = [&](std::uint64_t p) { return problem.b(pattern, p, j); };
      packed[step * columns + c] = j < problem.n ? packed_step<T>(step, problem.k, at) : T{0};
    }
  }
}

Grid::Grid(std::uint64_t row_panels, std::uint64_t column_panels, unsigned cores)
    : row_panels_(row_panels),
      column_panels_(column_panels),
      row_parts_(std::min<std::uint64_t>(row_panels, cores)),
      column_parts_(std::min<std::uint64_t>(column_panels, cores / row_parts_)) {}

Slice Grid::slice(std::uint64_t index) const {
  if (index >= slices()) return {};
  return {share(row_panels_, index % row_parts_, row_parts_),
          share(column_panels_, index / row_parts_, column_parts_)};
}

namespace {

// One depth block of one tile.
template <class T>
void multiply_tile(const TileKernel<T>& kernel, const Problem<T>& problem, const T* a, const T* b,
                   const Range& steps, std::uint64_t row_panel, std::uint64_t column_panel, T* c) {
  const std::uint64_t depth = depth_of<T>(problem.k), row = row_panel * kernel.rows,
                      column = column_panel * kernel.columns;
  const T* panel_a = a + (row_panel * depth + steps.first) * kernel.rows;
  const T* panel_b = b + (column_panel * depth + steps.first) * kernel.columns;
  const std::uint64_t rows = std::min(kernel.rows, problem.m - row),
                      columns = std::min(kernel.columns, problem.n - column);
  T* tile = c + row * problem.n + column;
  const bool first = steps.first == 0;
  if (rows == kernel.rows && columns == kernel.columns) {
    kernel.multiply(panel_a, panel_b, steps.last - steps.first, tile, problem.n, first);
  } else {
    multiply_edge(kernel, panel_a, panel_b, steps.last - steps.first, tile, problem.n, first, rows,
                  columns);
  }
}

}  // namespace

template <class T>
void multiply_slice(const TileKernel<T>& kernel, const Problem<T>& problem, const T* a, const T* b,
                    const Slice& slice, T* c) {
  const std::uint64_t depth = depth_of<T>(problem.k);
  for (std::uint64_t step = 0; step < depth; step += kDepthBlock) {
    const Range steps{step, std::min(depth, step + kDepthBlock)};
    for (std::uint64_t block = slice.rows.first; block < slice.rows.last; block += kRowBlock) {
      const std::uint64_t end = std::min(slice.rows.last, block + kRowBlock);
      for (std::uint64_t column = slice.columns.first; column < slice.columns.last; ++column) {
        for (std::uint64_t row = block; row < end; ++row)
          multiply_tile(kernel, problem, a, b, steps, row, column, c);
      }
    }
  }
}

#define RACKPROOF_BLOCKS_OF(T)                                                                 \
  template void pack_a<T>(const Problem<T>&, std::uint64_t, std::uint64_t, std::uint64_t, T*); \
  template void pack_b<T>(const Problem<T>&, std::uint64_t, std::uint64_t, std::uint64_t, T*); \
  template void multiply_slice<T>(const TileKernel<T>&, const Problem<T>&, const T*, const T*, \
                                  const Slice&, T*)
RACKPROOF_BLOCKS_OF(std::int32_t);
RACKPROOF_BLOCKS_OF(float);
RACKPROOF_BLOCKS_OF(double);

}  // namespace rackproof::cpu
