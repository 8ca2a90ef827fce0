// SPDX-License-Identifier: Apache-2.0
// The product that every iteration is compared with: how it came to be trusted, and whether its
// memory still holds it.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "backends/cpu/gemm_oracle.h"
#include "backends/cpu/gemm_problem.h"
#include "backends/cpu/gemm_seal.h"
#include "backends/cpu/memory.h"
#include "backends/cpu/threads.h"

namespace rackproof::cpu {

/// One for each prepared product; its calls use all cores of `threads`.
template <class T>
class Vouched {
 public:
  /// `memory` holds problem.elements() of T.
  Vouched(const Problem<T>& problem, std::shared_ptr<NodeMemory> memory, Threads& threads)
      : problem_(problem), memory_(std::move(memory)), threads_(threads) {}

  /// Forgets everything and gets ready for the data of `pattern`; what needs no candidate is there
  /// at once (Operands::error_free).
  void start(std::uint64_t pattern);
  [[nodiscard]] bool ready() const { return ready_; }
  /// Takes a product over that a kernel computed, its sign taken back. Operands::exact: rows that
  /// fail Freivalds' check are computed outright instead. Operands::random: as it is, since there
  /// is no golden; check_samples() judges the values.
  void take(const T* candidate, const Sign& sign);

  [[nodiscard]] const T* elements() const { return memory_->as<const T>(); }
  [[nodiscard]] const std::shared_ptr<NodeMemory>& memory() const { return memory_; }
  /// Of the elements as they were vouched for.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  /// The digest by which the supervisor knows a product c with its sign taken back; none: that of
  /// its elements.
  [[nodiscard]] std::optional<std::uint64_t> fingerprint(const T* c, const Sign& sign) const;

  /// Called with an element, its right bits and those held.
  using Found = std::function<void(std::uint64_t, std::uint64_t, std::uint64_t)>;
  /// Reads everything again; false and `found` for each element that changed since it was vouched
  /// for. `last` is a product just computed, of `sign` and digest `last_digest`: the right answer
  /// where it is still what was vouched for, and the best guess where there is no golden; else
  /// wrong rows are computed outright until kMaxSamples changes are found. Where even that shows
  /// none, element 0 stands in, with two sums of all words.
  [[nodiscard]] bool intact(const T* last, const Sign& sign, std::uint64_t last_digest,
                            const Found& found) const;

 private:
  template <class RowWork>
  void for_rows(const RowWork& work);
  void take_row(const T* candidate, const Sign& sign, std::uint64_t i);
  void remember();
  std::uint64_t find_changes(const T* right, const Sign& sign, std::uint64_t i,
                             const Found& found) const;
  std::uint64_t find_by_rows(const Found& found) const;

  Problem<T> problem_;
  std::shared_ptr<NodeMemory> memory_;
  Threads& threads_;
  std::uint64_t pattern_ = 0, digest_ = 0;
  Seal seal_;
  std::optional<Freivalds<T>> freivalds_;
  bool ready_ = false;
};

}  // namespace rackproof::cpu
