// SPDX-License-Identifier: Apache-2.0
// Who else works on a GPU.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hardware/conditions/gpu_facts.h"
#include "hardware/nvml/api.h"

namespace rackproof::nvml {

/// What NVML's lists of processes say, all of them or none.
struct Users {
  std::optional<std::vector<GpuProcess>> value;
  nvmlReturn_t code = NVML_SUCCESS;  ///< of the call that failed
  std::string why;                   ///< in words
};

/// Compute, graphics and MPS clients, each process once, by pid; without this process, its parent
/// (the supervisor) and the parent's other children.
[[nodiscard]] Users users_of(const Api& api, nvmlDevice_t gpu);

}  // namespace rackproof::nvml
