// SPDX-License-Identifier: Apache-2.0
// Pieces of rows and columns of a product of full mantissas, recomputed in higher precision.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/kernels/gemm_problem.h"
#include "core/device.h"

namespace rackproof::kernels {

/// Elements of C in one row or one column: first, first + step, ...
struct Line {
  std::uint64_t first = 0, step = 1, count = 0;
};
/// Two pieces of rows and two of columns, chosen by `sample`: whole ones where the host recomputes
/// them in a moment, else so much of them as it does.
[[nodiscard]] std::vector<Line> sampled_lines(const Problem& problem, std::uint64_t sample);

/// The elements of a line, `got` as read from C, that are farther off than rounding allows: 2 k + 2
/// roundings of their precision, whatever the order of summation, and k + 2 of the higher one,
/// times the sum of |a||b|. Source: Higham, Accuracy and Stability of Numerical Algorithms,
/// section 4.2.
[[nodiscard]] std::vector<Miscompare> check_line(const Problem& problem, std::uint64_t pattern,
                                                 const Line& line,
                                                 const std::vector<std::uint64_t>& got);

/// Why rounding may take an element of this product of random operands anywhere, so that nothing
/// would be too far off, with the greatest k where it may not; empty: a line can be checked.
[[nodiscard]] std::string why_no_bound(const Problem& problem);

}  // namespace rackproof::kernels
