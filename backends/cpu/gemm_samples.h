// SPDX-License-Identifier: Apache-2.0
// Rows and columns of a product of full mantissas, recomputed in higher precision.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cpu/gemm_problem.h"
#include "backends/cpu/threads.h"
#include "core/device.h"

namespace rackproof::cpu {

/// Recomputes two rows and two columns of c, chosen by `sample`: fp32 in double, fp64 in long
/// double. Returns the elements farther off than rounding allows: k + 2 roundings of each
/// precision, times the sum of |a||b| (Higham, Accuracy and Stability of Numerical Algorithms,
/// section 3.1; holds for any order of summation). `core` is not filled in.
template <class T>
[[nodiscard]] std::vector<Miscompare> check_samples(const Problem<T>& problem,
                                                    std::uint64_t pattern, std::uint64_t sample,
                                                    const T* c, Threads& threads);

}  // namespace rackproof::cpu
