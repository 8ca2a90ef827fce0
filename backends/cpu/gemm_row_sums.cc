// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_row_sums.h"

#include <cmath>
#include <limits>

#include "backends/cpu/gemm_oracle.h"
#include "backends/cpu/gemm_samples.h"

namespace rackproof::cpu {
namespace {

constexpr double kHere = std::numeric_limits<double>::epsilon();

// Operands are below 2 and multiples of 2^-(mantissa + 2), so products are multiples of its square.
bool sums_round(int mantissa, std::uint64_t k) {
  const double units = std::ldexp(4.0 * static_cast<double>(k), 2 * (mantissa + 2));
  return units > 16777216;
}

template <class Fn>
void for_each_share(Threads& threads, std::uint64_t count, const Fn& fn) {
  threads.run([&](unsigned core) { fn(share(count, core, threads.count())); });
}

}  // namespace

template <class T>
RowSums<T>::RowSums(const Problem<T>& problem, std::uint64_t pattern, Threads& threads)
    : problem_(problem),
      pattern_(pattern),
      v_(padded(problem.n)),
      high_(padded(problem.k)),
      low_(padded(problem.k)),
      magnitude_(padded(problem.k)),
      rows_(problem.m),
      limits_(problem.m) {
  for (std::uint64_t j = 0; j < problem.n; ++j)
    v_[j] = (stream_word(pattern, Stream::v, j) & 1) != 0 ? -1 : 1;
  sum_b(threads);
  sum_a(threads);
}

template <class T>
double RowSums<T>::unit() const {
  if (sizeof(T) == 4 && !sums_round(mantissa_bits(problem_.in), problem_.k)) return 0;
  return static_cast<double>(std::numeric_limits<T>::epsilon()) / 2 *
         std::sqrt(static_cast<double>(roundings(problem_.k)));
}

template <class T>
void RowSums<T>::sum_b(Threads& threads) {
  const RandomOperands<T> operands(problem_, pattern_);
  for_each_share(threads, problem_.k, [&](const Range& mine) {
    std::vector<double> b(padded(problem_.n));
    for (std::uint64_t p = mine.first; p < mine.last; ++p) {
      operands.row_of_b(p, 0, problem_.n, b.data());
      const Sum sum = RandomOperands<T>::dot(b.data(), v_.data(), problem_.n);
      high_[p] = sum.high;
      low_[p] = sum.low;
      std::fill(b.begin() + static_cast<std::ptrdiff_t>(problem_.n), b.end(), 0);
      magnitude_[p] = RandomOperands<T>::dot(b.data(), b.data(), problem_.n).magnitude;
    }
  });
}

template <class T>
void RowSums<T>::sum_a(Threads& threads) {
  const RandomOperands<T> operands(problem_, pattern_);
  const double terms = static_cast<double>(problem_.n + problem_.k + 2);
  for_each_share(threads, problem_.m, [&](const Range& mine) {
    std::vector<double> a(padded(problem_.k));
    for (std::uint64_t i = mine.first; i < mine.last; ++i) {
      operands.row_of_a(i, a.data());
      const Sum high = RandomOperands<T>::dot(a.data(), high_.data(), problem_.k),
                low = RandomOperands<T>::dot(a.data(), low_.data(), problem_.k);
      rows_[i] = {high.high, high.low + low.high};
      double squares = 0;
      for (std::uint64_t p = 0; p < problem_.k; ++p) squares += a[p] * a[p] * magnitude_[p];
      const double here = sizeof(T) == 4 ? terms * kHere : terms * terms * kHere * kHere;
      limits_[i] = kDeviations * unit() * std::sqrt(squares) + 4 * here * high.magnitude;
    }
  });
}

template <class T>
bool RowSums<T>::right(std::uint64_t i, const T* row) const {
  std::vector<double> c(v_.size());
  std::copy_n(row, problem_.n, c.begin());
  const Sum sum = RandomOperands<T>::dot(c.data(), v_.data(), problem_.n);
  const double difference = (sum.high - rows_[i].high) + (sum.low - rows_[i].low);
  return std::fabs(difference) <= limits_[i];  // false for a NaN
}

template <class T>
std::vector<Miscompare> RowSums<T>::wrong_elements(std::uint64_t i, const T* row) const {
  const ColumnSums right = sums_of_row(problem_, pattern_, i, {0, problem_.n});
  std::vector<Miscompare> wrong;
  Miscompare farthest;
  double most = -1;
  for (std::uint64_t j = 0; j < problem_.n; ++j) {
    const Sum sum = right.at(j);
    const double error = std::fabs((static_cast<double>(row[j]) - sum.high) - sum.low);
    const Miscompare here{0, i * problem_.n + j, bits_of(static_cast<T>(sum.high + sum.low)),
                          bits_of(row[j])};
    // Of the squares of products below 4, the sum is at most 4 times that of the products.
    if (!(error <= kDeviations * unit() * std::sqrt(4 * sum.magnitude) + kHere * sum.magnitude))
      wrong.push_back(here);
    if (error > most) most = error, farthest = here;
  }
  if (wrong.empty()) wrong.push_back(farthest);
  return wrong;
}

template class RowSums<float>;
template class RowSums<double>;

}  // namespace rackproof::cpu
