// SPDX-License-Identifier: Apache-2.0
// A workload on a synthetic device: the model of time, the faults that strike, the tallies.
#pragma once

#include <memory>
#include <string>

#include "backends/synthetic/memory.h"
#include "backends/synthetic/quirks.h"
#include "backends/synthetic/work.h"
#include "core/device.h"

namespace rackproof {

/// What all work of one device shares.
struct SyntheticState {
  SyntheticState(const SyntheticDescription& description, std::uint64_t claimed_bytes);
  std::uint32_t cores;
  Quirks quirks;
  std::shared_ptr<SyntheticMemory> memory, host, far;  ///< far: the host's other NUMA nodes
};

/// `described` is describe(workload), which the digest depends on.
[[nodiscard]] std::unique_ptr<Prepared> make_synthetic_prepared(
    std::shared_ptr<SyntheticState> state, std::unique_ptr<Work> work, std::string described);

}  // namespace rackproof
