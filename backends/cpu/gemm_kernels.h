// SPDX-License-Identifier: Apache-2.0
// The innermost loops of matrix products: one register tile of C from packed panels of A and B.
#pragma once

#include <cstdint>

#include "backends/cpu/findings.h"

namespace rackproof::cpu {

/// T is C's type; panels hold T too, where int8 products (T = int32) take several to an element.
template <class T>
struct TileKernel {
  std::uint64_t rows = 0, columns = 0;  ///< of the tile
  /// In an element of a panel: 1; of int8, 2 (an int16 each, the first in the low half) or 4 (a
  /// byte each, the first in the lowest).
  std::uint64_t products = 1;
  /// Bytes of a are unsigned, kBias above the operand's value; the tile's sums start from an offset
  /// that takes this away again.
  bool biased = false;
  /// c[rows, columns] (+)= a b over `depth` steps; a step is `rows` of a and `columns` of b.
  /// `first`: c is overwritten, and sums start from `offset`, one for each column, where the kernel
  /// is biased. `stride`: elements from one row of c to the next.
  void (*multiply)(const T* a, const T* b, std::uint64_t depth, T* c, std::uint64_t stride,
                   bool first, const T* offset) = nullptr;

  /// Steps of the inner loop.
  [[nodiscard]] std::uint64_t depth(std::uint64_t k) const { return (k + products - 1) / products; }
};
inline constexpr int kBias = 128;

/// For the best instruction set of this CPU.
struct GemmKernels {
  TileKernel<std::int32_t> i8;
  TileKernel<float> fp32;
  TileKernel<double> fp64;
  /// Compares `count` elements bit for bit; the first is element `first_element` of C. Returns the
  /// sum of the digest terms of what was got, so that a compare that is blind still shows.
  std::uint64_t (*compare32)(const std::uint32_t* got, const std::uint32_t* expected,
                             std::uint64_t count, std::uint64_t first_element, Findings& findings);
  std::uint64_t (*compare64)(const std::uint64_t* got, const std::uint64_t* expected,
                             std::uint64_t count, std::uint64_t first_element, Findings& findings);
  /// That sum alone.
  std::uint64_t (*digest32)(const std::uint32_t* elements, std::uint64_t count,
                            std::uint64_t first_element);
  std::uint64_t (*digest64)(const std::uint64_t* elements, std::uint64_t count,
                            std::uint64_t first_element);
};
[[nodiscard]] const GemmKernels& gemm_kernels();

}  // namespace rackproof::cpu
