// SPDX-License-Identifier: Apache-2.0
// Test doubles of comparators that are in use elsewhere, written by us: what would they have seen
// of the same faults? Facts: gpu-burn and DCGM's diagnostic plugin compare a product with the
// device's own first iteration at absolute eps 1e-3 (fp32) and 1e-7 (fp64), and fabs(NaN) > eps is
// false.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.h"

namespace rackproof {

struct Comparator {
  std::string_view name;
  bool own_first = true;              ///< against the device's own first iteration, not a golden
  double eps_fp32 = 0, eps_fp64 = 0;  ///< absolute; 0: bit for bit
  bool sees_nan = true;
};
/// Those that are compared with ours.
[[nodiscard]] const std::array<Comparator, 4>& comparators();

/// Whether it would have seen what this burst's findings, in a gemm's result, show. A fault that
/// lasts is there in the first iteration as well.
[[nodiscard]] bool sees(const Comparator& comparator, const FaultRecord& fault,
                        const std::vector<const Finding*>& findings);

}  // namespace rackproof
