// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/gemm_vouching.h"

#include "backends/kernels/host_words.h"

namespace rackproof::kernels {
namespace {

__extension__ typedef __int128 SignedWide;
constexpr std::uint64_t kTermsWorthAThread = 1 << 16;

std::uint64_t mod_signed(SignedWide sum) {
  if (sum >= 0) return mod_reduce(static_cast<Wide>(sum));
  return mod_reduce(kPrime - mod_reduce(static_cast<Wide>(-sum)));
}

// Sum over at(i) * v[i]: numbers below 2^31 times numbers below 2^61, so that 2^20 of them fit.
template <class At>
std::uint64_t dot(const std::vector<std::uint64_t>& v, const At& at) {
  SignedWide sum = 0;
  for (std::uint64_t i = 0; i < v.size(); ++i)
    sum += static_cast<SignedWide>(at(i)) * static_cast<SignedWide>(v[i]);
  return mod_signed(sum);
}

// into[i] = value(i) for all of it.
template <class Value>
void compute(std::vector<std::uint64_t>& into, std::uint64_t terms_each, const Value& value) {
  for_parts(into.size(), kTermsWorthAThread / terms_each + 1, [&](const Range& part) {
    for (std::uint64_t i = part.first; i < part.last; ++i) into[i] = value(i);
  });
}

std::vector<std::uint64_t> vector_v(std::uint64_t n, std::uint64_t pattern) {
  std::vector<std::uint64_t> v(n);
  for (std::uint64_t j = 0; j < n; ++j) v[j] = fingerprint_v(pattern, j);
  return v;
}

// A whole number as the accumulator holds it.
template <class T>
T encoded(DType acc, std::int64_t value) {
  if (acc == DType::i32) return static_cast<T>(static_cast<std::uint32_t>(value));
  if (acc == DType::fp64)
    return static_cast<T>(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
  return static_cast<T>(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
}

template <class T>
std::vector<T> exact_row(const Problem& problem, std::uint64_t pattern, std::uint64_t i) {
  std::vector<std::int64_t> sums(problem.n, 0);
  for (std::uint64_t p = 0; p < problem.k; ++p) {
    const auto a = problem.a<std::int64_t>(pattern, i, p);
    for (std::uint64_t j = 0; j < problem.n; ++j)
      sums[j] += a * problem.b<std::int64_t>(pattern, p, j);
  }
  std::vector<T> row(problem.n);
  for (std::uint64_t j = 0; j < problem.n; ++j) row[j] = encoded<T>(problem.acc, sums[j]);
  return row;
}

template <class Number, class T>
std::vector<T> product_row(const Problem& problem, std::uint64_t pattern, std::uint64_t i) {
  const std::uint64_t p = error_free_column(pattern, i, problem.k);
  const auto a = problem.a<Number>(pattern, i, p);
  std::vector<T> row(problem.n);
  for (std::uint64_t j = 0; j < problem.n; ++j)
    row[j] = std::bit_cast<T>(static_cast<Number>(a * problem.b<Number>(pattern, p, j)));
  return row;
}

}  // namespace

Freivalds::Freivalds(const Problem& problem, std::uint64_t pattern)
    : pattern_(pattern), v_(vector_v(problem.n, pattern)), rows_(problem.m) {
  std::vector<std::uint64_t> bv(problem.k);
  compute(bv, problem.n, [&](std::uint64_t p) {
    return dot(v_, [&](std::uint64_t j) { return problem.b<std::int64_t>(pattern, p, j); });
  });
  compute(rows_, problem.k, [&](std::uint64_t i) {
    return dot(bv, [&](std::uint64_t p) { return problem.a<std::int64_t>(pattern, i, p); });
  });
}

std::vector<std::uint64_t> Freivalds::wrong_rows(const std::vector<std::uint64_t>& residues) const {
  std::vector<std::uint64_t> wrong;
  for (std::uint64_t i = 0; i < rows_.size(); ++i) {
    if (residues[i] != rows_[i]) wrong.push_back(i);
  }
  return wrong;
}

std::uint64_t Freivalds::fingerprint(const std::vector<std::uint64_t>& residues) const {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < residues.size(); ++i) {
    sum = mod_reduce(static_cast<Wide>(sum) +
                     mod_mul(fingerprint_u(pattern_, i), mod_reduce(residues[i])));
  }
  return sum;
}

template <class T>
std::vector<T> right_row(const Problem& problem, std::uint64_t pattern, std::uint64_t i) {
  using Number = std::conditional_t<sizeof(T) == 4, float, double>;
  if (problem.sparse()) return product_row<Number, T>(problem, pattern, i);
  return exact_row<T>(problem, pattern, i);
}

template std::vector<std::uint32_t> right_row(const Problem&, std::uint64_t, std::uint64_t);
template std::vector<std::uint64_t> right_row(const Problem&, std::uint64_t, std::uint64_t);

}  // namespace rackproof::kernels
