// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_samples.h"

#include <cmath>
#include <limits>
#include <mutex>

#include "backends/cpu/gemm_blocks.h"
#include "backends/cpu/gemm_oracle.h"

namespace rackproof::cpu {
namespace {

constexpr std::size_t kLines = 2;              // rows, and as many columns
constexpr std::uint64_t kColumnsAtOnce = 512;  // whose sums stay in the first-level cache

// Which rows (or columns) a burst looks at.
using Lines = std::vector<std::uint64_t>;

// Greatest relative error of so many roundings. Source: Higham, section 3.1.
double gamma(std::uint64_t roundings, double epsilon) {
  const double ku = static_cast<double>(roundings) * epsilon / 2;
  return ku / (1 - ku);
}

// Of an element of T after roundings(k), and of the sums here, which are of twice T's precision at
// least; the magnitudes are sums in one double.
template <class T>
double bound_of(std::uint64_t k) {
  constexpr double kHere = std::numeric_limits<double>::epsilon();
  const double here = gamma(k + 2, kHere);
  const double element =
      gamma(roundings(k), static_cast<double>(std::numeric_limits<T>::epsilon()));
  return (element + (sizeof(T) == 4 ? 2 * here : 4 * here * here)) * (1 + 2 * here);
}

// Where samples write what they find; any thread.
template <class T>
class Verdicts {
 public:
  explicit Verdicts(std::uint64_t k) : bound_(bound_of<T>(k)) {}
  void judge(std::uint64_t element, T got, const Sum& right) {
    const double error = std::fabs((static_cast<double>(got) - right.high) - right.low);
    if (error <= bound_ * right.magnitude) return;  // false for a NaN
    const std::lock_guard lock(mutex_);
    found_.push_back({0, element, bits_of(static_cast<T>(right.high + right.low)), bits_of(got)});
  }
  [[nodiscard]] std::vector<Miscompare> found() const { return found_; }

 private:
  double bound_;
  std::mutex mutex_;
  std::vector<Miscompare> found_;
};

// The sums of the same columns for some rows, b made once for all of them.
template <class T>
std::vector<ColumnSums> sums_of_rows(const Problem<T>& problem, std::uint64_t pattern,
                                     const std::vector<std::uint64_t>& rows, const Range& columns) {
  const RandomOperands<T> operands(problem, pattern);
  const std::uint64_t count = columns.last - columns.first;
  std::vector<std::vector<double>> a(rows.size(), std::vector<double>(padded(problem.k)));
  for (std::size_t r = 0; r < rows.size(); ++r) operands.row_of_a(rows[r], a[r].data());
  std::vector<ColumnSums> sums(rows.size(), ColumnSums(count));
  std::vector<double> b(padded(count));
  for (std::uint64_t p = 0; p < problem.k; ++p) {
    operands.row_of_b(p, columns.first, count, b.data());
    for (std::size_t r = 0; r < rows.size(); ++r)
      RandomOperands<T>::add(a[r][p], b.data(), count, sums[r]);
  }
  return sums;
}

template <class T>
void check_rows(const Problem<T>& problem, std::uint64_t pattern, const Lines& rows,
                const Range& columns, const T* c, Verdicts<T>& verdicts) {
  for (std::uint64_t first = columns.first; first < columns.last; first += kColumnsAtOnce) {
    const Range some{first, std::min(columns.last, first + kColumnsAtOnce)};
    const auto sums = sums_of_rows(problem, pattern, rows, some);
    for (std::size_t r = 0; r < kLines; ++r) {
      for (std::uint64_t j = some.first; j < some.last; ++j) {
        const std::uint64_t element = rows[r] * problem.n + j;
        verdicts.judge(element, c[element], sums[r].at(j - some.first));
      }
    }
  }
}

template <class T>
void check_columns(const Problem<T>& problem, std::uint64_t pattern, const Lines& columns,
                   const Range& rows, const T* c, Verdicts<T>& verdicts) {
  const RandomOperands<T> operands(problem, pattern);
  std::vector<std::vector<double>> b(kLines, std::vector<double>(padded(problem.k)));
  for (std::size_t l = 0; l < kLines; ++l) {
    for (std::uint64_t p = 0; p < problem.k; ++p) b[l][p] = problem.b(pattern, p, columns[l]);
  }
  std::vector<double> a(padded(problem.k));
  for (std::uint64_t i = rows.first; i < rows.last; ++i) {
    operands.row_of_a(i, a.data());
    for (std::size_t l = 0; l < kLines; ++l) {
      const std::uint64_t element = i * problem.n + columns[l];
      verdicts.judge(element, c[element], RandomOperands<T>::dot(a.data(), b[l].data(), problem.k));
    }
  }
}

}  // namespace

std::uint64_t roundings(std::uint64_t k) {
  return std::min(k, kDepthBlock) + panels_of(k, kDepthBlock) + 2;
}

template <class T>
ColumnSums sums_of_row(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t i,
                       const Range& columns) {
  return sums_of_rows(problem, pattern, {i}, columns)[0];
}

template <class T>
std::vector<Miscompare> check_samples(const Problem<T>& problem, std::uint64_t pattern,
                                      std::uint64_t sample, const T* c, Threads& threads) {
  Verdicts<T> verdicts(problem.k);
  Lines rows(kLines), columns(kLines);
  for (std::size_t line = 0; line < kLines; ++line) {
    rows[line] = pattern_word(sample, 2 * line) % problem.m;
    columns[line] = pattern_word(sample, 2 * line + 1) % problem.n;
  }
  threads.run([&](unsigned core) {
    const Range some_columns = share(problem.n, core, threads.count()),
                some_rows = share(problem.m, core, threads.count());
    if (!some_columns.empty()) check_rows(problem, pattern, rows, some_columns, c, verdicts);
    if (!some_rows.empty()) check_columns(problem, pattern, columns, some_rows, c, verdicts);
  });
  return verdicts.found();
}

#define RACKPROOF_SAMPLES_OF(T)                                                       \
  template ColumnSums sums_of_row<T>(const Problem<T>&, std::uint64_t, std::uint64_t, \
                                     const Range&);                                   \
  template std::vector<Miscompare> check_samples<T>(const Problem<T>&, std::uint64_t, \
                                                    std::uint64_t, const T*, Threads&)
RACKPROOF_SAMPLES_OF(float);
RACKPROOF_SAMPLES_OF(double);

}  // namespace rackproof::cpu
