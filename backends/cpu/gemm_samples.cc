// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_samples.h"

#include <cmath>
#include <limits>
#include <mutex>

#include "backends/cpu/gemm_blocks.h"
#include "backends/cpu/gemm_oracle.h"

namespace rackproof::cpu {
namespace {

constexpr std::size_t kLines = 2;  // rows, and as many columns

template <class T>
using Higher = std::conditional_t<std::is_same_v<T, float>, double, long double>;

// An element in higher precision, and the sum of its terms' magnitudes.
template <class T>
struct Reference {
  Higher<T> value = 0, magnitude = 0;
  void add(T a, T b) {
    const Higher<T> term = static_cast<Higher<T>>(a) * static_cast<Higher<T>>(b);
    value += term;
    magnitude += std::fabs(term);
  }
};

template <class Precision, class H>
H gamma(std::uint64_t roundings) {
  const H ku =
      static_cast<H>(roundings) * static_cast<H>(std::numeric_limits<Precision>::epsilon()) / 2;
  return ku / (1 - ku);
}

// Where samples write what they find; any thread.
template <class T>
class Verdicts {
 public:
  explicit Verdicts(std::uint64_t k)
      : bound_(gamma<T, Higher<T>>(roundings(k)) + 2 * gamma<Higher<T>, Higher<T>>(k + 2)) {}
  void judge(std::uint64_t element, T got, const Reference<T>& right) {
    const Higher<T> error = std::fabs(static_cast<Higher<T>>(got) - right.value);
    if (error <= bound_ * right.magnitude) return;  // false for a NaN
    const std::lock_guard lock(mutex_);
    found_.push_back({0, element, bits_of(static_cast<T>(right.value)), bits_of(got)});
  }
  [[nodiscard]] std::vector<Miscompare> found() const { return found_; }

 private:
  Higher<T> bound_;
  std::mutex mutex_;
  std::vector<Miscompare> found_;
};

template <class T>
void check_row(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t i,
               const Range& columns, const T* c, Verdicts<T>& verdicts) {
  std::vector<Reference<T>> sums(columns.last - columns.first);
  for (std::uint64_t p = 0; p < problem.k; ++p) {
    const T a = problem.a(pattern, i, p, problem.k);
    for (std::uint64_t j = columns.first; j < columns.last; ++j)
      sums[j - columns.first].add(a, problem.b(pattern, p, j));
  }
  for (std::uint64_t j = columns.first; j < columns.last; ++j) {
    verdicts.judge(i * problem.n + j, c[i * problem.n + j], sums[j - columns.first]);
  }
}

template <class T>
void check_column(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t j,
                  const Range& rows, const T* c, Verdicts<T>& verdicts) {
  std::vector<T> b(problem.k);
  for (std::uint64_t p = 0; p < problem.k; ++p) b[p] = problem.b(pattern, p, j);
  for (std::uint64_t i = rows.first; i < rows.last; ++i) {
    Reference<T> sum;
    for (std::uint64_t p = 0; p < problem.k; ++p)
      sum.add(problem.a(pattern, i, p, problem.k), b[p]);
    verdicts.judge(i * problem.n + j, c[i * problem.n + j], sum);
  }
}

}  // namespace

std::uint64_t roundings(std::uint64_t k) {
  return std::min(k, kDepthBlock) + panels_of(k, kDepthBlock) + 2;
}

template <class T>
std::vector<Miscompare> check_samples(const Problem<T>& problem, std::uint64_t pattern,
                                      std::uint64_t sample, const T* c, Threads& threads) {
  Verdicts<T> verdicts(problem.k);
  threads.run([&](unsigned core) {
    for (std::uint64_t line = 0; line < kLines; ++line) {
      const std::uint64_t i = pattern_word(sample, 2 * line) % problem.m,
                          j = pattern_word(sample, 2 * line + 1) % problem.n;
      check_row(problem, pattern, i, share(problem.n, core, threads.count()), c, verdicts);
      check_column(problem, pattern, j, share(problem.m, core, threads.count()), c, verdicts);
    }
  });
  return verdicts.found();
}

template std::vector<Miscompare> check_samples<float>(const Problem<float>&, std::uint64_t,
                                                      std::uint64_t, const float*, Threads&);
template std::vector<Miscompare> check_samples<double>(const Problem<double>&, std::uint64_t,
                                                       std::uint64_t, const double*, Threads&);

}  // namespace rackproof::cpu
