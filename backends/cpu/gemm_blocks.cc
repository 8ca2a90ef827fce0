// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_blocks.h"

#include <cstring>

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kRowBlockBytes = 576 << 10;  // of a, in the second-level cache
// Panels of b whose sums over all of k are made before the next ones are begun: their part of C
// stays in the third-level cache meanwhile.
constexpr std::uint64_t kColumnPatch = 128;
constexpr std::uint64_t kNearBytes = 1 << 20;  // of operands that need no fetching ahead
constexpr std::uint64_t kMaxTile = 12 * 2 * 16;

// Element `step` of a packed line whose operand p is at(p), zero from k on.
template <class T, class At>
T packed_step(const TileKernel<T>& kernel, std::uint64_t step, std::uint64_t k, int bias,
              const At& at) {
  if constexpr (!std::is_same_v<T, std::int32_t>) {
    return at(step);
  } else {
    const unsigned bits = 32 / static_cast<unsigned>(kernel.products);
    std::uint32_t packed = 0;
    for (unsigned i = 0; i < kernel.products; ++i) {
      const std::uint64_t p = step * kernel.products + i;
      const auto value = static_cast<std::uint32_t>((p < k ? at(p) : 0) + bias);
      packed |= (value & ((1U << bits) - 1)) << (bits * i);
    }
    return static_cast<std::int32_t>(packed);
  }
}

// A biased kernel sums (a + kBias) b: what is too much of it in one column.
template <class T, class At>
T offset_of(std::uint64_t k, const At& at) {
  T sum = 0;
  for (std::uint64_t p = 0; p < k; ++p) sum += at(p);
  return -kBias * sum;
}

// A tile that sticks out of C is made aside, by the same arithmetic, and its inner part moved.
template <class T>
void multiply_edge(const TileKernel<T>& kernel, const T* a, const T* b, std::uint64_t depth, T* c,
                   std::uint64_t stride, bool first, const T* offset, bool negated,
                   std::uint64_t rows, std::uint64_t columns) {
  alignas(64) T tile[kMaxTile];
  for (std::uint64_t r = 0; r < rows && !first; ++r)
    std::memcpy(tile + r * kernel.columns, c + r * stride, columns * sizeof(T));
  for (std::uint64_t r = 0; r < kernel.rows && !first; ++r) {
    const std::uint64_t from = r < rows ? columns : 0;
    std::fill(tile + r * kernel.columns + from, tile + (r + 1) * kernel.columns, T{0});
  }
  kernel.multiply(a, b, depth, tile, kernel.columns, first, offset, negated);
  for (std::uint64_t r = 0; r < rows; ++r)
    std::memcpy(c + r * stride, tile + r * kernel.columns, columns * sizeof(T));
}

}  // namespace

template <class T>
void pack_a(const TileKernel<T>& kernel, const Problem<T>& problem, std::uint64_t pattern,
            std::uint64_t panel, T* packed) {
  const std::uint64_t depth = kernel.depth(problem.k);
  const int bias = kernel.biased ? kBias : 0;
  for (std::uint64_t r = 0; r < kernel.rows; ++r) {
    const std::uint64_t i = panel * kernel.rows + r;
    const std::uint64_t only = i < problem.m ? problem.only_column(pattern, i) : 0;
    const auto at = [&](std::uint64_t p) { return problem.a(pattern, i, p, only); };
    for (std::uint64_t step = 0; step < depth; ++step) {
      packed[step * kernel.rows + r] =
          i < problem.m ? packed_step(kernel, step, problem.k, bias, at) : T{0};
    }
  }
}

