// SPDX-License-Identifier: Apache-2.0
// The right product, in code of its own apart from the kernels: Freivalds' check row by row
// modulo 2^61 - 1, and single rows outright.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cpu/gemm_kernels.h"
#include "backends/cpu/gemm_problem.h"
#include "backends/cpu/gemm_residues.h"
#include "backends/cpu/threads.h"

namespace rackproof::cpu {

/// For Operands::exact: with a vector v from the pattern, row i of a right C has C_i v = A_i (B v).
/// A wrong row passes with probability below 2^-60. Source: Freivalds 1977.
template <class T>
class Freivalds {
 public:
  /// Computes A (B v) from the pattern on all cores; O(m k + k n).
  Freivalds(const Problem<T>& problem, std::uint64_t pattern, Threads& threads);

  /// C_i v of one row as it is in memory.
  [[nodiscard]] std::uint64_t residue_of(const T* row) const;
  [[nodiscard]] bool right(std::uint64_t i, std::uint64_t residue) const {
    return residue == rows_[i];
  }
  /// u' C v, the sign of C taken back: what golden() computes as (u' A)(B v).
  [[nodiscard]] std::uint64_t fingerprint(const T* c, const Sign& sign, Threads& threads) const;

 private:
  [[nodiscard]] std::uint64_t chunk_residue(const T* row, std::uint64_t first,
                                            std::uint64_t count) const;

  std::uint64_t m_, n_, pattern_;
  std::vector<std::uint64_t> v_, rows_;
  Weights weights_;  // v_ again
};

/// Row i of the product in exact integers (Operands::exact), or as rounded products
/// (Operands::error_free); O(n k) and O(n).
template <class T>
void right_row(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t i, T* row);

/// Digest of all elements of c, their sign taken back, one word each, bits zero-extended.
template <class T>
[[nodiscard]] std::uint64_t digest_of(const T* c, std::uint64_t count, const Sign& sign,
                                      Threads& threads);

/// An element's bits, zero-extended.
template <class T>
[[nodiscard]] std::uint64_t bits_of(T value) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<std::uint32_t>(value);
  else
    return std::bit_cast<std::uint64_t>(value);
}

}  // namespace rackproof::cpu
