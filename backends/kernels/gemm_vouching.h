// SPDX-License-Identifier: Apache-2.0
// How the host comes to trust a product that the device computed, without computing it: Freivalds'
// check row by row modulo 2^61 - 1, and single rows outright.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/kernels/gemm_problem.h"

namespace rackproof::kernels {

/// For Operands::exact: with a vector v from the pattern, row i of a right C has C_i v = A_i (B v).
/// A wrong row passes with probability below 2^-60. Source: Freivalds 1977.
class Freivalds {
 public:
  /// Computes A (B v); O(m k + k n).
  Freivalds(const Problem& problem, std::uint64_t pattern);

  /// What the device multiplies its rows with.
  [[nodiscard]] const std::vector<std::uint64_t>& v() const { return v_; }
  /// The rows whose residue C_i v is not what it should be.
  [[nodiscard]] std::vector<std::uint64_t> wrong_rows(
      const std::vector<std::uint64_t>& residues) const;
  /// u' C v of a product with these residues: what golden() computes as (u' A)(B v).
  [[nodiscard]] std::uint64_t fingerprint(const std::vector<std::uint64_t>& residues) const;

 private:
  std::uint64_t pattern_;
  std::vector<std::uint64_t> v_, rows_;
};

/// Row i of the product as it lies in memory: exact integers (Operands::exact), or rounded products
/// (Operands::error_free). T holds the bits: uint32 or uint64.
template <class T>
[[nodiscard]] std::vector<T> right_row(const Problem& problem, std::uint64_t pattern,
                                       std::uint64_t i);

}  // namespace rackproof::kernels
