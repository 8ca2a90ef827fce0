// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/gemm_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "backends/kernels/host_words.h"

namespace rackproof::kernels {
namespace {

constexpr std::uint64_t kLines = 2;               // rows, and as many columns
constexpr std::uint64_t kTermsOfALine = 1 << 20;  // milliseconds
constexpr std::uint64_t kLeastElements = 16;
constexpr std::uint64_t kTermsWorthAThread = 1 << 16;

template <class T>
using Higher = std::conditional_t<std::is_same_v<T, float>, double, long double>;

template <class Precision, class H>
H gamma(std::uint64_t roundings, double roundoff = 0) {
  const H u = std::max(static_cast<H>(roundoff),
                       static_cast<H>(std::numeric_limits<Precision>::epsilon()) / 2);
  const H ku = static_cast<H>(roundings) * u;
  return ku < 1 ? ku / (1 - ku) : std::numeric_limits<H>::infinity();
}

template <class T>
T value_of_bits(std::uint64_t bits) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  else
    return std::bit_cast<double>(bits);
}
template <class T>
std::uint64_t bits_of_value(T value) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<std::uint32_t>(value);
  else
    return std::bit_cast<std::uint64_t>(value);
}

// An element in higher precision, and the sum of its terms' magnitudes.
template <class T>
struct Reference {
  Higher<T> value = 0, magnitude = 0;
  Reference(const Problem& problem, std::uint64_t pattern, std::uint64_t element) {
    const std::uint64_t i = element / problem.n, j = element % problem.n;
    for (std::uint64_t p = 0; p < problem.k; ++p) {
      const Higher<T> term = static_cast<Higher<T>>(problem.a<T>(pattern, i, p)) *
                             static_cast<Higher<T>>(problem.b<T>(pattern, p, j));
      value += term;
      magnitude += std::fabs(term);
    }
  }
};

// Of an element's error, as a share of the sum of its terms' magnitudes.
template <class T>
Higher<T> bound_of(const Problem& problem) {
  return gamma<T, Higher<T>>(2 * problem.k + 2, problem.roundoff) +
         2 * gamma<Higher<T>, Higher<T>>(problem.k + 2);
}

template <class T>
std::vector<Miscompare> check_as(const Problem& problem, std::uint64_t pattern, const Line& line,
                                 const std::vector<std::uint64_t>& got) {
  const Higher<T> bound = bound_of<T>(problem);
  std::vector<Miscompare> found;
  std::mutex mutex;
  for_parts(line.count, kTermsWorthAThread / problem.k + 1, [&](const Range& part) {
    for (std::uint64_t e = part.first; e < part.last; ++e) {
      const std::uint64_t element = line.first + e * line.step;
      const Reference<T> right(problem, pattern, element);
      const Higher<T> error = std::fabs(value_of_bits<T>(got[e]) - right.value);
      if (error <= bound * right.magnitude) continue;  // false for a NaN
      const std::lock_guard lock(mutex);
      found.push_back({.element = element,
                       .expected = bits_of_value(static_cast<T>(right.value)),
                       .got = got[e]});
    }
  });
  return found;
}

}  // namespace

std::vector<Line> sampled_lines(const Problem& problem, std::uint64_t sample) {
  std::uint64_t drawn = 0;
  const auto draw = [&](std::uint64_t below) { return pattern_word(sample, drawn++) % below; };
  const std::uint64_t most = std::max(kTermsOfALine / problem.k, kLeastElements);
  const std::uint64_t in_row = std::min(problem.n, most), in_column = std::min(problem.m, most);
  std::vector<Line> lines;
  for (std::uint64_t i = 0; i < kLines; ++i) {
    const std::uint64_t row = draw(problem.m), from = draw(problem.n - in_row + 1);
    lines.push_back({row * problem.n + from, 1, in_row});
    const std::uint64_t column = draw(problem.n), top = draw(problem.m - in_column + 1);
    lines.push_back({top * problem.n + column, problem.n, in_column});
  }
  return lines;
}

// Sums of k terms of either sign are spread by more than 1 / sqrt(k) of their magnitudes: at the
// limit a few of a hundred elements still lie beyond the bound.
std::string why_no_samples(const Problem& problem) {
  constexpr double kMostSpreads = 2.5;
  if (problem.operands != Operands::random) return "";
  const auto bound = problem.acc == DType::fp64 ? static_cast<double>(bound_of<double>(problem))
                                                : bound_of<float>(problem);
  if (bound <= kMostSpreads / std::sqrt(static_cast<double>(problem.k))) return "";
  return fmt::format(
      "random operands of {} sum up {} products here: rounding may make as much of such a sum as "
      "it "
      "is, so that no sample could prove it wrong; exact and error_free ones are proven",
      name(problem.in), problem.k);
}

std::vector<Miscompare> check_line(const Problem& problem, std::uint64_t pattern, const Line& line,
                                   const std::vector<std::uint64_t>& got) {
  return problem.acc == DType::fp64 ? check_as<double>(problem, pattern, line, got)
                                    : check_as<float>(problem, pattern, line, got);
}

}  // namespace rackproof::kernels
