// SPDX-License-Identifier: Apache-2.0
// Recordings as CUDA graphs: many launches for the host's price of one.
#pragma once

#include <functional>
#include <memory>

#include "backends/cuda/driver.h"

namespace rackproof::cuda {

/// What `work` starts on `queue`, captured instead of run. Throws what `work` throws, and
/// DeviceError for what a stream cannot capture; the queue takes work again in any case.
[[nodiscard]] std::unique_ptr<kernels::Recording> record_graph(CudaDriver& driver, Queue queue,
                                                               const std::function<void()>& work);

}  // namespace rackproof::cuda
