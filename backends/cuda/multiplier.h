// SPDX-License-Identifier: Apache-2.0
// Matrix products by cuBLASLt: the fastest of its algorithms for the shape, searched once.
#pragma once

#include <memory>

#include "backends/cuda/driver.h"

namespace rackproof::cuda {

/// Null where cuBLASLt has nothing for the problem (both operands fp8_e5m2; sizes that are not
/// multiples of 16): the kernel of backends/kernels multiplies then. Throws kernels::Refused when
/// there is no cuBLASLt.
[[nodiscard]] std::unique_ptr<kernels::Multiplier> make_multiplier(CudaDriver& driver,
                                                                   const kernels::Problem& problem);

}  // namespace rackproof::cuda
