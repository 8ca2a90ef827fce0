// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/gemm_vouched.h"

#include <algorithm>
#include <vector>

#include "core/device.h"

namespace rackproof::cpu {

template <class T>
void Vouched<T>::start(std::uint64_t pattern) {
  ready_ = false;
  pattern_ = pattern;
  if (problem_.operands == Operands::exact) freivalds_.emplace(problem_, pattern, threads_);
  if (problem_.operands != Operands::error_free) return;
  for_rows([&](std::uint64_t i) {
    right_row(problem_, pattern_, i, memory_->as<T>() + i * problem_.n);
  });
  remember();
}

template <class T>
void Vouched<T>::take(const T* candidate, const Sign& sign) {
  for_rows([&](std::uint64_t i) { take_row(candidate + i * problem_.n, sign, i); });
  remember();
}

template <class T>
void Vouched<T>::take_row(const T* candidate, const Sign& sign, std::uint64_t i) {
  T* row = memory_->as<T>() + i * problem_.n;
  std::transform(candidate, candidate + problem_.n, row,
                 [&](T element) { return sign.turned(element); });
  // Of the copy: what was checked of the candidate might not be what was copied.
  if (freivalds_ && !freivalds_->right(i, freivalds_->residue_of(row)))
    right_row(problem_, pattern_, i, row);
}

template <class T>
std::optional<std::uint64_t> Vouched<T>::fingerprint(const T* c, const Sign& sign) const {
  if (!freivalds_) return std::nullopt;
  return freivalds_->fingerprint(c, sign, threads_);
}

template <class T>
bool Vouched<T>::intact(const T* last, const Sign& sign, std::uint64_t last_digest,
                        const Found& found) const {
  const Seal now = seal_of(*memory_, threads_);
  if (now == seal_) return true;
  std::uint64_t changes = 0;
  if (last_digest == digest_ || problem_.operands == Operands::random) {
    for (std::uint64_t i = 0; i < problem_.m; ++i)
      changes += find_changes(last + i * problem_.n, sign, i, found);
  } else {
    changes = find_by_rows(found);
  }
  if (changes == 0) found(0, seal_.sum, now.sum);
  return false;
}

template <class T>
std::uint64_t Vouched<T>::find_by_rows(const Found& found) const {
  std::vector<T> row(problem_.n);
  std::uint64_t changes = 0;
  for (std::uint64_t i = 0; i < problem_.m && changes < kMaxSamples; ++i) {
    if (freivalds_ && freivalds_->right(i, freivalds_->residue_of(elements() + i * problem_.n)))
      continue;
    right_row(problem_, pattern_, i, row.data());
    changes += find_changes(row.data(), {}, i, found);
  }
  return changes;
}

template <class T>
std::uint64_t Vouched<T>::find_changes(const T* right, const Sign& sign, std::uint64_t i,
                                       const Found& found) const {
  std::uint64_t changes = 0;
  for (std::uint64_t j = 0; j < problem_.n; ++j) {
    const std::uint64_t wanted = bits_of(sign.turned(right[j])),
                        held = bits_of(elements()[i * problem_.n + j]);
    if (wanted == held) continue;
    found(i * problem_.n + j, wanted, held);
    ++changes;
  }
  return changes;
}

template <class T>
void Vouched<T>::remember() {
  memory_->changed();
  digest_ = digest_of(elements(), problem_.elements(), {}, threads_);
  seal_ = seal_of(*memory_, threads_);
  ready_ = true;
}

template <class T>
template <class RowWork>
void Vouched<T>::for_rows(const RowWork& work) {
  threads_.run([&](unsigned core) {
    const Range rows = share(problem_.m, (core + 1) % threads_.count(), threads_.count());
    for (std::uint64_t i = rows.first; i < rows.last; ++i) work(i);
  });
}

template class Vouched<std::int32_t>;
template class Vouched<float>;
template class Vouched<double>;

}  // namespace rackproof::cpu
