// SPDX-License-Identifier: Apache-2.0
// Matrix products by cuBLASLt: the fastest of its algorithms for the shape, searched once.
#pragma once

#include <memory>

#include "backends/cuda/driver.h"

namespace rackproof::cuda {

/// Null where the kernel of backends/kernels multiplies: sizes that are not multiples of 16, both
/// operands fp8_e5m2, and fp32 and fp64 where cuBLASLt has nothing. Throws kernels::Refused when
/// there is no cuBLASLt, or when it has nothing for the problem on the units that it is to test.
[[nodiscard]] std::unique_ptr<kernels::Multiplier> make_multiplier(CudaDriver& driver,
                                                                   const kernels::Problem& problem);

}  // namespace rackproof::cuda
