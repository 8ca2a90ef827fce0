// SPDX-License-Identifier: Apache-2.0
// Without persistence the driver forgets clocks, limits and volatile counters between two steps.
#include <fmt/format.h>

#include "hardware/conditions/gpu_facts.h"

namespace rackproof {
namespace {

ConditionRecord check(const GpuFacts& facts, const ConditionPlace& /*place*/) {
  if (!facts.persistence.value) return facts.persistence.unread();
  const bool on = *facts.persistence.value;
  return decided(on, on ? "persistence on" : "persistence off", "persistence on",
                 fmt::format("nvidia-smi -i {} -pm 1, or start nvidia-persistenced", facts.index));
}

[[maybe_unused]] const bool kRegistered =
    register_gpu_check<check>({.name = "gpu.persistence", .summary = "persistence mode is on"});

}  // namespace
}  // namespace rackproof
