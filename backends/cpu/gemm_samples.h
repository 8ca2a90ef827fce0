// SPDX-License-Identifier: Apache-2.0
// Rows and columns of a product of full mantissas, recomputed in higher precision.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cpu/gemm_problem.h"
#include "backends/cpu/gemm_sums.h"
#include "backends/cpu/threads.h"
#include "core/device.h"

namespace rackproof::cpu {

/// Roundings that one term of a sum over k can go through: those of its block of kDepthBlock steps,
/// then those of the blocks' sums.
[[nodiscard]] std::uint64_t roundings(std::uint64_t k);

/// Some elements of row i of the product in higher precision: columns [first, last).
template <class T>
[[nodiscard]] ColumnSums sums_of_row(const Problem<T>& problem, std::uint64_t pattern,
                                     std::uint64_t i, const Range& columns);

/// Recomputes two rows and two columns of c, chosen by `sample`: fp32 in double, fp64 in pairs of
/// doubles. Returns the elements farther off than rounding allows: roundings(k) of their precision
/// and k + 2 of the higher one, times the sum of |a||b| (Higham, Accuracy and Stability of
/// Numerical Algorithms, section 4.2). `core` is not filled in.
template <class T>
[[nodiscard]] std::vector<Miscompare> check_samples(const Problem<T>& problem,
                                                    std::uint64_t pattern, std::uint64_t sample,
                                                    const T* c, Threads& threads);

}  // namespace rackproof::cpu