template <class T>
void pack_b(const TileKernel<T>& kernel, const Problem<T>& problem, std::uint64_t pattern,
            std::uint64_t panel, T* packed, T* offsets) {
  const std::uint64_t depth = kernel.depth(problem.k);
  const auto column = [&](std::uint64_t c) { return panel * kernel.columns + c; };
  for (std::uint64_t step = 0; step < depth; ++step) {
    for (std::uint64_t c = 0; c < kernel.columns; ++c) {
      const auto at = [&](std::uint64_t p) { return problem.b(pattern, p, column(c)); };
      packed[step * kernel.columns + c] =
          column(c) < problem.n ? packed_step(kernel, step, problem.k, 0, at) : T{0};
    }
  }
  for (std::uint64_t c = 0; c < kernel.columns && kernel.biased; ++c) {
    const auto at = [&](std::uint64_t p) { return problem.b(pattern, p, column(c)); };
    offsets[c] = column(c) < problem.n ? offset_of<T>(problem.k, at) : T{0};
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

// The product of some panels, depth block by depth block.
template <class T>
class Blocks {
 public:
  Blocks(const TileKernel<T>& kernel, const Problem<T>& problem, const Packed<T>& operands,
         const Slice& slice, T* c, bool negated)
      : kernel_(kernel),
        problem_(problem),
        operands_(operands),
        c_(c),
        negated_(negated),
        depth_(kernel.depth(problem.k)),
        far_(bytes_of(slice) > kNearBytes) {}

  void multiply(const Slice& patch) const {
    for (std::uint64_t step = 0; step < depth_; step += kDepthBlock) {
      const Range steps{step, std::min(depth_, step + kDepthBlock)};
      block(steps, patch);
    }
  }

 private:
  // While a tile is made, far operands of later ones come to the second-level cache: the next panel
  // of a in the first column, and in all of them a part of the next panel of b.
  void block(const Range& steps, const Slice& panels) const {
    const auto& [rows, columns] = panels;
    const std::uint64_t depth = steps.last - steps.first;
    for (std::uint64_t column = columns.first; column < columns.last; ++column) {
      for (std::uint64_t row = rows.first; row < rows.last; ++row) {
        if (far_ && column == columns.first && row + 1 < rows.last)
          fetch(a_of(steps, row + 1), {0, depth * kernel_.rows});
        if (far_ && column + 1 < columns.last) {
          fetch(b_of(steps, column + 1),
                share(depth * kernel_.columns, row - rows.first, rows.last - rows.first));
        }
        tile(steps, row, column);
      }
    }
  }

  [[nodiscard]] std::uint64_t bytes_of(const Slice& panels) const {
    const std::uint64_t lines = (panels.rows.last - panels.rows.first) * kernel_.rows +
                                (panels.columns.last - panels.columns.first) * kernel_.columns;
    return lines * depth_ * sizeof(T);
  }

  static void fetch(const T* from, const Range& elements) {
    constexpr std::uint64_t kLine = 64 / sizeof(T);
    constexpr int kRead = 0, kSecondLevel = 2;
    for (std::uint64_t i = elements.first; i < elements.last; i += kLine)
      __builtin_prefetch(from + i, kRead, kSecondLevel);
  }

  [[nodiscard]] const T* a_of(const Range& steps, std::uint64_t row_panel) const {
    return operands_.a + (row_panel * depth_ + steps.first) * kernel_.rows;
  }
  [[nodiscard]] const T* b_of(const Range& steps, std::uint64_t column_panel) const {
    return operands_.b + (column_panel * depth_ + steps.first) * kernel_.columns;
  }

  void tile(const Range& steps, std::uint64_t row_panel, std::uint64_t column_panel) const {
    const std::uint64_t row = row_panel * kernel_.rows, column = column_panel * kernel_.columns;
    const T *a = a_of(steps, row_panel), *b = b_of(steps, column_panel);
    const T* offset = kernel_.biased ? operands_.offsets + column : nullptr;
    const std::uint64_t rows = std::min(kernel_.rows, problem_.m - row),
                        columns = std::min(kernel_.columns, problem_.n - column),
                        depth = steps.last - steps.first;
    T* c = c_ + row * problem_.n + column;
    const bool first = steps.first == 0, negated = negated_ && steps.last == depth_;
    if (rows == kernel_.rows && columns == kernel_.columns) {
      kernel_.multiply(a, b, depth, c, problem_.n, first, offset, negated);
    } else {
      multiply_edge(kernel_, a, b, depth, c, problem_.n, first, offset, negated, rows, columns);
    }
  }

  const TileKernel<T>& kernel_;
  const Problem<T>& problem_;
  const Packed<T>& operands_;
  T* c_;
  bool negated_;
  std::uint64_t depth_;
  bool far_;  // the second-level cache does not hold the operands
};

}  // namespace

template <class T>
void multiply_slice(const TileKernel<T>& kernel, const Problem<T>& problem,
                    const Packed<T>& operands, const Slice& slice, T* c, bool negated) {
  const Blocks<T> blocks(kernel, problem, operands, slice, c, negated);
  const auto& [rows, columns] = slice;
  const std::uint64_t row_block = kRowBlockBytes / (kernel.rows * kDepthBlock * sizeof(T));
  for (std::uint64_t row = rows.first; row < rows.last; row += row_block) {
    const Range some_rows{row, std::min(rows.last, row + row_block)};
    for (std::uint64_t column = columns.first; column < columns.last; column += kColumnPatch)
      blocks.multiply({some_rows, {column, std::min(columns.last, column + kColumnPatch)}});
  }
}

#define RACKPROOF_BLOCKS_OF(T)                                                                   \
  template void pack_a<T>(const TileKernel<T>&, const Problem<T>&, std::uint64_t, std::uint64_t, \
                          T*);                                                                   \
  template void pack_b<T>(const TileKernel<T>&, const Problem<T>&, std::uint64_t, std::uint64_t, \
                          T*, T*);                                                               \
  template void multiply_slice<T>(const TileKernel<T>&, const Problem<T>&, const Packed<T>&,     \
                                  const Slice&, T*, bool)
RACKPROOF_BLOCKS_OF(std::int32_t);
RACKPROOF_BLOCKS_OF(float);
RACKPROOF_BLOCKS_OF(double);

}  // namespace rackproof::cpu
