// SPDX-License-Identifier: Apache-2.0
// Sums of products of random operands in higher precision, a vector at a time: fp32 in double, fp64
// in pairs of doubles.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cpu/gemm_problem.h"

namespace rackproof::cpu {

/// A sum of products as high + low, and the sum of the products' magnitudes.
struct Sum {
  double high = 0, low = 0, magnitude = 0;
};

/// Arrays handed to the kernels are this long, the rest of a full vector included.
[[nodiscard]] constexpr std::uint64_t padded(std::uint64_t count) { return (count + 7) / 8 * 8; }

/// One Sum for each of some columns.
class ColumnSums {
 public:
  explicit ColumnSums(std::uint64_t count)
      : high(padded(count)), low(padded(count)), magnitude(padded(count)) {}
  [[nodiscard]] Sum at(std::uint64_t j) const { return {high[j], low[j], magnitude[j]}; }
  std::vector<double> high, low, magnitude;
};

/// For the best instruction set of this CPU. Kernels read and write padded(count) elements; what is
/// behind `count` is of no use but in dot(), where one of the arrays has zeros there.
struct SumKernels {
  /// Random operands of the words first, first + 1, ... of `pattern` (one stream's), which doubles
  /// hold exactly; of mantissas `mantissa` is kept.
  void (*operands32)(std::uint64_t pattern, std::uint64_t first, std::uint64_t count,
                     std::uint64_t mantissa, double* operands);
  void (*operands64)(std::uint64_t pattern, std::uint64_t first, std::uint64_t count,
                     std::uint64_t mantissa, double* operands);
  /// Adds a b[j] to sum j.
  void (*add32)(double a, const double* b, std::uint64_t count, ColumnSums& sums);
  void (*add64)(double a, const double* b, std::uint64_t count, ColumnSums& sums);
  /// Of products of fp32 (or of one with a sum of fp32 that a double holds), rounded once each.
  Sum (*dot32)(const double* a, const double* b, std::uint64_t count);
  /// Of any doubles, to about 100 bits.
  Sum (*dot64)(const double* a, const double* b, std::uint64_t count);
};
[[nodiscard]] const SumKernels& sum_kernels();

/// The kernels for T, float or double, with the operands of one problem and pattern.
template <class T>
class RandomOperands {
 public:
  RandomOperands(const Problem<T>& problem, std::uint64_t pattern)
      : n_(problem.n),
        k_(problem.k),
        mantissa_((1ULL << 52) - 1),
        a_(stream_pattern(pattern, Stream::a)),
        b_(stream_pattern(pattern, Stream::b)) {
    if constexpr (kSingle) mantissa_ = 0x7fffffU & ~((1U << (23 - mantissa_bits(problem.in))) - 1);
  }
  /// a[i, 0 ...], padded(k) of them, of which those from k on are something else.
  void row_of_a(std::uint64_t i, double* row) const { put(a_, i * k_, k_, row); }
  /// b[p, first ...], padded(count) of them.
  void row_of_b(std::uint64_t p, std::uint64_t first, std::uint64_t count, double* row) const {
    put(b_, p * n_ + first, count, row);
  }
  static void add(double a, const double* b, std::uint64_t count, ColumnSums& sums) {
    (kSingle ? sum_kernels().add32 : sum_kernels().add64)(a, b, count, sums);
  }
  static Sum dot(const double* a, const double* b, std::uint64_t count) {
    return (kSingle ? sum_kernels().dot32 : sum_kernels().dot64)(a, b, count);
  }

 private:
  static constexpr bool kSingle = sizeof(T) == 4;
  void put(std::uint64_t stream, std::uint64_t first, std::uint64_t count, double* to) const {
    (kSingle ? sum_kernels().operands32 : sum_kernels().operands64)(stream, first, count, mantissa_,
                                                                    to);
  }
  std::uint64_t n_, k_, mantissa_, a_, b_;
};

}  // namespace rackproof::cpu
