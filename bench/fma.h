// SPDX-License-Identifier: Apache-2.0
// Multiply-adds on registers alone, by the best instruction set of this CPU.
#pragma once

#include <cstdint>

namespace rackproof::bench {

/// Each does `steps` rounds of independent multiply-adds on one thread and returns the operations
/// (two a multiply-add) that it did.
struct FmaKernels {
  double (*fp32)(std::uint64_t steps);
  double (*fp64)(std::uint64_t steps);
};
[[nodiscard]] const FmaKernels& fma_kernels();

}  // namespace rackproof::bench
