// SPDX-License-Identifier: Apache-2.0
// One matrix product as numbers, computed on the host from the pattern: apart from any kernel.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "core/oracle.h"
#include "core/workload.h"

namespace rackproof::kernels {

struct Problem {
  std::uint64_t m = 0, n = 0, k = 0;
  DType in = DType::fp32, acc = DType::fp32;
  Operands operands = Operands::exact;
  std::int64_t bound = 0;  ///< of exact operands; 0 for the others
  double roundoff = 0;     ///< of one addition, where it is more than the accumulator's type has

  [[nodiscard]] std::uint64_t elements() const { return m * n; }
  [[nodiscard]] std::uint64_t operand_elements() const { return m * k + k * n; }
  [[nodiscard]] bool sparse() const { return operands == Operands::error_free; }

  /// A full operand as T: an integer type for exact operands, float or double for the others.
  template <class T>
  [[nodiscard]] T operand(std::uint64_t word) const {
    if (bound > 0) return static_cast<T>(exact_operand(word, bound));
    if constexpr (std::is_same_v<T, float>) return random_operand(in, word);
    return static_cast<T>(random_fp64(word));
  }
  template <class T>
  [[nodiscard]] T a(std::uint64_t pattern, std::uint64_t i, std::uint64_t p) const {
    if (sparse() && p != error_free_column(pattern, i, k)) return 0;
    return operand<T>(stream_word(pattern, Stream::a, i * k + p));
  }
  template <class T>
  [[nodiscard]] T b(std::uint64_t pattern, std::uint64_t p, std::uint64_t j) const {
    return operand<T>(stream_word(pattern, Stream::b, p * n + j));
  }
};

}  // namespace rackproof::kernels
