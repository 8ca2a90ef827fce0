// SPDX-License-Identifier: Apache-2.0
// Every row of a product of random operands against a sum made apart from the kernels: Freivalds'
// check in floating point. It finds what is larger than the roundings of a whole row.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cpu/gemm_problem.h"
#include "backends/cpu/threads.h"
#include "core/device.h"

namespace rackproof::cpu {

/// With v of +1 and -1 from the pattern, row i of a right C has C_i v = A_i (B v) but for C's own
/// roundings. Of these there are roundings(k) an element, each within half a unit of a partial sum
/// whose variance is at most that of the element: independent, they give the row a standard
/// deviation of u sqrt(roundings(k) sum over j, p of a_ip^2 b_pj^2), and kDeviations of it are
/// allowed. Where the type's mantissas are so short that no sum of k products rounds (fp8), any
/// difference counts. T is float or double.
template <class T>
class RowSums {
 public:
  static constexpr double kDeviations = 16;

  /// Computes A (B v) from the pattern on all cores, in twice T's precision; O(m k + k n).
  RowSums(const Problem<T>& problem, std::uint64_t pattern, Threads& threads);

  [[nodiscard]] bool right(std::uint64_t i, const T* row) const;
  /// The elements of such a wrong row that are farther off than roundings explain; where none is,
  /// the one that is farthest. `core` is not filled in.
  [[nodiscard]] std::vector<Miscompare> wrong_elements(std::uint64_t i, const T* row) const;
  /// What row i may differ by.
  [[nodiscard]] double limit(std::uint64_t i) const { return limits_[i]; }

 private:
  struct Number {
    double high = 0, low = 0;
  };
  void sum_b(Threads& threads);
  void sum_a(Threads& threads);
  [[nodiscard]] double unit() const;

  Problem<T> problem_;
  std::uint64_t pattern_;
  std::vector<double> v_;                       // zeros behind n
  std::vector<double> high_, low_, magnitude_;  // of B v and, row by row of B, of its squares
  std::vector<Number> rows_;                    // A (B v)
  std::vector<double> limits_;
};

}  // namespace rackproof::cpu
