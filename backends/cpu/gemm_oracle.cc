// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_oracle.h"

#include <atomic>
#include <cmath>

#include "backends/cpu/gemm_kernels.h"

namespace rackproof::cpu {
namespace {

__extension__ typedef __int128 SignedWide;
constexpr std::uint64_t kChunk = 1024;  // so many 2^53 * 2^61 fit 128 bits with a sign

std::uint64_t residue_of_element(std::int32_t value) { return residue_i32(value); }
std::uint64_t residue_of_element(float value) { return residue_fp32(value); }
std::uint64_t residue_of_element(double value) { return residue_fp64(value); }

// The integer that `value` encodes in the one right way, as the residues of core/oracle.h have it.
bool whole(std::int32_t value, std::int64_t& number) {
  number = value;
  return true;
}
template <class T>
bool whole(T value, std::int64_t& number) {
  constexpr T kLargest = sizeof(T) == 4 ? T(16777216) : T(9007199254740992.0);
  if (!(std::fabs(value) <= kLargest)) return false;
  number = static_cast<std::int64_t>(value);
  return bits_of(static_cast<T>(number)) == bits_of(value);
}

std::uint64_t mod_add(std::uint64_t a, std::uint64_t b) {
  return mod_reduce(static_cast<Wide>(a) + b);
}

std::uint64_t mod_signed(SignedWide sum) {
  if (sum >= 0) return mod_reduce(static_cast<Wide>(sum));
  return mod_reduce(kPrime - mod_reduce(static_cast<Wide>(-sum)));
}

// Sum over at(i) * v[i]; at(i) are integers below 2^53 in magnitude.
template <class At>
std::uint64_t dot(std::uint64_t count, const std::uint64_t* v, const At& at) {
  std::uint64_t total = 0;
  for (std::uint64_t first = 0; first < count; first += kChunk) {
    SignedWide sum = 0;
    const std::uint64_t last = std::min(count, first + kChunk);
    for (std::uint64_t i = first; i < last; ++i)
      sum += static_cast<SignedWide>(at(i)) * static_cast<SignedWide>(v[i]);
    total = mod_add(total, mod_signed(sum));
  }
  return total;
}

std::vector<std::uint64_t> vector_v(std::uint64_t n, std::uint64_t pattern) {
  std::vector<std::uint64_t> v(n);
  for (std::uint64_t j = 0; j < n; ++j) v[j] = fingerprint_v(pattern, j);
  return v;
}

std::uint64_t joined(const std::array<std::int64_t, 3>& sums) {
  SignedWide total = 0;
  for (unsigned part = 0; part < sums.size(); ++part)
    total += static_cast<SignedWide>(sums[part]) * (SignedWide{1} << (Weights::kBits * part));
  return mod_signed(total);
}

template <class T>
std::uint64_t digest_of_range(const T* c, const Range& r, const Sign& sign) {
  const std::uint64_t size = r.last - r.first;
  if constexpr (sizeof(T) == 4) {
    return gemm_kernels().digest32(reinterpret_cast<const std::uint32_t*>(c) + r.first, size,
                                   r.first, sign);
  } else {
    return gemm_kernels().digest64(reinterpret_cast<const std::uint64_t*>(c) + r.first, size,
                                   r.first, sign);
  }
}

// fn(i) for every i below `count`, shared out to the cores.
template <class Fn>
void for_each_share(Threads& threads, std::uint64_t count, const Fn& fn) {
  threads.run([&](unsigned core) {
    const Range mine = share(count, core, threads.count());
    for (std::uint64_t i = mine.first; i < mine.last; ++i) fn(i);
  });
}

}  // namespace

template <class T>
Freivalds<T>::Freivalds(const Problem<T>& problem, std::uint64_t pattern, Threads& threads)
    : m_(problem.m),
      n_(problem.n),
      pattern_(pattern),
      v_(vector_v(problem.n, pattern)),
      rows_(problem.m),
      weights_(v_) {
  std::vector<std::uint64_t> bv(problem.k);
  const std::uint64_t k = problem.k;
  for_each_share(threads, k, [&](std::uint64_t p) {
    bv[p] = dot(n_, v_.data(), [&](std::uint64_t j) {
      return static_cast<std::int64_t>(problem.b(pattern, p, j));
    });
  });
  for_each_share(threads, m_, [&](std::uint64_t i) {
    rows_[i] = dot(k, bv.data(), [&](std::uint64_t p) {
      return static_cast<std::int64_t>(problem.a(pattern, i, p, k));
    });
  });
}

template <class T>
std::uint64_t Freivalds<T>::residue_of(const T* row) const {
  std::uint64_t total = 0;
  for (std::uint64_t first = 0; first < n_; first += kResidueChunk)
    total = mod_add(total, chunk_residue(row, first, std::min(n_ - first, kResidueChunk)));
  return total;
}

template <class T>
std::uint64_t Freivalds<T>::chunk_residue(const T* row, std::uint64_t first,
                                          std::uint64_t count) const {
  if constexpr (std::is_same_v<T, std::int32_t>) {
    return joined(residue_kernels().i32(row + first, weights_.from(first), count));
  }
  if constexpr (std::is_same_v<T, float>) {
    std::array<std::int64_t, 3> sums{};
    if (residue_kernels().fp32(row + first, weights_.from(first), count, sums)) return joined(sums);
  }
  std::uint64_t odd_ones = 0;  // elements that are no integers at all
  const std::uint64_t sum = dot(count, v_.data() + first, [&](std::uint64_t i) {
    const std::uint64_t j = first + i;
    std::int64_t number = 0;
    if (whole(row[j], number)) return number;
    odd_ones = mod_add(odd_ones, mod_mul(residue_of_element(row[j]), v_[j]));
    return std::int64_t{0};
  });
  return mod_add(sum, odd_ones);
}

template <class T>
std::uint64_t Freivalds<T>::fingerprint(const T* c, const Sign& sign, Threads& threads) const {
  std::vector<std::uint64_t> terms(m_);
  for_each_share(threads, m_, [&](std::uint64_t i) {
    std::vector<T> row(c + i * n_, c + (i + 1) * n_);
    for (T& element : row) element = sign.turned(element);
    terms[i] = mod_mul(fingerprint_u(pattern_, i), residue_of(row.data()));
  });
  std::uint64_t sum = 0;
  for (const std::uint64_t term : terms) sum = mod_add(sum, term);
  return sum;
}

template <class T>
void right_row(const Problem<T>& problem, std::uint64_t pattern, std::uint64_t i, T* row) {
  const std::uint64_t only = problem.only_column(pattern, i);
  if (only < problem.k) {
    const T a = problem.a(pattern, i, only, only);
    for (std::uint64_t j = 0; j < problem.n; ++j) row[j] = a * problem.b(pattern, only, j);
    return;
  }
  std::vector<std::int64_t> sums(problem.n, 0);
  for (std::uint64_t p = 0; p < problem.k; ++p) {
    const auto a = static_cast<std::int64_t>(problem.a(pattern, i, p, only));
    for (std::uint64_t j = 0; j < problem.n; ++j)
      sums[j] += a * static_cast<std::int64_t>(problem.b(pattern, p, j));
  }
  for (std::uint64_t j = 0; j < problem.n; ++j) row[j] = static_cast<T>(sums[j]);
}

template <class T>
std::uint64_t digest_of(const T* c, std::uint64_t count, const Sign& sign, Threads& threads) {
  std::atomic<std::uint64_t> digest{0};
  threads.run([&](unsigned core) {
    const Range mine = share(count, core, threads.count());
    digest += digest_of_range(c, mine, sign);
  });
  return digest;
}

#define RACKPROOF_ORACLE_OF(T)                                                     \
  template class Freivalds<T>;                                                     \
  template void right_row<T>(const Problem<T>&, std::uint64_t, std::uint64_t, T*); \
  template std::uint64_t digest_of<T>(const T*, std::uint64_t, const Sign&, Threads&)
RACKPROOF_ORACLE_OF(std::int32_t);
RACKPROOF_ORACLE_OF(float);
RACKPROOF_ORACLE_OF(double);

}  // namespace rackproof::cpu
