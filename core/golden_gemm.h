// SPDX-License-Identifier: Apache-2.0
// Goldens of gemms.
#pragma once

#include <istream>
#include <memory>

#include "core/golden_sum.h"

namespace rackproof {

/// Reads what describe() writes behind "gemm". Null: random operands, which have no golden. An
/// Error without a message where that is no gemm.
[[nodiscard]] Expected<std::unique_ptr<GoldenSum>> gemm_golden(std::istream& in,
                                                               std::uint64_t pattern);

}  // namespace rackproof
