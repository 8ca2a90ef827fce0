// SPDX-License-Identifier: Apache-2.0
// One matrix product as numbers: its operands by the pattern, element by element, apart from any
// kernel, and the pieces of C that the cores take.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/oracle.h"
#include "core/workload.h"

namespace rackproof::cpu {

/// T is C's type: int32 stands for int8 operands.
template <class T>
struct Problem {
  std::uint64_t m = 0, n = 0, k = 0;
  Operands operands = Operands::exact;
  std::int64_t bound = 0;  ///< of exact operands
  DType in = DType::fp32;  ///< of random operands, where T is float

  [[nodiscard]] T operand(std::uint64_t word) const {
    if (operands == Operands::exact) return static_cast<T>(exact_operand(word, bound));
    if constexpr (std::is_same_v<T, float>) return random_operand(in, word);
    if constexpr (std::is_same_v<T, double>) return random_fp64(word);
    return 0;
  }
  /// The only column of row i of a that is not zero; k when all are full.
  [[nodiscard]] std::uint64_t only_column(std::uint64_t pattern, std::uint64_t i) const {
    return operands == Operands::error_free ? error_free_column(pattern, i, k) : k;
  }
  /// a[i, p], where `only` is only_column of row i.
  [[nodiscard]] T a(std::uint64_t pattern, std::uint64_t i, std::uint64_t p,
                    std::uint64_t only) const {
    if (only < k && p != only) return 0;
    return operand(stream_word(pattern, Stream::a, i * k + p));
  }
  [[nodiscard]] T b(std::uint64_t pattern, std::uint64_t p, std::uint64_t j) const {
    return operand(stream_word(pattern, Stream::b, p * n + j));
  }
  [[nodiscard]] std::uint64_t elements() const { return m * n; }
};

}  // namespace rackproof::cpu
