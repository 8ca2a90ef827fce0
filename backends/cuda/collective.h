// SPDX-License-Identifier: Apache-2.0
// Collectives by NCCL, taken from its library at run time: each rank is a process of its own.
#pragma once

#include <memory>
#include <string>

#include "backends/cuda/driver.h"

namespace rackproof::cuda {

/// NCCL's unique id. Both throw kernels::Refused where NCCL is missing.
[[nodiscard]] std::string nccl_id();
/// Waits for the other ranks.
[[nodiscard]] std::unique_ptr<kernels::Collector> make_collector(CudaDriver& driver,
                                                                 const Reduce& reduce);

}  // namespace rackproof::cuda
