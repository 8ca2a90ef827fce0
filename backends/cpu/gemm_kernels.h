// SPDX-License-Identifier: Apache-2.0
// The innermost loops of matrix products: one register tile of C from packed panels of A and B.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "backends/cpu/findings.h"

namespace rackproof::cpu {

/// How elements of C differ from those of a b: words as (word ^ flip) + add, which is its own
/// inverse.
struct Sign {
  std::uint64_t flip = 0, add = 0;

  /// Puts the sign on a value, or takes it back.
  template <class T>
  [[nodiscard]] T turned(T value) const {
    using Word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    const auto word = std::bit_cast<Word>(value);
    return std::bit_cast<T>(
        static_cast<Word>((word ^ static_cast<Word>(flip)) + static_cast<Word>(add)));
  }
};
template <class T>
inline constexpr Sign kNegated{
    std::is_same_v<T, std::int32_t> ? ~0ULL : 1ULL << (sizeof(T) * 8 - 1),
    std::is_same_v<T, std::int32_t> ? 1ULL : 0ULL};

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
  /// is biased. `negated`: the sums are stored with the other sign. `stride`: elements from one row
  /// of c to the next.
  void (*multiply)(const T* a, const T* b, std::uint64_t depth, T* c, std::uint64_t stride,
                   bool first, const T* offset, bool negated) = nullptr;

  /// Steps of the inner loop.
  [[nodiscard]] std::uint64_t depth(std::uint64_t k) const { return (k + products - 1) / products; }
};
inline constexpr int kBias = 128;

/// For the best instruction set of this CPU.
struct GemmKernels {
  TileKernel<std::int32_t> i8;
  TileKernel<float> fp32;
  TileKernel<double> fp64;
  /// Compares `count` elements bit for bit with those expected once `sign` is put on them; the
  /// first is element `first_element` of C. Returns the sum of the digest terms of what was got,
  /// the sign taken back, so that a compare that is blind still shows.
  std::uint64_t (*compare32)(const std::uint32_t* got, const std::uint32_t* expected,
                             std::uint64_t count, std::uint64_t first_element, const Sign& sign,
                             Findings& findings);
  std::uint64_t (*compare64)(const std::uint64_t* got, const std::uint64_t* expected,
                             std::uint64_t count, std::uint64_t first_element, const Sign& sign,
                             Findings& findings);
  /// That sum alone.
  std::uint64_t (*digest32)(const std::uint32_t* elements, std::uint64_t count,
                            std::uint64_t first_element, const Sign& sign);
  std::uint64_t (*digest64)(const std::uint64_t* elements, std::uint64_t count,
                            std::uint64_t first_element, const Sign& sign);
};
[[nodiscard]] const GemmKernels& gemm_kernels();

}  // namespace rackproof::cpu
